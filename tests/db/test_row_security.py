"""The second wall by itself: what PostgreSQL shows to whom."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import asyncpg
import pytest

from service.db import DB, alone, transaction
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate
from service.db.reach import (
    EVERYONE,
    NOBODY,
    REACHED,
    SETTING,
    only,
    reaching,
    within_reach,
)
from tests.database import connected

OWNED = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
    (SELECT array_agg(p.polname::text ORDER BY p.polname) FROM pg_policy p
        WHERE p.polrelid = c.oid) AS policies
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND NOT a.attisdropped
ORDER BY 1
"""
BEFORE_IDENTITY = {"external_issuer", "sign_in_provider"}
"""Read to learn who asks; they hold addresses and no person."""
POST = """
INSERT INTO post (organisation, id, reference, title, grade, occupancy, valid_from)
VALUES ($1, $2, $3, 'Director', 'SCS2', 'filled', '2020-01-01')
"""

POSTS = reaching(f"SELECT organisation FROM post WHERE {REACHED}", 1)  # noqa: S608 - our own
DEEP = reaching(
    f"""
    SELECT numbered.code AS organisation FROM (
        SELECT o.code, row_number() OVER (ORDER BY p.id) AS place,
            (SELECT count(*) FROM post q WHERE q.organisation = o.code) AS beside
        FROM organisation o LEFT JOIN post p ON p.organisation = o.code
        WHERE {REACHED} ORDER BY p.id LIMIT 100) numbered
    WHERE beside > 0
    """,  # noqa: S608 - our own
    1,
)
"""With what might be read first: another table, a window, a part that is counted."""
ONE = reaching(f"SELECT 1 AS one FROM post WHERE {REACHED} LIMIT 1", 4)  # noqa: S608 - our own
ADDED = f"""
WITH found AS MATERIALIZED ({ONE})
INSERT INTO post (organisation, id, reference, title, grade, occupancy, valid_from)
SELECT $1, $2, $3, 'Director', 'SCS2', 'filled', '2020-01-01' FROM found
"""  # noqa: S608 - our own


@pytest.fixture
async def two(addresses: Addresses) -> AsyncIterator[str]:
    """A database of its own with posts of two organisations, and a pool of two."""
    name = f"walls_{uuid4().hex[:12]}"
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        elsewhere = addresses.owner.replace("@/joinedup", f"@/{name}")
        await migrate(elsewhere, role_of(addresses.application))
        async with connected(elsewhere) as there:
            for code in ("hmt", "defra"):
                await there.execute(
                    "INSERT INTO organisation (code, hr_system, valid_from)"
                    " VALUES ($1, 'workday', '2020-01-01')",
                    code,
                )
                for number in range(3):
                    await there.execute(POST, code, uuid4(), f"P{number}")
        yield addresses.application.replace("@/joinedup", f"@/{name}")
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_every_table_with_an_organisation_has_the_wall(
    migrated: Addresses,
) -> None:
    async with connected(migrated.owner) as connection:
        rows = await connection.fetch(OWNED)
    bare = {
        row["relname"]
        for row in rows
        if not (row["relrowsecurity"] and row["relforcerowsecurity"])
        or "everyone" not in (row["policies"] or [])
    }
    assert len(rows) > 15
    assert bare == BEFORE_IDENTITY


async def test_every_policy_checks_what_is_written(migrated: Addresses) -> None:
    async with connected(migrated.owner) as connection:
        unchecked = await connection.fetch(
            "SELECT polrelid::regclass::text FROM pg_policy WHERE polwithcheck IS NULL"
        )
    assert unchecked == []


async def test_whoever_has_not_said_how_far_sees_nobody(two: str) -> None:
    async with connected(two) as connection:
        for table in await tables(two):
            count = f"SELECT count(*) FROM {table}"  # noqa: S608 - a catalogue's name
            assert await connection.fetchval(count) == 0


async def tables(address: str) -> list[str]:
    async with connected(address) as connection:
        rows = await connection.fetch(OWNED)
    return [row["relname"] for row in rows if row["relname"] not in BEFORE_IDENTITY]


async def test_a_machine_writes_nothing_for_another_organisation(two: str) -> None:
    async with connected(two) as connection:
        await connection.execute(f"SET {SETTING} = 'hmt'")
        assert await connection.fetchval("SELECT count(*) FROM post") == 3
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level"):
            await connection.execute(POST, "defra", uuid4(), "P9")
        changed = await connection.execute("UPDATE post SET title = 'Mine'")
    assert changed == "UPDATE 3"


