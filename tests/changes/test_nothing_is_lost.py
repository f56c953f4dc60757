"""Nothing that was acknowledged is lost, doubled or invented, whoever is killed."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine

import pytest

from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.embedded import EmbeddedPostgres
from service.db.migrations import migrate
from tests.changes.feeds import a_feed, organisations
from tests.changes.load import WRITERS, Read, Written, cut_off, read, write
from tests.db.running import passable_folder, runs, server_pid, until

pytestmark = pytest.mark.slow

SECONDS = 6


def check(written: Written, told: Read) -> None:
    """0 lost, 0 doubled, 0 phantom, 0 gaps, at every moment of the reading."""
    streams = told.by_number.values()
    entities = [entity for stream in streams for _, entity in stream]
    assert written.acknowledged - set(entities) == set()
    assert len(entities) == len(set(entities))
    assert set(entities) - written.acknowledged - written.in_doubt == set()
    for stream in streams:  # In the order told: the next was always the last + 1.
        assert [number for number, _ in stream] == [*range(1, len(stream) + 1)]


async def under_load(
    feed: Addresses,
    written: Written,
    told: Read,
    *,
    seconds: float,
    trouble: Callable[[float], Coroutine[None, None, None]],
) -> None:
    """Write and read for some seconds, through `trouble`, then read to the end."""
    codes = await organisations(feed, 3)
    end = time.monotonic() + seconds
    over = asyncio.Event()
    async with asyncio.TaskGroup() as others:
        others.create_task(read(feed, told, over.is_set))
        async with asyncio.TaskGroup() as writers:
            writers.create_task(trouble(end))
            for seed in range(WRITERS):
                writers.create_task(write(feed, codes, seed, end, written))
        over.set()


async def test_sixteen_writers_cut_off_at_random_lose_nothing_by_number(
    addresses: Addresses,
) -> None:
    """The reader by identity beside it must lose rows, or the load is too light."""
    written, told = Written(), Read()
    cut: list[int] = []
    async with a_feed(addresses) as feed:
        await under_load(
            feed,
            written,
            told,
            seconds=SECONDS,
            trouble=lambda end: cut_off(feed, end, cut),
        )

    check(written, told)
    assert written.transactions > 50
    assert len(cut) > 10
    assert written.acknowledged - {entity for _, entity in told.by_identity} != set()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGQUIT])
def test_a_server_killed_under_load_loses_nothing(how: signal.Signals) -> None:
    """Killed outright, or told to stop at once; readers go on where they were."""
    written, told = Written(), Read()
    with passable_folder() as folder:
        home = folder / "postgres"
        database = EmbeddedPostgres(home)

        def kill_and_start() -> None:
            server = server_pid(home)
            os.kill(server, how)
            until(lambda: not runs(server))
            database.stop()
            database.start()

        async def kill_twice(_: float) -> None:
            for _ in range(2):
                await asyncio.sleep(1)
                kill_and_start()

        async def through(feed: Addresses) -> None:
            await migrate(feed.owner, role_of(feed.application))
            await under_load(feed, written, told, seconds=SECONDS, trouble=kill_twice)

        with database as addresses:
            asyncio.run(through(addresses))

    check(written, told)
    assert written.transactions > 20
