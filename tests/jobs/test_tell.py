"""People are told once, with what is true and not otherwise."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery

from service.db import DB, transaction
from service.db.reach import NOBODY, only, within_reach
from service.jobs import outbox
from service.jobs.housekeeping import tidy
from service.jobs.outbox import delivered, next_due, tell
from service.jobs.rules import NoticeKind
from tests.factories import a_person, an_organisation
from tests.jobs.waiting import NOW, a_notice, rows, waiting

TOLD = "SELECT person, kind, key, count FROM notice ORDER BY person, kind, key"


@pytest.fixture
async def sam(db: None) -> UUID:
    return await a_person(await an_organisation("hmt"))


async def test_what_is_told_is_a_notice_and_a_delivery(sam: UUID) -> None:
    about = uuid4()
    await tell([a_notice(sam, about=about, count=12)], now=NOW)
    assert await rows(
        "SELECT organisation, person, kind, about, key, count, due_on, created_at,"
        " read_at FROM notice"
    ) == [("hmt", sam, "agreement_wanted", about, "1", 12, None, NOW, None)]
    assert await rows(
        "SELECT o.kind, o.payload->>'notice' = n.id::text, o.run_at, o.attempts"
        " FROM outbox o, notice n"
    ) == [("mail", True, NOW, 0)]


async def test_the_same_key_is_told_once_ever(sam: UUID) -> None:
    await tell([a_notice(sam), a_notice(sam)], now=NOW)
    await tell([a_notice(sam)], now=NOW + timedelta(days=400))
    assert await rows(TOLD) == [(sam, "agreement_wanted", "1", 1)]
    assert len(await waiting()) == 1


async def test_also_to_one_who_has_moved_since(sam: UUID) -> None:
    await tell([a_notice(sam)], now=NOW)
    await tell([a_notice(sam, await an_organisation("defra"))], now=NOW)
    assert len(await rows(TOLD)) == 1


async def test_another_key_kind_or_person_is_told_too(sam: UUID) -> None:
    alex = await a_person("hmt")
    agreed = NoticeKind.OBJECTIVE_AGREED
    await tell(
        [
            a_notice(sam),
            a_notice(sam, key="2"),
            a_notice(sam, kind=agreed),
            a_notice(alex),
        ],
        now=NOW,
    )
    assert len(await rows(TOLD)) == len(await waiting()) == 4


async def test_after_it_was_delivered_and_forgotten_it_is_not_told_again(
    sam: UUID,
) -> None:
    await tell([a_notice(sam)], now=NOW)
    due = await next_due(["mail"], now=NOW, chance=0.5)
    assert due is not None
    await delivered(due, now=NOW)
    late = NOW + timedelta(days=31)
    assert (await tidy(late))["deliveries"] == 1
    await tell([a_notice(sam)], now=late)
    assert await waiting() == []


async def test_only_what_is_over_is_forgotten_and_after_thirty_days(sam: UUID) -> None:
    await tell([a_notice(sam), a_notice(sam, key="2")], now=NOW)
    due = await next_due(["mail"], now=NOW, chance=0.5)
    assert due is not None
    await delivered(due, now=NOW)
    with within_reach(NOBODY):  # As the app does.
        assert (await tidy(NOW + timedelta(days=29)))["deliveries"] == 0
        assert (await tidy(NOW + timedelta(days=400)))["deliveries"] == 1
    assert await waiting() == [(0, None, False)]


@pytest.mark.parametrize("number", [1, 300])
async def test_one_statement_tells_any_number(sam: UUID, number: int) -> None:
    said: list[str] = []

    def hear(logged: LoggedQuery) -> None:
        said.append(logged.query)

    async with transaction() as connection:
        connection.add_query_logger(hear)
        await tell([a_notice(sam, key=str(n)) for n in range(number)], now=NOW)
        connection.remove_query_logger(hear)
    writes = [sql for sql in said if "INSERT" in sql]
    assert len(writes) == 1
    assert len(await waiting()) == number


async def test_nothing_to_tell_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(outbox, "transaction", lambda: asked.append("for one"))
    await tell([], now=NOW)
    assert asked == []


async def test_a_machine_s_action_tells_a_partner_s_people(sam: UUID) -> None:
    """And its transaction sees no more than before, nor the outbox."""
    with within_reach(only(["defra"])):
        async with transaction() as connection:
            await tell([a_notice(sam)], now=NOW)
            seen = [
                await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - these
                for table in ("notice", "outbox")
            ]
    assert seen == [0, 0]
    assert len(await rows(TOLD)) == 1


async def test_a_machine_cannot_write_into_the_outbox(sam: UUID) -> None:
    with (
        within_reach(only(["hmt"])),
        pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level"),
    ):
        async with transaction() as connection:
            await connection.execute(
                "INSERT INTO outbox (id, kind, payload, dedupe_key, run_at, attempts)"
                " VALUES ($1, 'mail', '{}', 'x', $2, 0)",
                uuid4(),
                NOW,
            )


async def test_a_change_that_is_rolled_back_tells_nobody(apart: str) -> None:
    sam = await a_person(await an_organisation("hmt"))

    async def change() -> None:
        async with transaction():
            await tell([a_notice(sam)], now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change()
    assert await rows(TOLD) == await waiting() == []
    await tell([a_notice(sam)], now=NOW)
    assert len(await rows(TOLD)) == 1


class Two:
    """Two transactions that tell the same people, the second while the first lasts."""

    def __init__(self, *people: UUID) -> None:
        self.people = people
        self.first_told = asyncio.Event()
        self.second_waits = asyncio.Event()

    async def first(self, *, fails: bool) -> None:
        async with DB.transaction() as opened:
            await tell([a_notice(each) for each in self.people], now=NOW)
            self.first_told.set()
            await self.second_waits.wait()
            await blocked(opened.connection)
            if fails:
                raise ZeroDivisionError

    async def second(self) -> None:
        await self.first_told.wait()
        self.second_waits.set()
        await tell([a_notice(each) for each in reversed(self.people)], now=NOW)


async def blocked(connection: Any) -> None:  # noqa: ANN401 - asyncpg has two types
    """Wait until somebody waits for this connection's transaction."""
    mine = await connection.fetchval("SELECT pg_backend_pid()")
    async with asyncio.timeout(20):
        while not await connection.fetchval(  # noqa: ASYNC110 - another process knows
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE $1 = ANY (pg_blocking_pids(pid))",
            mine,
        ):
            await asyncio.sleep(0.01)


async def test_two_at_once_tell_once(apart: str) -> None:
    code = await an_organisation("hmt")
    two = Two(await a_person(code), await a_person(code))
    await asyncio.gather(two.first(fails=False), two.second())
    assert len(await rows(TOLD)) == len(await waiting()) == 2


async def test_if_the_first_of_two_fails_the_second_tells(apart: str) -> None:
    code = await an_organisation("hmt")
    two = Two(await a_person(code), await a_person(code))
    ended = await asyncio.gather(
        two.first(fails=True), two.second(), return_exceptions=True
    )
    assert isinstance(ended[0], ZeroDivisionError)
    assert ended[1] is None
    assert len(await rows(TOLD)) == len(await waiting()) == 2


async def test_two_workers_never_get_the_same_delivery(apart: str) -> None:
    sam = await a_person(await an_organisation("hmt"))
    await tell([a_notice(sam, key=str(n)) for n in range(20)], now=NOW)

    async def take() -> list[UUID]:
        found = []
        while due := await next_due(["mail"], now=NOW, chance=0.5):
            found.append(due.id)
        return found

    taken = await asyncio.gather(*(take() for _ in range(4)))
    ids = [id_ for mine in taken for id_ in mine]
    assert len(ids) == len(set(ids)) == 20
