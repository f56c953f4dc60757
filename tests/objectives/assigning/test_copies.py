"""Copies of objectives: anew, or going on in the next cycle."""

import asyncio
from typing import Any
from uuid import UUID

import httpx

from service.directory.tables import Person, Posting
from service.objectives.queries import ObjectiveFact, objective
from service.objectives.tables import SharedObjective
from tests.factories import IN_THE_YEAR, a_token, record_of
from tests.objectives.asking import named, slug
from tests.objectives.assigning.many import NEXT_YEAR, Many, next_year, one_going_on
from tests.objectives.joint import Joint, shared_no_more


async def copied(
    many: Many, of: UUID, headers: dict[str, str] | None = None, **wanted: Any
) -> httpx.Response:
    return await many.client.post(
        f"/v1/objectives/{of}/copies",
        json=wanted,
        headers=headers or many.tokens["hmt"],
    )


async def test_a_copy_says_the_same_on_the_next_record(
    many: Many, going_on: ObjectiveFact
) -> None:
    answer = await copied(many, going_on.id)

    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["stage"], said["previous"], said["ends_on"]) == ("draft", None, None)
    assert said["lineage"] == said["id"] != str(going_on.id)
    copy = await objective(UUID(said["id"]))
    on = await record_of(many.joint.subject, copy.cycle)
    assert (copy.record, copy.cycle) == (on.id, on.cycle)
    assert on.external_id == "next-0"
    before, after = going_on.content, copy.content
    assert (after.title, after.contributions) == (before.title, before.contributions)
    assert {part.state for part in copy.contributions} == {"invited"}


async def test_one_that_outlives_its_cycle_goes_on(
    many: Many, going_on: ObjectiveFact
) -> None:
    answer = await copied(many, going_on.id, continues=True, stage="proposed")

    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["stage"], said["ends_on"]) == ("proposed", "2028-03-31")
    assert (said["previous"], said["lineage"]) == (str(going_on.id),) * 2


async def test_at_most_one_that_stands_follows_it(
    many: Many, going_on: ObjectiveFact
) -> None:
    first = (await copied(many, going_on.id, continues=True)).json()
    again = await copied(many, going_on.id, continues=True)
    assert (again.status_code, slug(again)) == (
        409,
        "objective-copy-continued-already",
    )
    withdrawn = await many.client.post(
        f"/v1/objectives/{first['id']}/withdrawal",
        json={"reason": "Begun too early."},
        headers=many.tokens["hmt"],
    )
    assert withdrawn.status_code == 201
    assert (await copied(many, going_on.id, continues=True)).status_code == 201


async def test_what_ends_with_its_cycle_does_not_go_on(many: Many) -> None:
    fact = await many.joint.agreed()
    await next_year(many)
    answer = await copied(many, fact.id, continues=True)
    assert (answer.status_code, slug(answer)) == (
        422,
        "objective-copy-does-not-continue",
    )
    assert "2027-03-31" in answer.json()["detail"]
    assert (await copied(many, fact.id)).status_code == 201


async def test_what_was_never_agreed_does_not_go_on(many: Many) -> None:
    fact = await many.joint.drafted(ends_on=NEXT_YEAR)
    await next_year(many)
    answer = await copied(many, fact.id, continues=True)
    assert (answer.status_code, slug(answer)) == (409, "objective-wrong-stage")


async def test_it_goes_on_with_the_same_person_in_a_later_cycle_alone(
    many: Many, going_on: ObjectiveFact
) -> None:
    other = await record_of(many.joint.hmt.people[1], many.joint.on.cycle)
    for record in ("workday:next-1", f"workday:{other.external_id}"):
        answer = await copied(many, going_on.id, record=record, continues=True)
        assert slug(answer) == "objective-copy-does-not-continue"
    assert await SharedObjective.count() == 1


async def test_a_named_record_gets_it_with_its_own_person_in_the_lead(
    many: Many, going_on: ObjectiveFact
) -> None:
    answer = await copied(many, going_on.id, record="workday:next-1")
    assert answer.status_code == 201, answer.text
    copy = await objective(UUID(answer.json()["id"]))
    other = many.joint.hmt.people[1]
    assert (copy.person, copy.content.owners) == (other, ((other,),))
    assert {p.person for p in copy.contributions} == {other, many.joint.partner}


