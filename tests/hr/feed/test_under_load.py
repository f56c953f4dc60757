"""Whoever follows over the API while sixteen write misses nothing, whatever is cut."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from service.audit.actions import record
from service.auth.actions import create_client
from service.auth.caller import Machine, Scope
from service.changes.rules import Stream
from service.db import DB
from service.db.cluster import Addresses
from service.db.engine import NoConnection
from service.db.reach import only, within_reach
from service.hr.feed.actions import Where, page
from tests.changes.feeds import a_change, a_feed, add, numbers, organisations
from tests.changes.load import CUT_OFF, WRITERS, Read, Written, cut_off, read, write
from tests.changes.test_nothing_is_lost import check
from tests.database import connected
from tests.factories import IN_THE_YEAR, OPERATOR
from tests.sizes import SIZES, SOAK_SECONDS

pytestmark = pytest.mark.slow

ISSUER = "https://joinedup.example"
SECONDS = SOAK_SECONDS or SIZES.feed_seconds
LATENCY = timedelta(seconds=5)


@pytest.fixture
async def feed(addresses: Addresses, opened: None) -> AsyncIterator[Addresses]:
    """A database of its own, in which the service itself reads."""
    kept = DB.config["dsn"]
    async with a_feed(addresses) as made:
        await DB.close()
        await DB.open(made.application, size=4)
        yield made
        await DB.close()
        await DB.open(kept, size=4)


async def a_machine(codes: list[str]) -> Machine:
    client, _ = await create_client(
        codes,
        [*Scope],
        known=frozenset(codes),
        caller=OPERATOR,
        now=IN_THE_YEAR,
        record=record,
    )
    return Machine(client, frozenset(codes), frozenset(Scope))


class Reader:
    """Follows every stream by the service's own page, as the controller does."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.where: dict[Stream, Where] = {}
        self.told = Read()

    async def follow(self, done: Callable[[], bool]) -> None:
        while True:
            last = done()  # Asked first: what came before it was true is read after.
            came = 0
            for stream in Stream:
                came += await self.once(stream)
            if last and not came:
                return

    async def once(self, stream: Stream) -> int:
        """Read a page; return how many changes came, or one if it could not be read."""
        try:
            with within_reach(only(self.machine.organisations)):
                told = await page(
                    stream,
                    self.where.get(stream),
                    limit=37,
                    issuer=ISSUER,
                    start=ISSUER,
                    machine=self.machine,
                    now=IN_THE_YEAR,
                )
        except (*CUT_OFF, NoConnection):
            await asyncio.sleep(0.005)
            return 1
        for item in told.items:
            assert item.sequence is not None
            rows = self.told.by_number.setdefault((item.organisation, stream), [])
            rows.append((item.sequence, item.id))
        self.where[stream] = told.then
        return len(told.items)


async def test_following_the_api_under_load_misses_nothing(feed: Addresses) -> None:
    """The reader by identity beside it must lose rows, or the load is too light."""
    codes = await organisations(feed, 3)
    reader, naive, written = Reader(await a_machine(codes)), Read(), Written()
    cut: list[int] = []
    for stream in Stream:  # Or the first changes would be part of a full pull.
        await reader.once(stream)
    end = time.monotonic() + SECONDS
    over = asyncio.Event()
    async with asyncio.TaskGroup() as others:
        others.create_task(reader.follow(over.is_set))
        others.create_task(read(feed, naive, over.is_set))
        async with asyncio.TaskGroup() as writers:
            writers.create_task(cut_off(feed, end, cut))
            for seed in range(WRITERS):
                writers.create_task(write(feed, codes, seed, end, written))
        over.set()

    check(written, reader.told)
    assert written.transactions > 2 * SECONDS
    assert len(cut) > SECONDS / 5
    lost = written.acknowledged - {entity for _, entity in naive.by_identity}
    assert lost != set()


async def test_who_writes_for_long_stops_nobody_else(feed: Addresses) -> None:
    """One holds its stream's head: others write, and everybody reads, meanwhile."""
    held, free = await organisations(feed, 2)
    reader = Reader(await a_machine([held, free]))
    await reader.once(Stream.SCORES)
    async with (
        connected(feed.application) as slow,
        connected(feed.application) as quick,
    ):
        opened = slow.transaction()
        await opened.start()
        await add(slow, [a_change(held)])
        await slow.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for _ in range(3):
            async with asyncio.timeout(LATENCY.total_seconds()):
                await add(quick, [a_change(free)])
                assert await reader.once(Stream.SCORES) == 1
        assert await reader.once(Stream.SCORES) == 0
        assert (held, Stream.SCORES) not in reader.told.by_number
        await opened.commit()

    assert await reader.once(Stream.SCORES) == 1
    assert await numbers(feed, held, Stream.SCORES) == [1]
