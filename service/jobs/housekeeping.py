"""Forgets answers after a day, deliveries after a month, tokens once they have died."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from service.auth.actions import forget_dead_tokens
from service.auth.revocation import forget_dead_revocations
from service.auth.sign_in.attempts import forget_attempts
from service.auth.sign_in.sessions import forget_sessions
from service.auth.spent import forget_spent
from service.edge.idempotency import forget_old
from service.edge.rates import forget_windows
from service.errors import Refusal
from service.jobs.outbox import forget_delivered

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
        "deliveries": await forget_delivered(now),
        "revocations": await forget_dead_revocations(now),
        "sessions": await forget_sessions(now),
        "sign_ins": await forget_attempts(now),
    }


@asynccontextmanager
async def tidying(
    clock: Callable[[], datetime], *also: Callable[[datetime], Awaitable[None]]
) -> AsyncIterator[None]:
    """Tidy now and every hour until this ends, and do what `also` is due by then.

    What fails waits for the next round, and stops nothing else.
    """
    task = asyncio.create_task(_rounds(clock, [_tidy, *also]))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _rounds(
    clock: Callable[[], datetime],
    works: Sequence[Callable[[datetime], Awaitable[None]]],
) -> None:
    while True:
        for work in works:
            try:
                await work(clock())
            except (Refusal, OSError, asyncpg.PostgresError) as error:
                kind = type(error).__name__
                log.warning("could not tidy", work=work.__name__, error=kind)
        await asyncio.sleep(EVERY)


async def _tidy(now: datetime) -> None:
    log.info("tidied", **await tidy(now))
