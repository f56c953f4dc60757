"""What a party does not see: people it shares no data with, links it cannot follow."""

from collections.abc import Awaitable, Callable

import pytest

from service.objectives.content import Contributed
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import OwnershipModel
from service.objectives.stages import Stage
from tests.factories import sharing
from tests.objectives.acting import decline, leave
from tests.objectives.asking import People
from tests.objectives.joint import MAJOR, Joint, agree, propose
from tests.objectives.test_disputing import part_of
from tests.objectives.test_history import listed

FREELY = OwnershipModel.VOLUNTARY_COORDINATION
EVERYWHERE = ("", "/contributions", "/versions", "/steps", "/agreements", "/disputes")
Gone = Callable[[Joint], Awaitable[ObjectiveFact]]


async def left(joint: Joint) -> ObjectiveFact:
    fact = await joint.agreed(ownership_model=FREELY)
    return await leave(fact.id, part_of(fact, "dft").id, joint.dft.head)


async def declined(joint: Joint) -> ObjectiveFact:
    fact = await joint.proposed(ownership_model=FREELY)
    return await decline(fact.id, part_of(fact, "dft").id, joint.dft.head)


async def replaced(joint: Joint) -> ObjectiveFact:
    return await joint.agreed(ownership_model=FREELY)


async def joined_after(gone: Gone, joint: Joint) -> ObjectiveFact:
    """Have dft go from an objective, and moj join it."""
    await sharing("hmt", "moj")
    fact = await gone(joint)
    lead, _ = joint.parts()
    court = Contributed("moj", joint.moj.people[0], MAJOR, 40, "a court")
    fact = await joint.changed(fact, contributions=(lead, court))
    if fact.stage != Stage.PROPOSED:
        fact = await propose(fact.id, joint.machine)
    return await agree(fact.id, joint.subject)


async def read_by_moj(people: People, joint: Joint, fact: ObjectiveFact) -> str:
    """All that moj's manager is shown of an objective, whichever way they look."""
    answers = [
        await people.ask((joint.moj.head, "moj"), "GET", f"/v1/objectives{path}")
        for path in ("", *(f"/{fact.id}{part}" for part in EVERYWHERE))
    ]
    assert {answer.status_code for answer in answers} == {200}
    return " ".join(answer.text for answer in answers)


@pytest.mark.parametrize("gone", [left, declined, replaced])
async def test_a_new_partner_sees_nobody_of_who_went_and_does_not_share_with_it(
    people: People, joint: Joint, gone: Gone
) -> None:
    fact = await joined_after(gone, joint)
    shown = await read_by_moj(people, joint, fact)

    assert str(joint.partner) not in shown
    assert str(joint.dft.head) not in shown
    assert str(joint.subject) in shown
    assert str(joint.moj.people[0]) in shown


async def test_a_new_partner_sees_who_went_where_both_share(
    people: People, joint: Joint
) -> None:
    await sharing("dft", "moj")
    fact = await joined_after(left, joint)
    shown = await read_by_moj(people, joint, fact)

    assert str(joint.partner) in shown
    assert str(joint.dft.head) in shown


async def test_a_lead_that_shares_with_both_sees_everybody_by_name(
    people: People, joint: Joint
) -> None:
    fact = await joined_after(left, joint)
    answer = await people.ask(
        (joint.hmt.head, "hmt"), "GET", f"/v1/objectives/{fact.id}"
    )
    people_shown = [part["person"] for part in answer.json()["contributions"]]

    assert {one["id"] for one in people_shown} == {
        str(joint.subject),
        str(joint.partner),
        str(joint.moj.people[0]),
    }
    assert all(one["name"] for one in people_shown)


async def test_a_link_to_what_a_party_cannot_see_is_no_change_to_it(
    people: People, joint: Joint
) -> None:
    above = await joint.drafted()
    fact = await joint.agreed()
    await joint.changed(fact, parent=above.id)

    _, hidden = await listed(people, joint, fact.id, "versions", "partner")
    assert (hidden["changes"], hidden["says"]["parent"]) == ([], None)
    _, seen = await listed(people, joint, fact.id, "versions", "manager")
    assert [(c["field"], c["before"], c["after"]) for c in seen["changes"]] == [
        ("parent", None, str(above.id))
    ]
