"""Delivers what waits in the outbox, one by one, until it is told to stop.

The law: one delivery that fails, in whatever way, stops no other; and of a failure only
its kind is kept, since what a server answers may name people.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final

import structlog

from service.db.reach import EVERYONE, within_reach
from service.jobs import outbox
from service.jobs.outbox import Due, GivenUp

POLL: Final = 5.0
"""Seconds between two looks into the outbox while nothing is due."""
GRACE: Final = 25.0
"""Seconds that a delivery under way is given to end: more than one may take."""

Deliver = Callable[[Due, datetime], Awaitable[None]]
"""Sends one delivery, at an instant; whatever it raises, it is tried again later."""
Clock = Callable[[], datetime]

log = structlog.get_logger(__name__)


@asynccontextmanager
async def delivering(
    by_kind: Mapping[str, Deliver], clock: Clock, *, poll: float = POLL
) -> AsyncIterator[None]:
    """Deliver what is due, of these kinds, until this ends; other kinds are held."""
    if not by_kind:
        yield
        return
    stop = asyncio.Event()
    task = asyncio.create_task(_work(by_kind, clock, stop, poll))
    try:
        yield
    finally:
        stop.set()
        # Cut short, a mail that has been sent might not be marked so.
        await asyncio.wait([task], timeout=GRACE)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _work(
    by_kind: Mapping[str, Deliver], clock: Clock, stop: asyncio.Event, poll: float
) -> None:
    while not stop.is_set():
        try:
            found = await deliver_next(by_kind, clock)
        except Exception as error:  # noqa: BLE001 - the next look may find all well
            log.warning("could not look into the outbox", error=type(error).__name__)
            found = False
        if not found:
            with suppress(TimeoutError):
                async with asyncio.timeout(poll):
                    await stop.wait()


async def deliver_next(
    by_kind: Mapping[str, Deliver],
    clock: Clock,
    chance: Callable[[], float] = random.random,
) -> bool:
    """Deliver one thing of these kinds; return False if none was due."""
    with within_reach(EVERYONE):
        due = await outbox.next_due(by_kind.keys(), now=clock(), chance=chance())
        if due is None:
            return False
        error = await _failure(by_kind[due.kind], due, clock())
        if error is None:
            await outbox.delivered(due, now=clock())
            log.info("delivered", delivery=str(due.id), kind=due.kind)
        else:
            await _put_off(due, error, clock())
    return True


async def _failure(deliver: Deliver, due: Due, now: datetime) -> Exception | None:
    """Try to deliver; return how that failed, if it did."""
    try:
        await deliver(due, now)
    except Exception as error:  # noqa: BLE001 - the law of this module
        return error
    return None


async def _put_off(due: Due, error: Exception, now: datetime) -> None:
    why = " ".join([type(error).__name__, *_code(error)])
    over = await outbox.failed(due, why, now=now, final=isinstance(error, GivenUp))
    log.warning(
        "delivery given up" if over else "not delivered",
        delivery=str(due.id),
        kind=due.kind,
        attempt=due.attempt,
        error=why,
    )


def _code(error: Exception) -> list[str]:
    """Return the number a server refused with, if it gave one."""
    code = getattr(error, "code", None)
    return [str(int(code))] if isinstance(code, int) else []
