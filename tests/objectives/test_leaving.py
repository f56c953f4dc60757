"""Who leaves an objective, by whose doing, and how it goes on without them."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from service.directory.tables import PersonIdentifier
from service.errors import NotFound
from service.jobs.rules import NoticeKind
from service.objectives import queries
from service.objectives.content import Contributed
from service.objectives.queries import ContributionFact, ObjectiveFact
from service.objectives.rules import (
    LEAVES_FREELY,
    BadContributors,
    BadShares,
    NotYours,
    OwnershipModel,
)
from service.objectives.stages import (
    ContributionState,
    Stage,
    WrongContributionState,
    WrongStage,
)
from service.objectives.tables import Agreement
from tests.factories import a_posting, sharing
from tests.objectives.acting import (
    TODAY,
    a_new_manager,
    decline,
    dispute,
    feed_of,
    leave,
    left_yesterday,
    told_of,
    withdraw,
)
from tests.objectives.joint import (
    LEAD,
    MAJOR,
    SUPPORTING,
    Joint,
    agree,
    machine_of,
    propose,
    shared_no_more,
)

FREELY = OwnershipModel.VOLUNTARY_COORDINATION


def part_of(fact: ObjectiveFact, organisation: str) -> ContributionFact:
    (found,) = [p for p in fact.contributions if p.organisation == organisation]
    return found


def again(joint: Joint) -> list[Contributed]:
    """The contributions of three departments that share already."""
    lead, major = joint.parts()
    third = Contributed("moj", joint.moj.people[0], SUPPORTING, 10, "a court")
    return [replace(lead, share=50), major, third]


async def test_a_manager_declines_for_their_own_report(joint: Joint) -> None:
    fact = await joint.proposed()
    fact = await decline(fact.id, part_of(fact, "dft").id, joint.dft.head)

    assert fact.stage == Stage.SENT_BACK
    assert part_of(fact, "dft").state == ContributionState.DECLINED
    assert await told_of(NoticeKind.CONTRIBUTION_DECLINED) == {
        joint.subject,
        joint.hmt.head,
        joint.partner,
    }
    with pytest.raises(BadShares, match="sum to 60"):
        await propose(fact.id, joint.machine)


async def test_whoever_declined_was_never_in_it(joint: Joint) -> None:
    """What goes on between the others is shared with them no more."""
    fact = await joint.proposed(await joint.three())
    fact = await decline(fact.id, part_of(fact, "moj").id, joint.moj.head)
    with pytest.raises(NotFound):
        await agree(fact.id, joint.moj.head)
    with pytest.raises(NotFound):
        await leave(fact.id, part_of(fact, "moj").id, joint.moj.people[0])
    assert await feed_of("moj") == [(2, "upsert"), (3, "delete")]
    fact = await joint.changed(fact, contributions=tuple(joint.parts()))
    assert await feed_of("moj") == [(2, "upsert"), (3, "delete")]
    assert await feed_of("dft") == [(n, "upsert") for n in (2, 3, 4)]


async def test_nobody_declines_for_another_or_for_the_lead(joint: Joint) -> None:
    fact = await joint.proposed()
    theirs, mine = part_of(fact, "dft").id, part_of(fact, "hmt").id
    for other in (joint.hmt.head, joint.partner, joint.subject):
        with pytest.raises(NotYours, match="own line manager answers for it"):
            await decline(fact.id, theirs, other)
        with pytest.raises(NotYours, match="withdraw that"):
            await decline(fact.id, mine, other)
    with pytest.raises(NotFound):
        await decline(fact.id, uuid4(), joint.dft.head)
    with pytest.raises(NotFound):
        await decline(fact.id, theirs, joint.moj.head)
    assert await queries.objective(fact.id) == fact


async def test_what_is_accepted_is_not_declined(joint: Joint) -> None:
    fact = await joint.agreed()
    with pytest.raises(WrongContributionState, match="accepted: it cannot decline"):
        await decline(fact.id, part_of(fact, "dft").id, joint.dft.head)


async def test_what_is_disputed_can_be_declined(joint: Joint) -> None:
    fact = await dispute((await joint.proposed()).id, joint.dft.head)
    fact = await decline(fact.id, part_of(fact, "dft").id, joint.dft.head)
    assert part_of(fact, "dft").state == ContributionState.DECLINED
    with pytest.raises(WrongStage, match="dispute about it is open"):
        await propose(fact.id, joint.machine)
    fact = await joint.changed(fact, contributions=tuple(joint.parts()))
    assert (await propose(fact.id, joint.machine)).stage == Stage.PROPOSED


@pytest.mark.parametrize("model", [*OwnershipModel])
async def test_where_departments_own_it_jointly_nobody_leaves_alone(
    joint: Joint, model: OwnershipModel
) -> None:
    owners: tuple[tuple[UUID, ...], ...] = ((joint.subject,),)
    if model == OwnershipModel.COLLECTIVE_ACCOUNTABILITY:
        owners = ((joint.subject,), (joint.partner,))
    fact = await joint.agreed(ownership_model=model, owners=owners)
    theirs = part_of(fact, "dft").id
    if model not in LEAVES_FREELY:
        with pytest.raises(NotYours, match="nobody leaves alone: raise a dispute"):
            await leave(fact.id, theirs, joint.dft.head)
        return
    fact = await leave(fact.id, theirs, joint.dft.head)
    assert fact.stage == Stage.SENT_BACK
    assert part_of(fact, "dft").state == ContributionState.LEFT
    assert await told_of(NoticeKind.CONTRIBUTION_LEFT) == {
        joint.subject,
        joint.hmt.head,
        joint.partner,
    }
    assert await Agreement.count() == 3  # What was agreed is kept.


async def test_once_sharing_has_ended_everybody_may_leave(joint: Joint) -> None:
    fact = await joint.agreed()
    await shared_no_more()
    fact = await leave(fact.id, part_of(fact, "dft").id, joint.dft.head)
    assert part_of(fact, "dft").state == ContributionState.LEFT
    assert (await feed_of("dft"))[-1] == (fact.revision, "delete")
    with pytest.raises(NotFound):  # Nor is anything shared with them from now on.
        await leave(fact.id, part_of(fact, "dft").id, joint.dft.head)


async def test_whose_sharing_has_not_ended_may_not_leave_for_it(joint: Joint) -> None:
    fact = await joint.proposed(await joint.three())
    await shared_no_more("hmt", "moj")
    with pytest.raises(NotYours, match="nobody leaves alone"):
        await leave(fact.id, part_of(fact, "dft").id, joint.dft.head)
    fact = await leave(fact.id, part_of(fact, "moj").id, joint.moj.head)
    assert fact.stage == Stage.SENT_BACK


async def test_whoever_left_sees_on_while_they_share_with_all_who_are_in_it(
    joint: Joint,
) -> None:
    fact = await joint.proposed(ownership_model=FREELY)
    fact = await leave(fact.id, part_of(fact, "dft").id, joint.dft.head)
    assert (await feed_of("dft"))[-1] == (fact.revision, "upsert")
    with pytest.raises(NotYours):  # They see it, and have nothing to say any more.
        await agree(fact.id, joint.dft.head)

    await sharing("hmt", "moj")  # And dft does not share with moj.
    lead, _ = joint.parts()
    third = Contributed("moj", joint.moj.people[0], MAJOR, 40, "a court")
    fact = await joint.changed(fact, contributions=(lead, third))
    assert (await feed_of("dft"))[-1] == (fact.revision, "delete")
    for person in (joint.dft.head, joint.partner):
        with pytest.raises(NotFound):
            await agree(fact.id, person)
    with pytest.raises(NotFound):
        await propose(fact.id, machine_of("dft"))


async def test_leaving_ends_with_the_assessment_and_begins_with_the_proposal(
    joint: Joint,
) -> None:
    fact = await joint.proposed(ownership_model=FREELY)
    fact = await withdraw(fact.id, joint.hmt.head)
    with pytest.raises(WrongStage):
        await leave(fact.id, part_of(fact, "dft").id, joint.dft.head)
    assert part_of(await queries.objective(fact.id), "dft").live


async def test_a_manager_change_never_declines_or_loses_a_contribution(
    joint: Joint,
) -> None:
    fact = await joint.proposed()
    await a_new_manager(joint.partner, joint.dft.people[1], "dft")
    theirs = part_of(await queries.objective(fact.id), "dft")
    assert theirs.state == ContributionState.INVITED
    with pytest.raises(NotFound):
        await decline(fact.id, theirs.id, joint.dft.head)
    fact = await agree(fact.id, joint.dft.people[1])
    assert part_of(fact, "dft").agreed


async def test_whom_a_change_leaves_out_has_left_and_is_told(joint: Joint) -> None:
    fact = await joint.proposed(await joint.three())
    for person in (joint.subject, joint.hmt.head, joint.dft.head, joint.moj.head):
        fact = await agree(fact.id, person)
    assert fact.stage == Stage.AGREED
    fact = await joint.changed(fact, contributions=tuple(joint.parts()))

    (gone,) = [part for part in fact.contributions if not part.live]
    assert (gone.organisation, gone.state) == ("moj", ContributionState.LEFT)
    assert await told_of(NoticeKind.CONTRIBUTION_LEFT) == {
        joint.moj.head,
        joint.moj.people[0],
    }
    assert joint.partner in await told_of(NoticeKind.OBJECTIVE_CHANGED)
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        fact = await agree(fact.id, person)
    assert fact.stage == Stage.AGREED  # Nobody waits for who has left.

    fact = await joint.changed(fact, contributions=tuple(again(joint)))
    assert {part.state for part in fact.contributions} == {ContributionState.INVITED}
    assert len(fact.contributions) == 3


async def test_who_moved_contributes_for_where_they_are_now(joint: Joint) -> None:
    """The subject's and a contributor's move, half way through the year."""
    fact = await joint.agreed()
    for person, code in ((joint.subject, "dft"), (joint.partner, "hmt")):
        await left_yesterday(person)
        await a_posting(person, code, since=TODAY)
        await known_to(person, code)
    with pytest.raises(BadContributors, match="Contributor 1 holds no posting in hmt"):
        await joint.changed(fact, title="As before")

    fact = await joint.changed(
        fact,
        contributions=(
            Contributed("dft", joint.subject, LEAD, 60, "two analysts"),
            Contributed("hmt", joint.partner, MAJOR, 40, "data"),
        ),
    )
    states = {(p.organisation, p.person): p.state for p in fact.contributions}
    assert states == {
        ("hmt", joint.subject): ContributionState.LEFT,
        ("dft", joint.partner): ContributionState.LEFT,
        ("dft", joint.subject): ContributionState.INVITED,
        ("hmt", joint.partner): ContributionState.INVITED,
    }


async def known_to(person: UUID, organisation: str) -> None:
    """Another HR system knows them too, as it does who has moved there."""
    await PersonIdentifier.insert(
        PersonIdentifier(
            organisation=organisation,
            id=uuid4(),
            person=person,
            source="workday",
            external_id=f"moved-{person}",
            valid_from=TODAY,
            valid_to=None,
        )
    )


async def test_whoever_declined_can_be_asked_again(joint: Joint) -> None:
    fact = await joint.proposed()
    theirs = next(p.id for p in fact.contributions if p.organisation == "dft")
    fact = await decline(fact.id, theirs, joint.dft.head)
    assert fact.stage == Stage.SENT_BACK
    lead, major = joint.parts()
    fact = await joint.changed(
        fact, contributions=(replace(lead, share=80), replace(major, share=20))
    )
    assert [part.state for part in fact.contributions] == [
        ContributionState.INVITED
    ] * 2
    fact = await propose(fact.id, joint.machine)
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        fact = await agree(fact.id, person)
    assert fact.stage == Stage.AGREED