async def test_without_a_later_record_there_is_nothing_to_copy_to(many: Many) -> None:
    fact = await many.joint.agreed()
    answer = await copied(many, fact.id)
    assert (answer.status_code, slug(answer)) == (422, "objective-copy-no-record")
    answer = await copied(many, fact.id, cycle=str(many.joint.on.cycle))
    assert answer.status_code == 201  # The same record again, as one may.
    answer = await copied(many, fact.id, cycle=str(UUID(int=7)))
    assert slug(answer) == "objective-copy-no-record"


async def test_who_has_left_is_told_of_by_what_they_contributed(
    many: Many, going_on: ObjectiveFact
) -> None:
    joint = many.joint
    await Posting.update({Posting.valid_to: IN_THE_YEAR.date()}).where(
        Posting.person == joint.partner
    )
    answer = await copied(many, going_on.id)
    assert (answer.status_code, slug(answer)) == (422, "objective-copy-people-left")
    (fault,) = answer.json()["errors"]
    (part,) = [p for p in going_on.contributions if p.organisation == "dft"]
    assert str(part.id) in fault["detail"]
    assert "major contribution of dft, 40 %" in fault["detail"]

    anew = [
        {
            "organisation": code,
            "person": await named(person),
            "role": role,
            "share": share,
            "commitment": "time",
        }
        for code, person, role, share in (
            ("hmt", joint.subject, "lead", 70),
            ("dft", joint.dft.people[1], "major", 30),
        )
    ]
    answer = await copied(many, going_on.id, contributions=anew)
    assert answer.status_code == 201, answer.text
    copy = await objective(UUID(answer.json()["id"]))
    assert {p.person for p in copy.contributions} == {
        joint.subject,
        joint.dft.people[1],
    }


async def test_an_owner_who_is_hidden_now_is_given_anew(
    many: Many, going_on: ObjectiveFact
) -> None:
    await Person.update({Person.discoverable: False}).where(
        Person.id == many.joint.partner
    )
    answer = await copied(many, going_on.id)
    assert (answer.status_code, slug(answer)) == (
        422,
        "objective-contributors-invalid",
    )


async def test_sharing_that_has_ended_closes_copies(
    many: Many, going_on: ObjectiveFact
) -> None:
    await shared_no_more()
    answer = await copied(many, going_on.id)
    assert (answer.status_code, slug(answer)) == (422, "data-sharing-missing")
    assert "between dft and hmt" in answer.json()["detail"]


async def test_who_may_copy(many: Many, going_on: ObjectiveFact) -> None:
    joint = many.joint
    statuses = {}
    for who, person, code in (
        ("line manager", joint.hmt.head, "hmt"),
        ("subject", joint.subject, "hmt"),
        ("partner's manager", joint.dft.head, "dft"),
        ("colleague", joint.hmt.people[1], "hmt"),
        ("stranger", joint.moj.head, "moj"),
    ):
        headers = await many.sign_in(person, code)
        statuses[who] = (await copied(many, going_on.id, headers)).status_code
    for code in ("hmt", "dft", "moj"):
        headers = many.tokens[code]
        statuses[code] = (await copied(many, going_on.id, headers)).status_code
    assert statuses == {
        "line manager": 201,
        "subject": 403,
        "partner's manager": 403,
        "colleague": 404,
        "stranger": 404,
        "hmt": 201,
        "dft": 403,
        "moj": 404,
    }


async def test_nobody_copies_to_a_record_that_is_not_theirs_to_set(
    many: Many, going_on: ObjectiveFact
) -> None:
    theirs = await record_of(many.joint.dft.people[0], many.joint.on.cycle)
    answers = [
        await copied(many, going_on.id, record=record)
        for record in (f"workday:{theirs.external_id}", str(theirs.id), "workday:none")
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def test_a_draft_of_others_cannot_be_copied_unseen(many: Many) -> None:
    fact = await many.joint.drafted()
    headers = many.tokens["dft"]
    assert (await copied(many, fact.id, headers)).status_code == 404


async def test_of_two_at_once_one_follows(
    committed: tuple[httpx.AsyncClient, Joint],
) -> None:
    client, joint = committed
    tokens = {"hmt": await a_token(client, "hmt")}
    many = Many(client, joint, tokens, {}, {}, [])
    fact = await one_going_on(many)
    answers = await asyncio.gather(
        *(copied(many, fact.id, continues=True) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert await SharedObjective.count() == 2
