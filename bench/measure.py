"""Times things: how many a second, and how much processor time each takes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

WARM: Final = 50
"""Calls that are not counted: caches fill, statements are prepared."""
AT_ONCE: Final = 4
SECONDS: Final = 1.5


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of the report."""

    name: str
    value: float
    unit: str
    cpu_us: float | None = None
    """Microseconds of one process's time a call; the database's are not in it."""
    ratio: float | None = None
    """To the bare endpoint, by `cpu_us`."""
    target: float | None = None
    """The ratio to aim for, at most."""


async def calls(
    name: str,
    call: Callable[[], Awaitable[object]],
    *,
    cpu: Callable[[], float] = time.process_time,
    seconds: float = SECONDS,
) -> Measure:
    """Call again and again for some seconds, a few at once.

    `cpu` reads how many seconds of processor time the process under test has used.
    """
    for _ in range(WARM):
        await call()
    done = 0
    began, used = time.perf_counter(), cpu()

    async def work() -> None:
        nonlocal done
        while time.perf_counter() < began + seconds:
            await call()
            done += 1

    async with asyncio.TaskGroup() as workers:
        for _ in range(AT_ONCE):
            workers.create_task(work())
    took, spent = time.perf_counter() - began, cpu() - used
    return Measure(name, done / took, "a second", 1e6 * spent / done)


async def rows(name: str, work: Awaitable[int]) -> Measure:
    """Time one piece of work that says how many rows it did."""
    began, used = time.perf_counter(), time.process_time()
    done = await work
    took, cpu = time.perf_counter() - began, time.process_time() - used
    return Measure(name, done / took, "rows a second", 1e6 * cpu / max(done, 1))
