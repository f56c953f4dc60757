"""Forgets kept answers after a day, and tokens and proofs once they have died."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from service.auth.actions import forget_dead_tokens
from service.auth.revocation import forget_dead_revocations
from service.auth.spent import forget_spent
from service.edge.idempotency import forget_old
from service.edge.rates import forget_windows
from service.errors import Unavailable

EVERY: Final = 3600.0
"""Seconds between two rounds."""

log = structlog.get_logger(__name__)


async def tidy(now: datetime) -> dict[str, int]:
    """Forget what is over; return how much of each."""
    return {
        "answers": await forget_old(now),
        "tokens": await forget_dead_tokens(now),
        "counts": await forget_windows(),
        "proofs": await forget_spent(now),
        "revocations": await forget_dead_revocations(now),
    }


@asynccontextmanager
async def tidying(clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Tidy now and every hour until this ends; a failed round waits for the next."""
    task = asyncio.create_task(_rounds(clock))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _rounds(clock: Callable[[], datetime]) -> None:
    while True:
        try:
            log.info("tidied", **await tidy(clock()))
        except (Unavailable, OSError, asyncpg.PostgresError) as error:
            log.warning("could not tidy", error=type(error).__name__)
        await asyncio.sleep(EVERY)
