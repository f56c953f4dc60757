"""Proposals over HTTP that are refused, in one shape and without a trace."""

from typing import Any

import pytest

from service.audit.tables import AuditEntry
from service.objectives.tables import Owner, SharedObjective
from tests.factories import a_person
from tests.objectives.asking import Service, named, slug

MONEY = "#/value_map/0/money_in"


@pytest.mark.parametrize(
    ("place", "value", "pointer"),
    [
        (("rating",), 5, "#/rating"),
        (("stage",), "agreed", "#/stage"),
        (("contributions", 1, "agreed"), True, "#/contributions/1/agreed"),
        (("contributions", 1, "person", "id"), "x", "#/contributions/1/person/id"),
        (("contributions", 1, "share"), 0, "#/contributions/1/share"),
        (("contributions", 1, "share"), 101, "#/contributions/1/share"),
        (("contributions", 1, "share"), 39.5, "#/contributions/1/share"),
        (("contributions", 1, "role"), "boss", "#/contributions/1/role"),
        (("ownership_model",), "mine", "#/ownership_model"),
        (("title",), "", "#/title"),
        (("title",), "x" * 201, "#/title"),
        (("title",), "x" * 999_000, "#/title"),
        (("contributions",), [], "#/contributions"),
        (("value_map",), [{"organisation": "hmt", "money_in": "-0.01"}], MONEY),
        (("value_map",), [{"organisation": "hmt", "money_in": "1.001"}], MONEY),
        (("value_map",), [{"organisation": "hmt", "money_in": "1e13"}], MONEY),
        (("value_map",), [{"organisation": "hmt", "money_in": "NaN"}], MONEY),
        (
            ("value_map",),
            [{"organisation": "hmt", "people_in": -1}],
            "#/value_map/0/people_in",
        ),
        (
            ("value_map",),
            [{"organisation": "hmt", "days_in": 0.5}],
            "#/value_map/0/days_in",
        ),
        (("weight",), 101, "#/weight"),
        (("weight",), 0, "#/weight"),
        (("ends_on",), "31/03/2027", "#/ends_on"),
        (("parent",), "x", "#/parent"),
    ],
)
async def test_a_body_of_another_shape_is_refused_by_its_place(
    service: Service, place: tuple[Any, ...], value: object, pointer: str
) -> None:
    inner: Any = service.wanted
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    answer = await service.post()

    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert not await SharedObjective.exists()


@pytest.mark.parametrize(("mine", "theirs"), [(60, 39), (60, 41), (100, 100)])
async def test_shares_that_are_not_whole_are_one_problem(
    service: Service, mine: int, theirs: int
) -> None:
    for part, share in zip(
        service.wanted["contributions"], (mine, theirs), strict=True
    ):
        part["share"] = share
    answer = await service.post()

    assert (answer.status_code, slug(answer)) == (422, "objective-shares-invalid")
    said = answer.json()
    assert said["status"] == 422
    assert said["title"].startswith("The shares of an objective are whole")
    assert f"sum to {mine + theirs}" in said["detail"]
    assert said["errors"][0]["pointer"] == "#/contributions"
    assert said["instance"].endswith("/objectives")
    assert not await SharedObjective.exists()


async def test_who_does_not_share_is_refused_before_their_people_are_looked_up(
    service: Service,
) -> None:
    part = service.wanted["contributions"][1]
    part["organisation"] = "moj"
    answers = []
    for person in (
        await named(service.joint.moj.head),
        await named(service.joint.partner),
    ):
        part["person"] = person
        answers.append(await service.post())

    assert [slug(answer) for answer in answers] == ["data-sharing-missing"] * 2
    assert answers[0].json()["detail"] == answers[1].json()["detail"]


@pytest.mark.parametrize("whose", ["moj", "hmt", "nobody"])
async def test_a_contributor_is_looked_up_in_their_own_organisation(
    service: Service, whose: str
) -> None:
    people = {"moj": service.joint.moj.head, "hmt": service.joint.hmt.people[1]}
    service.wanted["contributions"][1]["person"] = (
        await named(people[whose])
        if whose in people
        else {"source_system": "workday", "external_id": "nobody"}
    )
    answer = await service.post()

    # The same words whoever it is: a partner's people are not told apart.
    assert (answer.status_code, slug(answer)) == (422, "objective-contributors-invalid")
    assert "Contributor 2 holds no posting in " in answer.json()["detail"]
    assert not await SharedObjective.exists()


