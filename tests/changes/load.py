"""Writers that hold, roll back and are cut off; readers by number and by identity."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from service.changes.rules import Stream
from service.db.address import role_of
from service.db.cluster import Addresses
from tests.changes.feeds import a_change, add
from tests.database import connected

WRITERS = 16
ROLLED_BACK = 0.05
HOLDS = (0, 0, 0.002, 0.01, 0.06)
"""Seconds between writing and committing: some are overtaken by many."""
CUT_OFF = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # The server's last word came between two statements.
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
)
"""What it is to lose one's connection, or not to get one; all else is a failure."""

Head = tuple[str, str]


@dataclass
class Written:
    """What became of every change; a change has an entity of its own."""

    acknowledged: set[UUID] = field(default_factory=set)
    in_doubt: set[UUID] = field(default_factory=set)
    """Cut off while it was committed."""
    transactions: int = 0


@dataclass
class Read:
    """All that a reader was told, in the order it was told."""

    by_number: dict[Head, list[tuple[int, UUID]]] = field(default_factory=dict)
    by_identity: list[tuple[int, UUID]] = field(default_factory=list)


async def write(
    feed: Addresses, codes: Sequence[str], seed: int, end: float, written: Written
) -> None:
    """Write until `end`, on another connection whenever one is cut off."""
    chance = random.Random(seed)  # noqa: S311 - load, not secrets
    while time.monotonic() < end:
        with suppress(*CUT_OFF):
            async with connected(feed.application) as connection:
                while time.monotonic() < end:
                    await write_once(connection, codes, chance, written)
        await asyncio.sleep(0.005)  # While the server is down.


async def write_once(
    connection: Any,  # noqa: ANN401 - asyncpg has two types
    codes: Sequence[str],
    chance: random.Random,
    written: Written,
) -> None:
    changes = [
        a_change(chance.choice(codes), chance.choice([*Stream]))
        for _ in range(chance.randint(1, 6))
    ]
    noted = {change.entity for change in changes}
    opened = connection.transaction()
    await opened.start()
    await add(connection, changes)
    await asyncio.sleep(chance.choice(HOLDS))
    if chance.random() < ROLLED_BACK:
        await opened.rollback()
        return
    written.in_doubt |= noted
    await opened.commit()
    written.in_doubt -= noted
    written.acknowledged |= noted
    written.transactions += 1


async def cut_off(feed: Addresses, end: float, cut: list[int]) -> None:
    """End a writer's backend every now and then; add its process to `cut`."""
    chance = random.Random(WRITERS)  # noqa: S311 - as above
    async with connected(feed.owner) as owner:
        while time.monotonic() < end:
            await asyncio.sleep(0.05)
            backends = await owner.fetch(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = $1",
                role_of(feed.application),
            )
            if backends:
                cut.append(chance.choice(backends)["pid"])
                await owner.execute("SELECT pg_terminate_backend($1)", cut[-1])


async def read(feed: Addresses, told: Read, done: Callable[[], bool]) -> None:
    """Follow every stream, both ways, until `done` and nothing more comes."""
    while True:
        last = done()  # Asked first: what came before it was true is read after.
        with suppress(*CUT_OFF):
            async with connected(feed.owner) as connection:
                while True:
                    came = await read_once(connection, told)
                    if last and not came:
                        return
                    last = done()
        await asyncio.sleep(0.005)  # While the server is down.


async def read_once(connection: Any, told: Read) -> int:  # noqa: ANN401 - as above
    """Read a page of each stream and one by identity; return how many rows came."""
    came = 0
    for organisation, stream in await connection.fetch(
        "SELECT organisation, stream FROM feed_head"
    ):
        rows = told.by_number.setdefault((organisation, stream), [])
        page = await connection.fetch(
            "SELECT sequence, entity FROM change_log WHERE organisation = $1"
            " AND stream = $2 AND sequence > $3 ORDER BY sequence LIMIT 20",
            organisation,
            stream,
            rows[-1][0] if rows else 0,
        )
        rows += [(row["sequence"], row["entity"]) for row in page]
        came += len(page)
    page = await connection.fetch(
        "SELECT id, entity FROM change_log WHERE id > $1 ORDER BY id LIMIT 100",
        told.by_identity[-1][0] if told.by_identity else 0,
    )
    told.by_identity += [(row["id"], row["entity"]) for row in page]
    return came + len(page)
