"""Whatever else is wrong with what is sent, it tells nobody who works elsewhere."""

from typing import Any
from uuid import uuid4

import pytest

from service.directory.tables import Person
from service.objectives.tables import SharedObjective
from tests.objectives.acting import left_yesterday
from tests.objectives.asking import Service, named, slug, told

NOBODY = {"source_system": "workday", "external_id": "nobody"}
FAULTS: dict[str, dict[str, Any]] = {
    "none": {},
    "kind": {"kind": "minimum_standard", "weight": 10},
    "standard": {"kind": "minimum_standard", "standard": "nonsense"},
    "element": {"element": "nonsense", "weight": 10},
    "priority": {"priority": {"scheme": "nonsense", "code": "1"}},
    "values": {"value_map": [{"organisation": "moj"}]},
    "end": {"ends_on": "2020-01-01"},
    "owners": {"ownership_model": "collective_accountability"},
    "parent": {"parent": "00000000-0000-4000-8000-000000000007"},
}
Body = dict[str, Any]


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> Body:
    return FAULTS[request.param]


@pytest.fixture(params=["hidden", "left"])
async def unseen(request: pytest.FixtureRequest, service: Service) -> Body:
    """The name of somebody of dft of whom hmt is to know nothing."""
    person = service.joint.dft.people[1]
    if request.param == "hidden":
        await Person.update({Person.discoverable: False}).where(Person.id == person)
    else:
        await left_yesterday(person)
    return {**await named(person)}


async def answered(service: Service, body: Body) -> tuple[Body, Any]:
    """What is refused when it is asked for alone, and in a call for many records."""
    service.wanted = body
    alone = await service.post()
    many = await service.client.post(
        "/v1/objectives/bulk",
        json=for_many(body, f"workday:{service.joint.on.external_id}"),
        headers=service.tokens["hmt"] | {"Idempotency-Key": str(uuid4())},
    )
    assert (alone.status_code, many.status_code) == (422, 422), many.text
    assert "invalid" not in {slug(alone), slug(many)}  # Else it is not held to rules.
    assert not await SharedObjective.exists()
    return told(alone), told(many)


def for_many(body: Body, record: str) -> Body:
    """Return the same, asked for on one record of many."""
    others = ("contributions", "accountable_owners", "parent")
    lead, *partners = body["contributions"]
    item = {"record": record, "accountable_owners": body.get("accountable_owners")}
    return {
        "objective": {
            **{key: value for key, value in body.items() if key not in others},
            "lead": {"share": lead["share"], "commitment": lead["commitment"]},
        },
        "contributions": partners,
        "parent": body.get("parent"),
        "records": [item],
    }


def owned_by(code: str, *people: Body) -> Body:
    return {
        "accountable_owners": [
            {"organisation": code, "people": [person]} for person in people
        ]
    }


async def test_a_contributor_of_a_partner_is_refused_as_nobody_is(
    service: Service, unseen: Body, fault: Body
) -> None:
    body = {**service.wanted, **fault}
    lead, partner = body["contributions"]
    told_apart = [
        await answered(
            service, {**body, "contributions": [lead, {**partner, "person": person}]}
        )
        for person in (unseen, NOBODY)
    ]
    assert told_apart[0] == told_apart[1]


async def test_an_owner_of_a_partner_is_refused_as_nobody_is(
    service: Service, unseen: Body, fault: Body
) -> None:
    body = {**service.wanted, **fault}
    told_apart = [
        await answered(service, {**body, **owned_by("dft", person)})
        for person in (unseen, NOBODY)
    ]
    assert told_apart[0] == told_apart[1]


async def test_an_owner_of_a_department_that_shares_nothing_is_refused_as_nobody_is(
    service: Service, fault: Body
) -> None:
    somebody = {**await named(service.joint.moj.people[0])}
    body = {**service.wanted, **fault}
    told_apart = [
        await answered(service, {**body, **owned_by("moj", person)})
        for person in (somebody, NOBODY)
    ]
    assert told_apart[0] == told_apart[1]


async def test_whoever_comes_after_does_not_tell_who_is_unknown(
    service: Service, unseen: Body
) -> None:
    lead, partner = service.wanted["contributions"]
    told_apart = []
    for person in (unseen, NOBODY):
        first = {**partner, "share": 20, "person": person}
        then = {**partner, "share": 20, "person": NOBODY}
        body = {**service.wanted, "contributions": [lead, first, then]}
        told_apart.append(await answered(service, body))
        body = {**service.wanted, **owned_by("dft", person, NOBODY)}
        told_apart.append(await answered(service, body))
    assert told_apart[:2] == told_apart[2:]


async def test_somebody_unknown_of_our_own_does_not_tell_who_is_of_theirs(
    service: Service, unseen: Body
) -> None:
    lead, partner = service.wanted["contributions"]
    told_apart = [
        await answered(
            service,
            {
                **service.wanted,
                "contributions": [lead, {**partner, "person": person}],
                **owned_by("hmt", NOBODY),
            },
        )
        for person in (unseen, NOBODY)
    ]
    assert told_apart[0] == told_apart[1]


async def test_a_second_lead_does_not_tell_who_is_known(
    service: Service, unseen: Body
) -> None:
    lead, partner = service.wanted["contributions"]
    told_apart = []
    for person in (unseen, NOBODY):
        second = {**partner, "role": "lead", "person": person}
        service.wanted["contributions"] = [lead, second]
        answer = await service.post()
        assert answer.status_code == 422
        told_apart.append(told(answer))
    assert told_apart[0] == told_apart[1]


async def test_one_named_twice_does_not_tell_who_is_known(
    service: Service, unseen: Body
) -> None:
    lead, partner = service.wanted["contributions"]
    told_apart = []
    for person in (unseen, NOBODY):
        twice = {**partner, "share": 20, "person": person}
        body = {**service.wanted, "contributions": [lead, twice, twice]}
        told_apart.append(await answered(service, body))
    assert told_apart[0] == told_apart[1]


async def test_who_is_hidden_since_may_stay_where_they_are_named(
    service: Service,
) -> None:
    joint = service.joint
    fact = await joint.drafted()
    await Person.update({Person.discoverable: False}).where(Person.id == joint.partner)
    changed = await joint.changed(fact, title="Another title")
    assert joint.partner in {part.person for part in changed.contributions}
