"""Shared objectives over HTTP: proposed by the lead's HR system, read by parties."""

from copy import deepcopy
from dataclasses import asdict
from uuid import UUID, uuid4

import pytest

from service.audit.tables import AuditEntry, Disclosure
from service.auth import authentication
from service.auth.caller import Scope
from service.db.reach import EVERYONE
from service.directory.queries import details_of
from service.objectives import actions, queries
from service.objectives.tables import SharedObjective
from service.records import whose
from tests.factories import Department, a_token, record_of
from tests.objectives.asking import Service, named, slug
from tests.objectives.joint import agree


async def test_a_lead_hr_system_proposes_an_objective(service: Service) -> None:
    answer = await service.post()

    assert answer.status_code == 201, answer.text
    (stored,) = await SharedObjective.select()
    subject = {"id": str(service.joint.subject), "name": None}
    said = answer.json()
    parts = [{k: v for k, v in p.items() if k != "id"} for p in said["contributions"]]
    assert parts == [
        {
            "organisation": code,
            "role": role,
            "share": share,
            "commitment": f"{code} gives time",
            "person": subject if code == "hmt" else None,
            "state": "invited",
            "agreed": False,
        }
        for code, role, share in (("hmt", "lead", 60), ("dft", "major", 40))
    ]
    assert {k: v for k, v in said.items() if v and k != "contributions"} == {
        "id": str(stored["id"]),
        "organisation": "hmt",
        "cycle": str(service.joint.on.cycle),
        "title": "One front door",
        "outcome": "People tell government once",
        "measures": "Forms asked for twice",
        "ownership_model": "shared_responsibility",
        "kind": "delivery_objective",
        "accountable_owners": [{"organisation": "hmt", "people": [subject]}],
        "lineage": str(stored["id"]),
        "stage": "proposed",
        "version": 1,
        "revision": 2,
    }
    assert answer.headers["etag"] == '"2"'


async def test_a_retry_gets_the_same_answer_and_one_objective(
    service: Service,
) -> None:
    first = await service.post(Idempotency_Key="once")
    again = await service.post(Idempotency_Key="once")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert await SharedObjective.count() == 1
    assert await AuditEntry.count().where(AuditEntry.action == "draft") == 1


async def test_a_key_is_of_one_body(service: Service) -> None:
    await service.post(Idempotency_Key="once")
    service.wanted["title"] = "Another front door"
    answer = await service.post(Idempotency_Key="once")

    assert (answer.status_code, slug(answer)) == (422, "idempotency-mismatch")
    assert await SharedObjective.count() == 1


async def test_a_refused_proposal_leaves_its_key_free(service: Service) -> None:
    whole = deepcopy(service.wanted)
    service.wanted["contributions"][0]["share"] = 59
    assert (await service.post(Idempotency_Key="once")).status_code == 422
    service.wanted = whole
    assert (await service.post(Idempotency_Key="once")).status_code == 201


SUBORDINATE = ("contributions", "agreements", "disputes", "versions", "steps")


async def whispers(*departments: Department) -> set[str]:
    """Return whatever would tell of a person in these departments."""
    people = [p for d in departments for p in (d.head, *d.people)]
    found = {str(person) for person in people} | {person.hex for person in people}
    for details in (await details_of(people)).values():
        found |= {details.family_name, details.email}
    for person in people:
        found.add(f'"{(await named(person))["external_id"]}"')
    return found


@pytest.mark.parametrize("reader", ["dft", "hmt"])
async def test_a_party_reads_it_with_its_own_people_and_nobody_elses(
    service: Service, reader: str
) -> None:
    posted = await service.post()
    joint, id_ = service.joint, posted.json()["id"]
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        await agree(UUID(id_), person)
    here, there = (joint.hmt, joint.dft)[:: 1 if reader == "hmt" else -1]
    secrets = await whispers(there, joint.moj)
    own = joint.subject if reader == "hmt" else joint.partner
    name = (await record_of(own, joint.on.cycle)).id
    read = await service.get(reader, f"/v1/objectives/{id_}")
    listed = await service.get(reader, f"/v1/records/{name}/objectives")

    assert (read.status_code, listed.status_code) == (200, 200)
    assert listed.json() == [read.json()]
    parts = read.json()["contributions"]
    assert [part["agreed"] for part in parts] == [True, True]
    assert {part["organisation"]: part["person"] for part in parts} == {
        here.code: {"id": str(own), "name": None},
        there.code: None,
    }
    paths = [f"/v1/objectives/{id_}/{more}" for more in SUBORDINATE]
    for answer in (read, listed, *[await service.get(reader, path) for path in paths]):
        assert answer.status_code == 200
        assert [word for word in secrets if word in answer.text] == []