async def test_shares_are_refused_before_anybody_is_looked_up(service: Service) -> None:
    service.wanted["contributions"][0]["share"] -= 1
    known = await service.post()
    service.wanted["contributions"][1]["person"] = {
        "source_system": "workday",
        "external_id": "nobody",
    }
    unknown = await service.post()

    assert slug(known) == slug(unknown) == "objective-shares-invalid"
    assert known.json()["detail"] == unknown.json()["detail"]


async def test_a_proposal_that_nobody_can_agree_to_leaves_no_draft(
    service: Service,
) -> None:
    part = service.wanted["contributions"][1]
    part["person"] = await named(service.joint.dft.head)
    answer = await service.post()

    assert (answer.status_code, slug(answer)) == (422, "objective-no-line-manager")
    assert not await SharedObjective.exists()
    assert not await AuditEntry.exists().where(AuditEntry.entity == "objective")


async def test_an_owner_may_be_named_from_the_leads_organisation(
    service: Service,
) -> None:
    service.wanted["accountable_owner"] = await named(service.joint.hmt.head)
    assert (await service.post()).status_code == 201
    (stored,) = await Owner.select()
    assert stored["person"] == service.joint.hmt.head


@pytest.mark.parametrize("field", ["title", "outcome", "measures", "element"])
async def test_text_with_nul_is_refused(service: Service, field: str) -> None:
    service.wanted[field] = "One\x00door"
    answer = await service.post()
    assert (answer.status_code, slug(answer)) == (422, "unstorable-text")
    assert not await SharedObjective.exists()


async def test_a_title_of_two_megabytes_is_too_large(service: Service) -> None:
    service.wanted["title"] = "x" * 2_000_000
    answer = await service.post()
    assert (answer.status_code, slug(answer)) == (413, "too-large")


async def test_fifty_contribute_and_no_more(service: Service) -> None:
    joint, parts = service.joint, service.wanted["contributions"]
    parts[1]["share"] = 40 - 24
    for _ in range(24):
        person = await a_person("dft", manager=joint.dft.head)
        parts.append(
            {
                **parts[1],
                "person": await named(person),
                "role": "supporting",
                "share": 1,
            }
        )
    parts += [parts[-1]] * (51 - len(parts))
    answer = await service.post()
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert answer.json()["errors"][0]["pointer"] == "#/contributions"
    del parts[26:]
    assert (await service.post()).status_code == 201


async def test_one_person_named_twice_is_refused(service: Service) -> None:
    parts = service.wanted["contributions"]
    parts[1]["share"] = 20
    parts.append({**parts[1], "role": "supporting"})
    answer = await service.post()
    assert (answer.status_code, slug(answer)) == (422, "objective-contributors-invalid")
    assert not await SharedObjective.exists()


async def test_a_value_map_of_who_is_no_party_is_refused(service: Service) -> None:
    service.wanted["value_map"] = [{"organisation": "dft"}, {"organisation": "moj"}]
    answer = await service.post()
    assert (answer.status_code, slug(answer)) == (422, "objective-values-invalid")
    assert [e["pointer"] for e in answer.json()["errors"]] == ["#/value_map/1"]


async def test_somebody_unknown_in_our_own_department_is_named_in_the_refusal(
    service: Service,
) -> None:
    nobody = {"source_system": "workday", "external_id": "nobody"}
    service.wanted["contributions"][0]["person"] = nobody
    answer = await service.post()
    assert (answer.status_code, slug(answer)) == (422, "objective-person-unknown")
    assert answer.json()["errors"][0]["pointer"] == "#/contributions/0/person"


async def test_what_a_priority_is_must_be_published(service: Service) -> None:
    for scheme, code in (("un-sdg-2030", "99"), ("none", "13")):
        service.wanted["priority"] = {"scheme": scheme, "code": code}
        answer = await service.post()
        assert answer.status_code == 422
        assert slug(answer) == "objective-priority-unknown"
    service.wanted["priority"] = {"scheme": "un-sdg-2030", "code": "13"}
    assert (await service.post()).json()["priority"]["code"] == "13"
