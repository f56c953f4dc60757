"""Disputes: who raises them, who hears of them, and how they end."""

from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from service.errors import NotFound
from service.jobs.rules import NoticeKind
from service.objectives import queries
from service.objectives.agreement.disputing import DisputedAlready, NotDisputed
from service.objectives.content import Contributed
from service.objectives.queries import ContributionFact, ObjectiveFact
from service.objectives.rules import NotYours, OwnershipModel
from service.objectives.stages import ContributionState, Stage, WrongStage
from service.objectives.tables import Agreement, Dispute
from service.records.actions import step
from service.records.rules import CycleStep, WrongCycleState
from tests.factories import IN_THE_YEAR, OPERATOR, record_of
from tests.objectives.acting import (
    a_functional_manager,
    a_new_manager,
    dispute,
    send_back,
    settle,
    told_of,
)
from tests.objectives.joint import (
    LEAD,
    MAJOR,
    SUPPORTING,
    Joint,
    agree,
    propose,
)


async def raised() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await Dispute.select().order_by(Dispute.capacity)
    return rows


async def the_one() -> UUID:
    (row,) = await Dispute.select().where(Dispute.outcome.is_null())
    id_: UUID = row["id"]
    return id_


def part_of(fact: ObjectiveFact, organisation: str) -> ContributionFact:
    (found,) = [p for p in fact.contributions if p.organisation == organisation]
    return found


async def test_each_disputes_in_the_capacity_they_hold(joint: Joint) -> None:
    chief = joint.moj.head
    await a_functional_manager(joint.partner, chief, "dft")
    fact = await joint.proposed(ownership_model=OwnershipModel.STRUCTURAL)
    for person in (joint.subject, joint.hmt.head, joint.dft.head, chief):
        fact = await dispute(fact.id, person)

    theirs = part_of(fact, "dft").id
    assert [
        (d["capacity"], d["contribution"], d["person"]) for d in await raised()
    ] == [
        ("contributor_manager", theirs, joint.dft.head),
        ("functional_manager", theirs, chief),
        ("line_manager", None, joint.hmt.head),
        ("subject", None, joint.subject),
    ]
    assert fact.stage == Stage.DISPUTED
    assert {p.organisation: p.state for p in fact.contributions} == {
        "hmt": ContributionState.INVITED,
        "dft": ContributionState.DISPUTED,
    }


async def test_both_managers_hear_of_a_dispute_and_whom_it_is_about(
    joint: Joint,
) -> None:
    fact = await joint.proposed()
    await dispute(fact.id, joint.dft.head)
    assert await told_of(NoticeKind.OBJECTIVE_DISPUTED) == {
        joint.subject,
        joint.hmt.head,
        joint.partner,  # And not again its own manager, who raised it.
    }
    await dispute(fact.id, joint.subject)
    assert joint.hmt.head in await told_of(NoticeKind.OBJECTIVE_DISPUTED)


async def test_it_shows_on_both_records(joint: Joint) -> None:
    fact = await dispute((await joint.agreed()).id, joint.dft.head)
    for person in (joint.subject, joint.partner):
        record = await record_of(person, joint.on.cycle)
        assert await queries.ids_on_record(record.id) == [fact.id]


async def test_who_contributes_or_watches_disputes_nothing(joint: Joint) -> None:
    fact = await joint.proposed(owners=((joint.dft.people[1],),))
    for person in (joint.partner, joint.dft.people[1]):
        with pytest.raises(NotYours):
            await dispute(fact.id, person)
    with pytest.raises(NotFound):
        await dispute(fact.id, joint.moj.head)
    assert await raised() == []


