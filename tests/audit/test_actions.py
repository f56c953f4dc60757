import json
from collections.abc import Awaitable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from structlog.contextvars import bound_contextvars

from service.audit.actions import Entry, disclose, record, record_many
from service.audit.tables import AuditEntry, Disclosure
from service.auth.caller import Caller, Machine, Operator, Person
from service.db import transaction
from service.directory.tables import Organisation
from tests.factories import (
    OPERATOR,
    a_cycle,
    a_department,
    a_token,
    an_organisation,
    record_of,
)

NOW = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)
ID = UUID(int=7)
HR = Machine("hr-1", frozenset({"mod", "hmt"}), frozenset())


class Halt(Exception):
    pass


async def entries() -> list[dict[str, Any]]:
    return await AuditEntry.select().order_by(AuditEntry.id)


async def test_an_entry_says_who_did_what_to_which_and_when(db: None) -> None:
    await record(
        OPERATOR,
        "rename",
        "organisation",
        "hmt",
        now=NOW,
        organisation="hmt",
        reason="machinery of government",
        before={"name": "Exchequer"},
        after={"name": "Treasury"},
    )
    (entry,) = await entries()

    assert entry.pop("id") > 0
    assert entry == {
        "at": NOW,
        "actor": "operator:tests",
        "action": "rename",
        "organisation": "hmt",
        "entity": "organisation",
        "entity_id": "hmt",
        "reason": "machinery of government",
        "before": '{"name": "Exchequer"}',
        "after": '{"name": "Treasury"}',
        "request_id": None,
    }


@pytest.mark.parametrize(
    ("caller", "actor"),
    [
        (HR, "client:hr-1"),
        (Person(ID), f"person:{ID}"),
        (Operator("ana"), "operator:ana"),
    ],
)
async def test_each_kind_of_caller_has_a_name_of_its_own(
    db: None, caller: Caller, actor: str
) -> None:
    await record(caller, "look", "thing", ID, now=NOW)

    assert [entry["actor"] for entry in await entries()] == [actor]


async def test_before_and_after_are_json_whatever_they_hold(db: None) -> None:
    values = {"id": ID, "on": date(2026, 9, 1), "none": None, "more": {"é": [1, 2.5]}}
    await record(OPERATOR, "change", "thing", ID, now=NOW, after=values)
    (entry,) = await entries()

    assert json.loads(entry["after"]) == {
        "id": str(ID),
        "on": "2026-09-01",
        "none": None,
        "more": {"é": [1, 2.5]},
    }
    assert entry["before"] is None


async def change(*steps: Awaitable[None]) -> None:
    """Change something and take these steps, in one transaction."""
    async with transaction():
        await an_organisation("hmt")
        for step in steps:
            await step


async def fail() -> None:
    raise Halt


async def test_entries_go_with_the_change_that_failed(db: None) -> None:
    with pytest.raises(Halt):
        await change(
            record(OPERATOR, "create", "organisation", "hmt", now=NOW),
            record_many(OPERATOR, [Entry("create", "person", ID)], now=NOW),
            disclose(HR, "scores", [ID], now=NOW, purpose="tests"),
            fail(),
        )

    assert await Organisation.count() == 0
    assert await entries() == []
    assert await Disclosure.count() == 0


async def test_a_change_that_succeeds_keeps_them(db: None) -> None:
    await change(
        record(OPERATOR, "create", "organisation", "hmt", now=NOW),
        disclose(HR, "scores", [ID], now=NOW, purpose="tests"),
    )

    assert await Organisation.count() == 1
    assert len(await entries()) == await Disclosure.count() == 1


@pytest.mark.parametrize("too_long", ["entry", "disclosure"])
async def test_a_change_goes_with_what_the_audit_cannot_keep(
    db: None, too_long: str
) -> None:
    kept: Awaitable[None] = (
        record(OPERATOR, "x" * 61, "organisation", "hmt", now=NOW)
        if too_long == "entry"
        else disclose(HR, "x" * 61, [ID], now=NOW, purpose="tests")
    )

    with pytest.raises(asyncpg.StringDataRightTruncationError):
        await change(kept)
    assert await Organisation.count() == 0


async def test_the_request_being_served_is_named(db: None) -> None:
    with bound_contextvars(request_id="request-1"):
        await record(OPERATOR, "one", "thing", ID, now=NOW)
        await record_many(OPERATOR, [Entry("many", "thing", ID)], now=NOW)
        await disclose(HR, "scores", [ID], now=NOW, purpose="tests")

    assert [entry["request_id"] for entry in await entries()] == ["request-1"] * 2
    (disclosed,) = await Disclosure.select(Disclosure.request_id)
    assert disclosed == {"request_id": "request-1"}


async def test_many_entries_are_as_one_by_one_and_keep_their_order(db: None) -> None:
    wanted = [
        Entry("close", "posting", UUID(int=9), "hmt", before={"to": None}),
        Entry("create", "posting", UUID(int=3), "hmt", after={"from": NOW}),
        Entry("create", "person", UUID(int=5)),
    ]
    await record_many(OPERATOR, wanted, now=NOW)
    for entry in wanted:
        await record(
            OPERATOR,
            entry.action,
            entry.entity,
            entry.entity_id,
            now=NOW,
            organisation=entry.organisation,
            before=entry.before,
            after=entry.after,
        )
    found = [{**entry, "id": 0} for entry in await entries()]

    assert found[:3] == found[3:]
    assert [entry["entity_id"][-1] for entry in found[:3]] == ["9", "3", "5"]


async def test_no_entries_are_nothing_to_do(db: None) -> None:
    await record_many(OPERATOR, [], now=NOW)

    assert await entries() == []


async def test_a_disclosure_names_each_person_once(db: None) -> None:
    people = [UUID(int=3), UUID(int=1), UUID(int=3)]
    await disclose(HR, "scores", people, now=NOW, purpose="pay")
    (found,) = await Disclosure.select()

    assert isinstance(found.pop("id"), UUID)
    assert found == {
        "at": NOW,
        "client": "client:hr-1",
        "organisations": ["hmt", "mod"],
        "what": "scores",
        "people": [UUID(int=1), UUID(int=3)],
        "purpose": "pay",
        "request_id": None,
    }


async def test_a_disclosure_bears_the_id_that_the_caller_was_given(
    client: httpx.AsyncClient,
) -> None:
    department = await a_department("hmt")
    cycle = await a_cycle()
    await record_of(department.head, cycle.id)
    headers = await a_token(client, "hmt")

    answer = await client.get(
        "/v1/records", headers=headers | {"X-Request-Id": "from-the-caller"}
    )

    (found,) = await Disclosure.select(Disclosure.people, Disclosure.request_id)
    assert answer.headers["x-request-id"] == found["request_id"] == "from-the-caller"
    shown = {item["person"] for item in answer.json()["items"]}
    assert set(map(str, found["people"])) == shown
    assert len(shown) == 4


async def test_nothing_is_disclosed_by_a_request_that_is_refused(
    client: httpx.AsyncClient,
) -> None:
    department = await a_department("hmt")
    await a_department("mod")
    record_id = (await record_of(department.head, (await a_cycle()).id)).id
    headers = await a_token(client, "mod")

    for path in (f"/v1/records/{record_id}", f"/v1/records/{uuid4()}"):
        assert (await client.get(path, headers=headers)).status_code == 404
    assert await Disclosure.count() == 0
