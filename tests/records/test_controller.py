"""Attaching over HTTP: `PUT /v1/records/{source}:{external_record_id}`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from service.audit.tables import AuditEntry, Disclosure
from service.auth import authentication
from service.auth.caller import Scope
from service.db.reach import EVERYONE
from service.records import actions, queries
from service.records.rules import CycleStep
from service.records.tables import AppraisalRecord
from tests.factories import (
    IN_THE_YEAR,
    OPERATOR,
    YEAR,
    a_cycle,
    a_person,
    a_token,
    an_organisation,
)


@dataclass
class Hmt:
    """An HR system of one organisation with one person in an open cycle."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    cycle: UUID
    person: UUID

    async def put(
        self, name: str = "workday:new", external_id: str = "sam", **more: Any
    ) -> httpx.Response:
        body = {
            "cycle": str(more.pop("cycle", self.cycle)),
            "person": {"source_system": "workday", "external_id": external_id},
            **more.pop("also", {}),
        }
        headers = self.headers | more.pop("headers", {})
        return await self.client.put(
            f"/v1/records/{name}", json=body, headers=headers, params=more
        )


@pytest.fixture
async def hmt(client: httpx.AsyncClient) -> Hmt:
    for code in ("dft", "hmt"):
        await an_organisation(code)
    opened = await a_cycle()
    person = await a_person("hmt", external_id="sam")
    return Hmt(client, await a_token(client, "hmt"), opened.id, person)


