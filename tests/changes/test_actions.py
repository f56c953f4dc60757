"""Noting changes: in the caller's transaction, whole, and in one statement."""

from uuid import uuid4

import asyncpg
import pytest

from service.changes.actions import note
from service.changes.rules import Change, Op, Stream
from service.changes.tables import ChangeLog, FeedHead
from service.db import transaction
from service.db.cluster import Addresses
from service.db.reach import NOBODY, only, within_reach
from tests.changes.feeds import a_change, numbers, organisations
from tests.factories import IN_THE_YEAR, an_organisation


@pytest.mark.parametrize("count", [1, 2_000])
async def test_however_many_it_is_one_statement(db: None, count: int) -> None:
    said: list[str] = []
    async with transaction() as connection:
        with connection.query_logger(lambda query: said.append(query.query)):
            await note([a_change("hmt") for _ in range(count)], now=IN_THE_YEAR)

    ours = [query for query in said if "change_log" in query]  # asyncpg asks for types.
    assert len(ours) == 1
    assert await ChangeLog.count() == count


async def test_nothing_to_note_asks_the_database_nothing(db: None) -> None:
    said: list[str] = []
    async with transaction() as connection:
        with connection.query_logger(lambda query: said.append(query.query)):
            await note([], now=IN_THE_YEAR)

    assert said == []


async def test_a_row_says_what_was_noted_and_has_no_number_yet(db: None) -> None:
    gone = Change("hmt", Stream.PEOPLE, "person", uuid4(), 7, Op.DELETE)
    await note([gone], now=IN_THE_YEAR)

    (row,) = await ChangeLog.select()
    del row["id"]
    assert row == {
        "organisation": "hmt",
        "stream": "people",
        "sequence": None,
        "type": "person",
        "entity": gone.entity,
        "version": 7,
        "op": "delete",
        "changed_at": IN_THE_YEAR,
    }


async def test_outside_a_transaction_nothing_is_noted(pool: None) -> None:
    with pytest.raises(RuntimeError, match="transaction that makes it"):
        await note([a_change("hmt")], now=IN_THE_YEAR)


async def test_at_commit_each_stream_of_each_organisation_has_the_next_numbers(
    feed: Addresses, pool: None
) -> None:
    one, other = await organisations(feed, 2)
    for _ in range(2):
        async with transaction():
            await note([a_change(one), a_change(other), a_change(one)], now=IN_THE_YEAR)
            await note([a_change(one, Stream.OBJECTIVES)], now=IN_THE_YEAR)

    assert await numbers(feed, one, Stream.SCORES) == [1, 2, 3, 4]
    assert await numbers(feed, other, Stream.SCORES) == [1, 2]
    assert await numbers(feed, one, Stream.OBJECTIVES) == [1, 2]
    heads = await FeedHead.select(
        FeedHead.organisation, FeedHead.stream, FeedHead.sequence
    ).where(FeedHead.organisation.is_in([one, other]))
    assert {tuple(head.values()) for head in heads} == {
        (one, "scores", 4),
        (other, "scores", 2),
        (one, "objectives", 2),
    }


async def test_an_entity_noted_twice_has_both_rows_in_order(
    feed: Addresses, pool: None
) -> None:
    (code,) = await organisations(feed, 1)
    entity = uuid4()
    async with transaction():
        for version in (1, 2):
            await note(
                [Change(code, Stream.SCORES, "score", entity, version)],
                now=IN_THE_YEAR,
            )

    rows = (
        await ChangeLog.select(ChangeLog.sequence, ChangeLog.version)
        .where(ChangeLog.organisation == code)
        .order_by(ChangeLog.sequence)
    )
    assert [tuple(row.values()) for row in rows] == [(1, 1), (2, 2)]


@pytest.mark.parametrize("reached", [0, 1, 2])
async def test_every_party_s_row_is_numbered_however_far_the_writer_reaches(
    feed: Addresses, pool: None, reached: int
) -> None:
    parties = await organisations(feed, 2)
    with within_reach(only(parties[:reached])):
        async with transaction():
            await note([a_change(party) for party in parties], now=IN_THE_YEAR)

    for party in parties:
        assert await numbers(feed, party, Stream.SCORES) == [1]


async def test_what_is_rolled_back_leaves_no_hole(feed: Addresses, pool: None) -> None:
    (code,) = await organisations(feed, 1)

    async def note_and_fail() -> None:
        async with transaction() as connection:
            await note([a_change(code)], now=IN_THE_YEAR)
            await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            raise ZeroDivisionError

    async with transaction():
        await note([a_change(code)], now=IN_THE_YEAR)
    with pytest.raises(ZeroDivisionError):
        await note_and_fail()
    async with transaction():
        with pytest.raises(ZeroDivisionError):  # Just the part of a transaction.
            await note_and_fail()
        await note([a_change(code)], now=IN_THE_YEAR)

    assert await numbers(feed, code, Stream.SCORES) == [1, 2]


async def test_an_unknown_organisation_s_change_undoes_what_it_came_with(
    feed: Addresses, pool: None
) -> None:
    async def change_it() -> None:
        async with transaction():
            await an_organisation("never-kept")
            await note([a_change("nowhere")], now=IN_THE_YEAR)

    with pytest.raises(asyncpg.ForeignKeyViolationError, match="feed_head"):
        await change_it()

    assert await numbers(feed, "nowhere", Stream.SCORES) == []
    async with transaction() as connection:
        kept = "SELECT count(*) FROM organisation WHERE code = 'never-kept'"
        assert await connection.fetchval(kept) == 0


async def test_a_machine_sees_its_own_rows_and_heads_and_nobody_sees_any(
    feed: Addresses, pool: None
) -> None:
    mine, theirs = await organisations(feed, 2)
    async with transaction():
        await note([a_change(mine), a_change(theirs)], now=IN_THE_YEAR)

    for reach, seen in ((only([mine]), [mine]), (NOBODY, [])):
        with within_reach(reach):
            for table in (ChangeLog, FeedHead):
                rows = await table.select(table.organisation)
                assert [row["organisation"] for row in rows] == seen
