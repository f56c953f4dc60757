"""Proposals over HTTP that are refused, in one shape and without a trace."""

from typing import Any

import pytest

from service.audit.tables import AuditEntry
from service.objectives.tables import SharedObjective
from tests.objectives.asking import Service, named, slug


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
        (("contributions",), [], "#/contributions"),
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
    (stored,) = await SharedObjective.select()
    assert stored["accountable_owner"] == service.joint.hmt.head
