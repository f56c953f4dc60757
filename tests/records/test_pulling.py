"""Reading cycles and records over HTTP: within the client's organisations, whole."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from service.audit.tables import Disclosure
from service.auth import authentication
from service.auth.caller import Scope
from service.db.reach import EVERYONE
from service.records import queries, whose
from service.records.actions import attach_imported
from service.records.tables import AppraisalRecord
from tests.factories import (
    IN_THE_YEAR,
    OPERATOR,
    YEAR,
    Department,
    a_cycle,
    a_department,
    a_person,
    a_token,
    an_organisation,
    record_of,
)

RECORD = (
    "id",
    "organisation",
    "cycle",
    "source_system",
    "external_id",
    "person",
    "version",
)
"""What names a record, before all that is attached to it."""


@dataclass
class Two:
    client: httpx.AsyncClient
    hmt: Department
    dft: Department
    cycle: UUID
    headers: dict[str, str]

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.client.get(path, headers=self.headers, params=params or None)


@pytest.fixture
async def two(client: httpx.AsyncClient) -> Two:
    hmt, dft = await a_department("hmt", 6), await a_department("dft", 1)
    cycle = (await a_cycle()).id
    return Two(client, hmt, dft, cycle, await a_token(client, "hmt"))


def said(answer: httpx.Response) -> dict[str, Any]:
    return {k: v for k, v in answer.json().items() if k != "request_id"}


async def disclosed() -> list[set[UUID]]:
    return [set(row["people"]) for row in await Disclosure.select(Disclosure.people)]


async def test_cycles_come_with_their_stages_and_the_clients_organisations(
    two: Two,
) -> None:
    listed = await two.get("/v1/cycles")
    one = await two.get(f"/v1/cycles/{two.cycle}")

    assert (listed.status_code, one.status_code) == (200, 200)
    assert listed.json()["items"] == [one.json()]
    assert listed.json()["next"] is None
    found = one.json()
    assert found["organisations"] == ["hmt"]
    assert (found["year"], found["state"]) == (YEAR, "open")
    assert found["stages"]["feedback_opens"] == "2027-02-01T00:00:00Z"
    assert len(found["stages"]) == len(await queries.instants(two.cycle)) == 12


async def test_another_organisations_cycle_is_as_absent_as_none(two: Two) -> None:
    theirs = await a_cycle(YEAR + 1, organisations=["dft"])
    listed = await two.get("/v1/cycles")
    answers = [await two.get(f"/v1/cycles/{c}") for c in (theirs.id, uuid4())]

    assert [cycle["id"] for cycle in listed.json()["items"]] == [str(two.cycle)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({str(said(a) | {"instance": ""}) for a in answers}) == 1


@pytest.mark.parametrize("by", ["id", "name"])
async def test_a_record_is_read_by_its_id_or_by_its_hr_systems(
    two: Two, by: str
) -> None:
    fact = await record_of(two.hmt.head, two.cycle)
    name = fact.id if by == "id" else f"workday:{fact.external_id}"
    answer = await two.get(f"/v1/records/{name}")

    assert answer.status_code == 200
    found = answer.json()
    assert {key: found[key] for key in RECORD} == {
        "id": str(fact.id),
        "organisation": "hmt",
        "cycle": str(two.cycle),
        "source_system": "workday",
        "external_id": fact.external_id,
        "person": str(two.hmt.head),
        "version": 1,
    }
    assert found["links"]["self"].endswith(f"/v1/records/{fact.id}")
    assert await disclosed() == [{two.hmt.head}]


async def test_another_organisations_record_is_as_absent_as_none(two: Two) -> None:
    fact = await record_of(two.dft.head, two.cycle)
    names = [fact.id, f"workday:{fact.external_id}", uuid4(), "workday:none", "none"]
    answers = [await two.get(f"/v1/records/{name}") for name in names]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert len({str(said(answer) | {"instance": ""}) for answer in answers}) == 1
    assert await disclosed() == []


async def test_naming_the_other_organisation_does_not_open_it(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    fact = await record_of(two.dft.head, two.cycle)
    attacks = ("/v1/records", f"/v1/records/{fact.id}")
    for path in attacks:
        assert (await two.get(path, organisation="dft")).status_code == 404
    assert await disclosed() == []

    monkeypatch.setattr(whose, "within", lambda _, wanted: [wanted])
    monkeypatch.setattr(authentication, "only", lambda _: EVERYONE)
    for path in attacks:
        assert (await two.get(path, organisation="dft")).status_code == 200


async def test_a_record_id_of_two_organisations_is_ambiguous_until_one_is_named(
    two: Two,
) -> None:
    ours = await a_person("hmt", record_id="same")
    await a_person("dft", record_id="same")
    await attach_imported(caller=OPERATOR, now=IN_THE_YEAR)
    two.headers = await a_token(two.client, "hmt", "dft")

    answer = await two.get("/v1/records/workday:same")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/ambiguous-identifier")
    assert "?organisation=" in answer.json()["detail"]
    named = await two.get("/v1/records/workday:same", organisation="hmt")
    assert (named.status_code, named.json()["person"]) == (200, str(ours))


async def test_whoever_has_the_record_is_told_so(two: Two) -> None:
    path = f"/v1/records/{(await record_of(two.hmt.head, two.cycle)).id}"
    first = await two.get(path)
    two.headers["If-None-Match"] = first.headers["etag"]
    again = await two.get(path)
    two.headers["If-None-Match"] = '"2"'
    other = await two.get(path)

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert (other.status_code, other.content) == (200, first.content)


async def test_whoever_has_the_page_is_told_so_until_it_changes(two: Two) -> None:
    first = await two.get("/v1/records")
    two.headers["If-None-Match"] = first.headers["etag"]
    assert (await two.get("/v1/records")).status_code == 304

    await a_person("hmt")
    await attach_imported(caller=OPERATOR, now=IN_THE_YEAR)
    changed = await two.get("/v1/records")
    assert changed.status_code == 200
    assert len(changed.json()["items"]) == 8


async def test_each_page_discloses_whom_it_tells_of(two: Two) -> None:
    await two.get("/v1/records", limit=5)
    (people,) = await disclosed()
    assert len(people) == 5
    assert people < {two.hmt.head, *two.hmt.people}


async def test_a_page_without_anybody_discloses_nothing(two: Two) -> None:
    answer = await two.get("/v1/records", cycle=uuid4())
    assert answer.json()["items"] == []
    assert await disclosed() == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
async def test_paging_loses_and_repeats_nothing_while_records_are_added(
    two: Two, limit: int
) -> None:
    there = {str(fact.id) for fact in await queries.records(["hmt"])}
    seen: list[str] = []
    path: str | None = f"/v1/records?limit={limit}"
    while path is not None:
        answer = await two.get(path)
        page = answer.json()
        seen += [record["id"] for record in page["items"]]
        assert len(page["items"]) <= limit
        path = page["next"]
        if path is not None:
            assert len(page["items"]) == limit
            assert len(seen) < 50, "the pages never end"
            assert answer.headers["link"] == f'<{path}>; rel="next"'
            if len(seen) < 12:  # Added before and behind: their ids are random.
                await a_person("hmt")
                await attach_imported(caller=OPERATOR, now=IN_THE_YEAR)
    assert "link" not in answer.headers
    assert len(seen) == len(set(seen))
    assert there <= set(seen)
    assert seen == sorted(seen)


async def test_a_page_is_of_one_cycle_if_one_is_asked_for(two: Two) -> None:
    following = await a_cycle(YEAR + 1)
    person = await a_person("hmt")
    made = await a_record(person, following.id)
    listed = await two.get("/v1/records", cycle=following.id)
    assert [record["id"] for record in listed.json()["items"]] == [str(made)]


async def a_record(person: UUID, cycle: UUID) -> UUID:
    made = uuid4()
    await AppraisalRecord.insert(
        AppraisalRecord(
            organisation="hmt",
            id=made,
            cycle=cycle,
            person=person,
            source="workday",
            external_id="next",
            attached_at=IN_THE_YEAR,
            version=1,
        )
    )
    return made


async def test_a_cursor_is_of_no_use_to_another_client_or_question(two: Two) -> None:
    page = await two.get("/v1/records", limit=1)
    (cursor,) = parse_qs(urlsplit(page.json()["next"]).query)["cursor"]
    await an_organisation("moj")
    mine, others = two.headers, await a_token(two.client, "moj")

    for headers, more in (
        (others, {}),
        (mine, {"cycle": str(two.cycle)}),
        (mine, {"organisation": "hmt"}),
    ):
        two.headers = headers
        answer = await two.get("/v1/records", cursor=cursor, **more)
        assert answer.status_code == 400, more
        assert answer.json()["type"].endswith("/bad-cursor")
    two.headers = mine
    assert (await two.get("/v1/records", cursor=cursor)).status_code == 200


@pytest.mark.parametrize("limit", ["0", "-1", "5001", "all"])
async def test_a_page_of_no_size_is_refused(two: Two, limit: str) -> None:
    answer = await two.get("/v1/records", limit=limit)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "limit"


@pytest.mark.parametrize(
    ("path", "scope"),
    [("/v1/cycles", Scope.CYCLES_READ), ("/v1/records", Scope.RECORDS_READ)],
)
async def test_reading_needs_the_scope_that_names_it(
    two: Two, path: str, scope: Scope
) -> None:
    two.headers = await a_token(two.client, "hmt", scopes=[scope])
    assert (await two.get(path)).status_code == 200
    others = [other for other in Scope if other != scope]
    two.headers = await a_token(two.client, "hmt", scopes=others)
    assert (await two.get(path)).status_code == 403
    two.headers = {}
    assert (await two.get(path)).status_code == 401