def slug(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"]).rpartition("/")[2]


async def test_a_record_attaches_to_its_persons_cycle(hmt: Hmt) -> None:
    answer = await hmt.put()

    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    (stored,) = await AppraisalRecord.select()
    assert answer.json() == {
        "id": str(stored["id"]),
        "organisation": "hmt",
        "cycle": str(hmt.cycle),
        "source_system": "workday",
        "external_id": "new",
        "person": str(hmt.person),
        "version": 1,
    }


async def test_the_same_again_changes_nothing(hmt: Hmt) -> None:
    first, second = await hmt.put(), await hmt.put()

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    assert await AppraisalRecord.count() == 1
    assert await AuditEntry.count().where(AuditEntry.action == "attach") == 1


async def test_the_same_sent_twice_at_once_attaches_once(
    hmt: Hmt, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await hmt.put()
    look = queries.records
    blind = [True]

    async def too_early(*arguments: Any, **named: Any) -> list[queries.RecordFact]:
        return [] if blind and blind.pop() else await look(*arguments, **named)

    monkeypatch.setattr(queries, "records", too_early)
    second = await hmt.put()

    assert not blind
    assert (second.status_code, second.content) == (200, first.content)


async def test_the_whole_record_comes_back_to_a_caller_who_has_it(hmt: Hmt) -> None:
    first = await hmt.put(headers={"If-None-Match": "*"})
    second = await hmt.put(headers={"If-None-Match": first.headers["etag"]})
    assert first.json() == second.json()


async def test_an_attachment_is_never_moved_to_another_person(hmt: Hmt) -> None:
    await a_person("hmt", external_id="kim")
    await hmt.put()
    answer = await hmt.put(external_id="kim")

    assert (answer.status_code, slug(answer)) == (409, "record-attached-elsewhere")
    (stored,) = await AppraisalRecord.select()
    assert stored["person"] == hmt.person


async def test_an_attachment_is_never_moved_to_another_cycle(hmt: Hmt) -> None:
    await hmt.put()
    following = await a_cycle(YEAR + 1)
    answer = await hmt.put(cycle=following.id)

    assert (answer.status_code, slug(answer)) == (409, "record-attached-elsewhere")


async def test_a_person_has_one_record_of_an_hr_system_in_a_cycle(hmt: Hmt) -> None:
    await hmt.put()
    answer = await hmt.put("workday:other")

    assert (answer.status_code, slug(answer)) == (409, "record-attached-elsewhere")
    assert await AppraisalRecord.count() == 1


async def test_a_record_of_another_system_is_refused(hmt: Hmt) -> None:
    """Else one person could have many records in a cycle, and scores to compare."""
    answer = await hmt.put("sap:other")

    assert (answer.status_code, slug(answer)) == (422, "record-source-differs")
    assert not await AppraisalRecord.exists()


async def test_nothing_new_attaches_once_publishing_starts_but_what_is_there_answers(
    hmt: Hmt,
) -> None:
    await a_person("hmt", external_id="kim")
    await hmt.put()
    await actions.step(
        hmt.cycle, CycleStep.START_PUBLISHING, caller=OPERATOR, now=IN_THE_YEAR
    )

    late = await hmt.put("workday:late", "kim")
    assert (late.status_code, slug(late)) == (409, "cycle-wrong-state")
    assert (await hmt.put()).status_code == 200


async def test_another_organisations_person_is_as_absent_as_nobody(hmt: Hmt) -> None:
    await a_person("dft", external_id="theirs")
    absent = await hmt.put(external_id="nobody")
    theirs = await hmt.put(external_id="theirs")

    assert absent.status_code == theirs.status_code == 404
    assert same(absent) == same(theirs)
    assert not await AppraisalRecord.exists()


def same(answer: httpx.Response) -> dict[str, Any]:
    """Return what a refusal says, without the id of the request it answers."""
    return {k: v for k, v in answer.json().items() if k != "request_id"}


async def test_another_organisations_cycle_is_as_absent_as_none(hmt: Hmt) -> None:
    theirs = await a_cycle(YEAR + 1, organisations=["dft"])
    answers = [await hmt.put(cycle=cycle) for cycle in (theirs.id, uuid4())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert same(answers[0]) == same(answers[1])


async def test_another_organisation_may_use_the_same_record_id(hmt: Hmt) -> None:
    await a_person("dft", external_id="theirs")
    machine = await a_token(hmt.client, "dft")
    ours = await hmt.put()
    theirs = await hmt.put(external_id="theirs", headers=machine)

    assert (ours.status_code, theirs.status_code) == (201, 201)
    assert theirs.json()["organisation"] == "dft"


async def test_asking_for_another_organisation_is_404(hmt: Hmt) -> None:
    await a_person("dft", external_id="theirs")
    answer = await hmt.put(external_id="theirs", organisation="dft")
    assert answer.status_code == 404


async def test_without_both_walls_a_machine_could_reach_another_organisation(
    hmt: Hmt, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_person("dft", external_id="theirs")
    monkeypatch.setattr(actions, "within", lambda _, wanted: [wanted])
    monkeypatch.setattr(authentication, "only", lambda _: EVERYONE)
    answer = await hmt.put(external_id="theirs", organisation="dft")
    assert answer.status_code == 201


async def test_an_id_known_in_two_organisations_is_ambiguous_until_one_is_named(
    hmt: Hmt,
) -> None:
    theirs = await a_person("dft", external_id="sam")
    both = await a_token(hmt.client, "hmt", "dft")
    answer = await hmt.put(headers=both)
    assert (answer.status_code, slug(answer)) == (409, "ambiguous-identifier")
    assert "?organisation=" in answer.json()["detail"]

    named = await hmt.put(headers=both, organisation="dft")
    assert (named.status_code, named.json()["person"]) == (201, str(theirs))


@pytest.mark.parametrize(
    ("also", "pointer"),
    [
        ({"rating": 5}, "#/rating"),
        ({"cycle": "this year"}, "#/cycle"),
        ({"person": {"source_system": "workday"}}, "#/person/external_id"),
        (
            {"person": {"source_system": "a", "external_id": "b", "marking": "A"}},
            "#/person/marking",
        ),
        ({"person": "workday:sam"}, "#/person"),
    ],
)
async def test_a_body_of_another_shape_is_refused_by_its_place(
    hmt: Hmt, also: dict[str, Any], pointer: str
) -> None:
    answer = await hmt.put(also=also)

    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert not await AppraisalRecord.exists()


@pytest.mark.parametrize(
    "name",
    [
        "new",
        "workday:",
        ":new",
        "0b5c8a3e-6f0e-4d5f-9d29-0c1f3b6f1a11",
        "w" * 41 + ":new",
        "workday:" + "n" * 121,
    ],
)
async def test_a_name_that_cannot_be_a_records_is_refused(hmt: Hmt, name: str) -> None:
    answer = await hmt.put(name)
    assert (answer.status_code, slug(answer)) == (400, "record-name-malformed")


async def test_the_longest_names_attach_with_colons_and_line_breaks(hmt: Hmt) -> None:
    name = "a:b%0A" + "n" * 116
    answer = await hmt.put(f"workday:{name}")
    assert answer.status_code == 201
    assert answer.json()["external_id"] == "a:b\n" + "n" * 116


async def test_what_is_told_of_a_person_is_disclosed(hmt: Hmt) -> None:
    for _ in range(2):
        await hmt.put()
    rows = await Disclosure.select()
    assert [row["people"] for row in rows] == [[hmt.person]] * 2
    assert {row["what"] for row in rows} == {"records"}


async def test_reading_scopes_attach_nothing(hmt: Hmt) -> None:
    scopes = [scope for scope in Scope if scope != Scope.RECORDS_WRITE]
    headers = await a_token(hmt.client, "hmt", scopes=scopes)
    answer = await hmt.put(headers=headers)

    assert (answer.status_code, slug(answer)) == (403, "insufficient-scope")
    assert not await AppraisalRecord.exists()
