"""The numbers by themselves: who gives them, in which order, and that they stay."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from service.changes.rules import Stream
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate, undo
from tests.changes.feeds import a_change, a_feed, add, numbers, organisations
from tests.database import connected


async def test_the_order_of_numbers_is_the_order_of_commits(feed: Addresses) -> None:
    (code,) = await organisations(feed, 1)
    async with (
        connected(feed.application) as slow,
        connected(feed.application) as quick,
        connected(feed.owner) as reader,
    ):
        held = slow.transaction()
        await held.start()
        await add(slow, [a_change(code)])
        await add(quick, [a_change(code)])
        seen = await reader.fetchval("SELECT max(id) FROM change_log")
        await held.commit()
        late = await reader.fetchval(
            "SELECT count(*) FROM change_log WHERE organisation = $1 AND id > $2",
            code,
            seen,
        )

    assert await numbers(feed, code, Stream.SCORES) == [2, 1]
    assert late == 0  # The broken twin: by identity, the slow one was never read.


async def test_a_head_is_held_until_the_commit_is_done(feed: Addresses) -> None:
    (code,) = await organisations(feed, 1)
    async with (
        connected(feed.application) as first,
        connected(feed.application) as second,
    ):
        await add(first, [a_change(code)])
        held = first.transaction()
        await held.start()
        await add(first, [a_change(code)])
        await first.execute("SET CONSTRAINTS ALL IMMEDIATE")
        await second.execute("SET lock_timeout = '100ms'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await add(second, [a_change(code)])
        await held.rollback()
        await add(second, [a_change(code)])

    assert await numbers(feed, code, Stream.SCORES) == [1, 2]


async def test_another_s_stream_does_not_wait(feed: Addresses) -> None:
    one, other = await organisations(feed, 2)
    async with (
        connected(feed.application) as first,
        connected(feed.application) as second,
    ):
        held = first.transaction()
        await held.start()
        await add(first, [a_change(one)])
        await first.execute("SET CONSTRAINTS ALL IMMEDIATE")
        await second.execute("SET lock_timeout = '100ms'")
        await add(second, [a_change(other), a_change(one, Stream.RECORDS)])
        await held.commit()

    assert await numbers(feed, other, Stream.SCORES) == [1]


async def test_a_large_change_is_numbered_in_the_order_of_insertion(
    feed: Addresses,
) -> None:
    codes = await organisations(feed, 5)
    async with connected(feed.application) as connection:
        await add(connection, [a_change(codes[place % 5]) for place in range(5_000)])

    for code in codes:
        assert await numbers(feed, code, Stream.SCORES) == [*range(1, 1_001)]


# What nobody may do.

FORGED = """
INSERT INTO change_log
    (organisation, stream, sequence, type, entity, version, op, changed_at)
VALUES ('{code}', 'scores', 9, 'score', gen_random_uuid(), 1, 'upsert', '2026-06-01')
"""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE change_log SET version = version + 1",
        "UPDATE change_log SET sequence = sequence + 1",
        "UPDATE change_log SET sequence = NULL",
        "DELETE FROM change_log",
        "TRUNCATE change_log",
        FORGED,
        "UPDATE feed_head SET sequence = sequence - 1",
        "UPDATE feed_head SET stream = 'people' WHERE organisation = '{code}'",
        "DELETE FROM feed_head",
        "TRUNCATE feed_head",
        "INSERT INTO feed_head VALUES ('{code}', 'records', 9)",
    ],
)
async def test_not_even_the_owner_rewrites_the_feed(
    feed: Addresses, statement: str
) -> None:
    (code,) = await organisations(feed, 1)
    async with connected(feed.application) as connection:
        await add(connection, [a_change(code)])
    for address in (feed.application, feed.owner):
        async with connected(address) as connection:
            await connection.execute(f"SET joinedup.organisations = '{code}'")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement.format(code=code))

    assert await numbers(feed, code, Stream.SCORES) == [1]


async def test_the_service_itself_numbers_nothing(feed: Addresses) -> None:
    (code,) = await organisations(feed, 1)
    async with connected(feed.application) as connection:
        held = connection.transaction()
        await held.start()
        await connection.execute(f"SET LOCAL joinedup.organisations = '{code}'")
        await add(connection, [a_change(code)])
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE change_log SET sequence = 1")
        await held.rollback()


# An owner that row security is forced upon, unlike a superuser.


@pytest.fixture
async def owned(addresses: Addresses) -> AsyncIterator[Addresses]:
    """A feed whose owner is an ordinary role, as in production."""
    name = f"plain_{uuid4().hex[:12]}"
    rest = addresses.owner.partition("@/joinedup")[2]
    async with connected(addresses.owner) as superuser:
        await superuser.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
        await superuser.execute(f"CREATE DATABASE {name} OWNER {name}")
        made = Addresses(
            f"postgresql://{name}:{name}@/{name}{rest}",
            addresses.application.replace("@/joinedup", f"@/{name}"),
        )
        try:
            await migrate(made.owner, role_of(made.application))
            yield made
        finally:
            await superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")
            await superuser.execute(f"DROP ROLE {name}")


async def test_an_ordinary_owner_s_numbering_reaches_every_party(
    migrated: Addresses, owned: Addresses
) -> None:
    codes = await organisations(owned, 3)
    async with connected(owned.application) as connection:
        await add(connection, [a_change(code) for code in codes])

    for code in codes:
        assert await numbers(owned, code, Stream.SCORES) == [1]


async def test_without_the_owner_s_policy_no_change_is_committed(
    migrated: Addresses, owned: Addresses
) -> None:
    """The broken twin: what cannot be numbered is refused, never left behind."""
    (code,) = await organisations(owned, 1)
    async with connected(owned.owner) as connection:
        await connection.execute("DROP POLICY numbering ON change_log")
    async with connected(owned.application) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="no number"):
            await add(connection, [a_change(code)])


async def test_undone_and_done_again_the_feed_begins_anew(
    addresses: Addresses,
) -> None:
    async with a_feed(addresses) as feed:
        for _ in range(2):
            (code,) = await organisations(feed, 1)
            async with connected(feed.application) as connection:
                await add(connection, [a_change(code)])
            assert await numbers(feed, code, Stream.SCORES) == [1]
            await undo(feed.owner, to="m0012_rates")
            async with connected(feed.owner) as connection:
                left = await connection.fetchval(
                    "SELECT coalesce(to_regclass('change_log'),"
                    " to_regclass('feed_head')) IS NOT NULL"
                    " OR to_regproc('change_log_numbered') IS NOT NULL"
                )
            assert left is False
            await migrate(feed.owner, role_of(feed.application))