async def test_the_search_for_persons_would_find_one(service: Service) -> None:
    fact = await queries.objective(UUID((await service.post()).json()["id"]))
    secrets = await whispers(service.joint.hmt, service.joint.dft)
    assert {word for word in secrets if word in str(asdict(fact))} >= {
        f"{service.joint.subject}",
        f"{service.joint.partner}",
    }


async def test_for_a_third_organisation_it_is_as_absent_as_none(
    service: Service,
) -> None:
    id_ = (await service.post()).json()["id"]
    theirs = await service.get("moj", f"/v1/objectives/{id_}")
    absent = await service.get("moj", f"/v1/objectives/{uuid4()}")

    assert (theirs.status_code, absent.status_code) == (404, 404)
    unlike = {"instance", "request_id"}
    assert {k: v for k, v in theirs.json().items() if k not in unlike} == {
        k: v for k, v in absent.json().items() if k not in unlike
    }
    service.tokens["moj"] = await a_token(service.client, "moj", "dft")
    assert (await service.get("moj", f"/v1/objectives/{id_}")).status_code == 200


@pytest.mark.parametrize("reader", ["dft", "moj"])
async def test_the_leads_record_is_nobody_elses_to_list_or_propose_on(
    service: Service, reader: str
) -> None:
    await service.post()
    for query in ("", "?organisation=hmt"):
        path = f"/v1/records/{service.joint.on.id}/objectives{query}"
        assert (await service.get(reader, path)).status_code == 404
    assert (await service.post(reader)).status_code == 404
    assert await SharedObjective.count() == 1


async def test_it_takes_both_walls_to_fall_to_list_anothers_record(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/v1/records/{service.joint.on.id}/objectives"
    monkeypatch.setattr(whose, "within", lambda *_: ["hmt"])
    assert (await service.get("dft", path)).status_code == 404
    monkeypatch.setattr(authentication, "only", lambda _: EVERYONE)
    assert (await service.get("dft", path)).status_code == 200


async def test_a_partner_cannot_propose_even_with_both_walls_down(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whose, "within", lambda *_: ["hmt"])
    monkeypatch.setattr(authentication, "only", lambda _: EVERYONE)
    assert (await service.post("dft")).status_code == 404
    assert not await SharedObjective.exists()

    monkeypatch.setattr(actions, "check_sets_on", anyone)
    assert (await service.post("dft")).status_code == 404  # Nor is a draft theirs.
    service.wanted["stage"] = "draft"
    assert (await service.post("dft")).status_code == 201


async def anyone(*_: object) -> None:
    """Let anyone set anyone's objectives."""


async def test_listing_a_record_discloses_its_person_alone(service: Service) -> None:
    await service.post()
    await service.get("hmt", f"/v1/records/{service.joint.on.id}/objectives")

    setting, listing = await Disclosure.select()
    for row in (setting, listing):
        assert (row["people"], row["what"]) == ([service.joint.subject], "objectives")


async def test_whoever_answers_for_somebody_is_disclosed_where_they_are_shown(
    service: Service,
) -> None:
    id_ = (await service.post()).json()["id"]
    await agree(UUID(id_), service.joint.dft.head)
    answer = await service.get("dft", f"/v1/objectives/{id_}/agreements")

    assert str(service.joint.dft.head) in answer.text
    (row,) = await Disclosure.select().where(Disclosure.what == "agreements")
    assert {*row["people"]} == {service.joint.dft.head, service.joint.partner}


async def test_reading_proposes_nothing_and_proposing_reads_nothing(
    service: Service,
) -> None:
    id_ = (await service.post()).json()["id"]
    read, write = Scope.OBJECTIVES_READ, Scope.OBJECTIVES_WRITE
    service.tokens["hmt"] = await a_token(service.client, "hmt", scopes=[read])
    assert slug(await service.post()) == "insufficient-scope"
    service.tokens["hmt"] = await a_token(service.client, "hmt", scopes=[write])
    answer = await service.get("hmt", f"/v1/objectives/{id_}")
    assert slug(answer) == "insufficient-scope"