async def test_a_contribution_is_its_own_managers_to_dispute(joint: Joint) -> None:
    fact = await joint.proposed()
    theirs, mine = part_of(fact, "dft").id, part_of(fact, "hmt").id
    for person in (joint.hmt.head, joint.subject):
        with pytest.raises(NotYours, match="for its own line manager to dispute"):
            await dispute(fact.id, person, theirs)
    with pytest.raises(NotYours):
        await dispute(fact.id, joint.dft.head, mine)
    with pytest.raises(NotFound):
        await dispute(fact.id, joint.dft.head, uuid4())
    await dispute(fact.id, joint.dft.head, theirs)
    assert [d["contribution"] for d in await raised()] == [theirs]


async def test_a_manager_of_two_contributors_names_which(joint: Joint) -> None:
    fact = await joint.proposed(
        [
            Contributed("hmt", joint.subject, LEAD, 40, "time"),
            Contributed("dft", joint.partner, MAJOR, 40, "data"),
            Contributed("dft", joint.dft.people[1], SUPPORTING, 20, "more data"),
        ]
    )
    second = next(p for p in fact.contributions if p.share == 20)
    fact = await dispute(fact.id, joint.dft.head, second.id)
    states = {p.share: (p.organisation, p.state) for p in fact.contributions}
    assert states[20] == ("dft", ContributionState.DISPUTED)
    assert fact.stage == Stage.DISPUTED


@pytest.mark.parametrize("outcome", ["kept", "dropped"])
async def test_nobody_disputes_twice_at_once(
    joint: Joint, outcome: Literal["kept", "dropped"]
) -> None:
    fact = await joint.proposed()
    await dispute(fact.id, joint.dft.head)
    with pytest.raises(DisputedAlready):
        await dispute(fact.id, joint.dft.head)
    who = joint.hmt.head if outcome == "kept" else joint.dft.head
    first = await the_one()
    await settle(fact.id, first, who, outcome)
    with pytest.raises(NotDisputed):
        await settle(fact.id, first, who, outcome)
    assert (await dispute(fact.id, joint.dft.head)).stage == Stage.DISPUTED


async def test_a_dispute_after_agreement_dropped_leaves_it_agreed(joint: Joint) -> None:
    fact = await joint.agreed()
    fact = await dispute(fact.id, joint.dft.head)
    assert part_of(fact, "dft").state == ContributionState.DISPUTED
    fact = await settle(fact.id, await the_one(), joint.dft.head, "dropped")

    assert fact.stage == Stage.AGREED
    assert all(part.agreed for part in fact.contributions)
    assert await Agreement.count() == 3
    assert (fact.version, fact.terms) == (1, 1)


async def test_what_is_kept_is_put_to_the_disputer_again_and_to_nobody_else(
    joint: Joint,
) -> None:
    """Whoever disputes is asked again, never overruled."""
    fact = await joint.agreed()
    await dispute(fact.id, joint.dft.head)
    fact = await settle(fact.id, await the_one(), joint.hmt.head, "kept")

    assert fact.stage == Stage.PROPOSED
    assert part_of(fact, "dft").state == ContributionState.INVITED
    assert part_of(fact, "hmt").state == ContributionState.ACCEPTED
    await agree(fact.id, joint.subject)  # Counts already: it is not asked for again.
    assert await Agreement.count() == 3
    fact = await agree(fact.id, joint.dft.head)
    assert fact.stage == Stage.AGREED
    assert await Agreement.count() == 4


async def test_only_the_subjects_manager_keeps_it_and_only_whose_it_is_drops_it(
    joint: Joint,
) -> None:
    fact = await joint.proposed()
    await dispute(fact.id, joint.dft.head)
    one = await the_one()
    for person in (joint.subject, joint.partner, joint.dft.head):
        with pytest.raises(NotYours):
            await settle(fact.id, one, person, "kept")
    for person in (joint.subject, joint.partner, joint.hmt.head):
        with pytest.raises(NotYours):
            await settle(fact.id, one, person, "dropped")
    with pytest.raises(NotFound):
        await settle(fact.id, uuid4(), joint.hmt.head, "kept")
    with pytest.raises(NotFound):
        await settle((await joint.proposed()).id, one, joint.hmt.head, "kept")