@pytest.fixture
async def pool(two: str, opened: None) -> AsyncIterator[None]:
    """The engine on that database, two connections for everybody."""
    kept = DB.config["dsn"]
    await DB.close()
    await DB.open(two, size=2)
    yield
    await DB.close()
    await DB.open(kept, size=4)


async def seen() -> set[str]:
    async with transaction() as connection:
        rows = await connection.fetch("SELECT organisation FROM post")
    return {row["organisation"] for row in rows}


async def seen_alone() -> set[str]:
    return {row["organisation"] for row in await alone(POSTS)}


async def seen_deep() -> set[str]:
    return {row["organisation"] for row in await alone(DEEP)}


@pytest.mark.parametrize("seen", [seen, seen_alone, seen_deep])
async def test_a_thousand_interleaved_readers_on_two_connections_see_their_own(
    pool: None, seen: Callable[[], Awaitable[set[str]]]
) -> None:
    expected = {"hmt": {"hmt"}, "defra": {"defra"}, "": set(), "all": {"hmt", "defra"}}
    reaches = {
        "hmt": only(["hmt"]),
        "defra": only(["defra"]),
        "": NOBODY,
        "all": EVERYONE,
    }
    gate = asyncio.Semaphore(6)  # Fewer than would be refused for waiting.

    async def read(name: str) -> bool:
        async with gate:
            with within_reach(reaches[name]):
                return await seen() == expected[name]

    names = list(expected) * 250
    assert all(await asyncio.gather(*(read(name) for name in names)))


async def test_what_a_transaction_saw_is_forgotten_with_it(pool: None) -> None:
    with within_reach(EVERYONE):
        assert await seen() == {"hmt", "defra"}
    with within_reach(NOBODY):
        assert await seen() == set()


async def test_inside_a_wide_transaction_a_narrow_part_sees_little_and_gives_it_back(
    pool: None,
) -> None:
    with within_reach(EVERYONE):
        async with transaction():
            with within_reach(only(["hmt"])):
                assert await seen() == {"hmt"}
            assert await seen() == {"hmt", "defra"}


async def test_a_part_that_fails_gives_the_reach_back(pool: None) -> None:
    with within_reach(only(["hmt"])):
        async with transaction():
            with within_reach(EVERYONE), pytest.raises(asyncpg.DivisionByZeroError):
                async with transaction() as connection:
                    await connection.fetch("SELECT 1/0")
            assert await seen() == {"hmt"}


# A statement by itself.


async def test_what_a_statement_saw_is_forgotten_with_it(pool: None) -> None:
    with within_reach(only(["hmt"])):
        assert await seen_alone() == {"hmt"}
    connection = await DB.acquire()
    setting = await connection.fetchval(f"SELECT current_setting('{SETTING}', true)")
    await DB.release(connection)
    assert not setting


async def test_inside_a_transaction_a_statement_sees_what_it_may_and_gives_it_back(
    pool: None,
) -> None:
    with within_reach(only(["hmt", "defra"])):
        async with transaction():
            with within_reach(only(["hmt"])):
                assert await seen_alone() == {"hmt"}
            assert await seen() == {"hmt", "defra"}


async def test_a_statement_by_itself_writes_what_its_reach_allows_and_keeps_it(
    pool: None,
) -> None:
    with within_reach(only(["hmt"])):
        await alone(ADDED, "hmt", uuid4(), "P7")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level"):
            await alone(ADDED, "defra", uuid4(), "P8")
    with within_reach(EVERYONE):
        async with transaction() as connection:
            rows = await connection.fetch(
                "SELECT organisation FROM post WHERE reference IN ('P7', 'P8')"
            )
    assert [row["organisation"] for row in rows] == ["hmt"]


def test_a_statement_that_might_read_before_it_may_is_refused() -> None:
    with pytest.raises(ValueError, match="after the setting"):
        reaching("SELECT organisation FROM post", 1)


async def test_without_the_policy_the_wall_is_gone(
    two: str, pool: None, addresses: Addresses
) -> None:
    """The broken twin: these tests see it."""
    name = two.rpartition("@/")[2].split("?")[0]
    owner = addresses.owner.replace("@/joinedup", f"@/{name}")
    async with connected(owner) as connection:
        await connection.execute("ALTER TABLE post DISABLE ROW LEVEL SECURITY")
    with within_reach(only(["hmt"])):
        assert await seen() == {"hmt", "defra"}
