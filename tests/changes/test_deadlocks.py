"""Sixteen writers who tell several organisations, in whatever order, never deadlock."""

import asyncio
import random

import asyncpg
import pytest

from service.changes.rules import Stream
from service.db.cluster import Addresses
from tests.changes.feeds import PER_ROW, a_change, a_feed, add, numbers, organisations
from tests.changes.load import WRITERS
from tests.database import connected

pytestmark = pytest.mark.slow

ROUNDS = 12


async def write(feed: Addresses, codes: list[str], rounds: int, seed: int) -> int:
    """Commit five changes of each, in an order of its own; return the deadlocks."""
    chance = random.Random(seed)  # noqa: S311 - load, not secrets
    deadlocks = 0
    async with connected(feed.application) as connection:
        for _ in range(rounds):
            order = chance.sample(codes * 5, len(codes) * 5)
            try:
                await add(connection, [a_change(code) for code in order])
            except asyncpg.DeadlockDetectedError:
                deadlocks += 1
    return deadlocks


async def deadlocks(feed: Addresses, codes: list[str], *, rounds: int = ROUNDS) -> int:
    writers = (write(feed, codes, rounds, seed) for seed in range(WRITERS))
    return sum(await asyncio.gather(*writers))


@pytest.mark.parametrize("parties", [2, 12])
async def test_in_random_order_there_are_no_deadlocks(
    feed: Addresses, parties: int
) -> None:
    codes = await organisations(feed, parties)

    assert await deadlocks(feed, codes) == 0
    for code in codes:
        given = sorted(await numbers(feed, code, Stream.SCORES))
        assert given == [*range(1, WRITERS * ROUNDS * 5 + 1)]


async def test_while_heads_are_being_made_there_are_none_either(
    feed: Addresses,
) -> None:
    for _ in range(8):
        codes = await organisations(feed, 40)

        assert await deadlocks(feed, codes, rounds=1) == 0


async def test_taking_each_row_s_head_as_it_comes_deadlocks(
    addresses: Addresses,
) -> None:
    """The broken twin: the test above would see it."""
    async with a_feed(addresses) as feed:
        codes = await organisations(feed, 2)
        async with connected(feed.owner) as owner:
            await owner.execute(PER_ROW)
            database = await owner.fetchval("SELECT current_database()")
            # How soon it looks for one; a second each would be long.
            await owner.execute(f"ALTER DATABASE {database} SET deadlock_timeout = 20")

        assert await deadlocks(feed, codes) > 0