async def test_nobody_keeps_what_they_dispute_themselves(joint: Joint) -> None:
    fact = await dispute((await joint.proposed()).id, joint.hmt.head)
    one = await the_one()
    with pytest.raises(NotYours):
        await settle(fact.id, one, joint.hmt.head, "kept")
    fact = await settle(fact.id, one, joint.hmt.head, "dropped")
    assert fact.stage == Stage.PROPOSED


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_of_two_disputes_the_last_to_be_settled_puts_it_to_others_again(
    joint: Joint, order: tuple[int, int]
) -> None:
    fact = await joint.agreed()
    for person in (joint.subject, joint.dft.head):
        fact = await dispute(fact.id, person)
    theirs, subjects = await raised()
    ends = [
        (theirs["id"], joint.hmt.head, "kept"),
        (subjects["id"], joint.subject, "dropped"),
    ]
    first, last = (ends[n] for n in order)
    fact = await settle(fact.id, *first)  # type: ignore[arg-type]  # One of both words
    assert fact.stage == Stage.DISPUTED
    fact = await settle(fact.id, *last)  # type: ignore[arg-type]  # One of both words
    assert fact.stage == Stage.PROPOSED
    assert (await agree(fact.id, joint.dft.head)).stage == Stage.AGREED


async def test_two_disputes_about_one_contribution_end_one_by_one(
    joint: Joint,
) -> None:
    chief = joint.moj.head
    await a_functional_manager(joint.partner, chief, "dft")
    fact = await joint.proposed(ownership_model=OwnershipModel.STRUCTURAL)
    for person in (joint.subject, joint.hmt.head, joint.dft.head, chief):
        fact = await agree(fact.id, person)
    for person in (joint.dft.head, chief):
        fact = await dispute(fact.id, person)
    managers, chiefs = await raised()
    fact = await settle(fact.id, managers["id"], joint.dft.head, "dropped")
    assert part_of(fact, "dft").state == ContributionState.DISPUTED
    fact = await settle(fact.id, chiefs["id"], joint.hmt.head, "kept")
    assert part_of(fact, "dft").state == ContributionState.ACCEPTED
    assert fact.stage == Stage.PROPOSED
    assert (await agree(fact.id, chief)).stage == Stage.AGREED


async def test_a_new_manager_may_drop_what_the_old_one_raised(joint: Joint) -> None:
    fact = await joint.agreed()
    await dispute(fact.id, joint.dft.head)
    await a_new_manager(joint.partner, joint.dft.people[1], "dft")
    one = await the_one()
    with pytest.raises(NotFound):
        await settle(fact.id, one, joint.dft.head, "dropped")
    fact = await settle(fact.id, one, joint.dft.people[1], "dropped")
    assert fact.stage == Stage.AGREED


async def test_sent_back_it_waits_for_its_disputes_to_be_settled(joint: Joint) -> None:
    fact = await joint.proposed()
    await dispute(fact.id, joint.dft.head)
    fact = await send_back(fact.id, joint.subject)
    assert fact.stage == Stage.SENT_BACK
    with pytest.raises(WrongStage, match="settle that, or change what is disputed"):
        await propose(fact.id, joint.machine)
    fact = await settle(fact.id, await the_one(), joint.hmt.head, "kept")
    assert fact.stage == Stage.SENT_BACK
    assert (await propose(fact.id, joint.machine)).stage == Stage.PROPOSED


async def test_a_draft_and_what_is_over_cannot_be_disputed(joint: Joint) -> None:
    drafted, proposed = await joint.drafted(), await joint.proposed()
    with pytest.raises(WrongStage):
        await dispute(drafted.id, joint.hmt.head)
    await step(
        joint.on.cycle, CycleStep.START_PUBLISHING, caller=OPERATOR, now=IN_THE_YEAR
    )
    with pytest.raises(WrongCycleState):
        await dispute(proposed.id, joint.dft.head)
