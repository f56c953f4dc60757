"""Hears PostgreSQL's notifications, for whoever may learn something sooner so.

The law: a notification is a hint and may be missed; whoever hears it polls besides.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import structlog

from service.db.engine import DB, UNREACHABLE

AGAIN: Final = 5.0
"""Seconds before listening is tried again."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def listening(
    channel: str, heard: Callable[[], None], *, again: float = AGAIN
) -> AsyncIterator[None]:
    """Call `heard` for each notification until this ends.

    It is called on (re)connecting too, for what may have been missed. The connection is
    not of the pool: it is held throughout.
    """
    task = asyncio.create_task(_listen(channel, heard, again))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _listen(channel: str, heard: Callable[[], None], again: float) -> None:
    while True:
        try:
            await _listen_once(channel, heard)
        except UNREACHABLE as error:
            log.info("not listening", channel=channel, error=type(error).__name__)
        await asyncio.sleep(again)


async def _listen_once(channel: str, heard: Callable[[], None]) -> None:
    connection = await asyncpg.connect(**DB.config, timeout=AGAIN)
    lost = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(channel, lambda *_: heard())
        heard()
        await lost.wait()
    finally:
        connection.terminate()
