"""When an outcome is assessed, what is said of it, and what is said anew."""

from datetime import timedelta
from uuid import UUID

import pytest

from service.access.rules import NotShared
from service.auth.caller import Person
from service.errors import NotFound
from service.objectives import actions
from service.objectives.agreement import disputing
from service.objectives.assessing.rules import (
    AssessmentDisputed,
    AssessmentSettled,
    AssessmentWaits,
    TooEarlyToAssess,
)
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import Kind
from service.objectives.schemas import ContributionIn, Named, ObjectiveIn
from service.objectives.stages import Outcome, WrongStage
from service.objectives.tables import Dispute
from service.records.combining import StandardIsNotRated
from tests.factories import IN_THE_YEAR
from tests.objectives.assessing.assessed import (
    AT_THE_END,
    BEGINS,
    EXCEEDED,
    MET,
    NOT_MET,
    PARTLY_MET,
    agreed,
    assess,
    countersign,
    object_to,
    outcomes,
    told,
)
from tests.objectives.joint import Joint, agree, shared_no_more


async def test_it_is_not_assessed_before_the_year_ends(joint: Joint) -> None:
    fact = await agreed(joint)
    with pytest.raises(TooEarlyToAssess, match="2027-03-31T23:00Z"):
        await assess(fact, joint.hmt.head, at=BEGINS - timedelta(seconds=1))
    await assess(fact, joint.hmt.head, at=BEGINS)


async def test_an_objective_that_ended_early_is_assessed_the_day_after(
    joint: Joint,
) -> None:
    last = IN_THE_YEAR.date() + timedelta(days=60)  # 31 July, in summer time.
    fact = await agreed(joint, ends_on=last)
    over = IN_THE_YEAR.replace(month=7, day=31, hour=23)
    with pytest.raises(TooEarlyToAssess, match="2026-07-31T23:00Z"):
        await assess(fact, joint.hmt.head, at=over - timedelta(seconds=1))
    await assess(fact, joint.hmt.head, at=over)


async def test_only_what_is_agreed_is_assessed(joint: Joint) -> None:
    fact = await joint.proposed()
    with pytest.raises(WrongStage, match="proposed"):
        await assess(fact, joint.hmt.head)


async def a_dispute(fact: ObjectiveFact, person: UUID) -> None:
    await disputing.dispute(
        fact.id,
        reason="Not ours.",
        contribution=None,
        caller=Person(person),
        now=AT_THE_END,
    )


async def test_an_open_dispute_stops_the_assessment_and_its_settlement_lets_it(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    await a_dispute(fact, joint.dft.head)
    with pytest.raises(AssessmentDisputed, match="settle it"):
        await assess(fact, joint.hmt.head)

    (raised,) = await Dispute.select(Dispute.id)
    await disputing.settle(
        fact.id,
        raised["id"],
        outcome=Outcome.DROPPED,
        reply="A misunderstanding.",
        caller=Person(joint.dft.head),
        now=AT_THE_END,
    )
    await assess(fact, joint.hmt.head)


async def test_nor_is_it_countersigned_while_it_is_disputed(joint: Joint) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    await a_dispute(fact, joint.subject)
    with pytest.raises(AssessmentDisputed):
        await countersign(fact, new, joint.dft.head)


async def test_while_nothing_is_shared_nothing_is_assessed(joint: Joint) -> None:
    fact = await agreed(joint)
    await shared_no_more()
    with pytest.raises(NotShared):
        await assess(fact, joint.hmt.head)


# What.


async def test_a_minimum_standard_is_met_or_not(joint: Joint) -> None:
    fact = await agreed(joint, kind=Kind.MINIMUM_STANDARD, standard="finance")
    for rated in (EXCEEDED, PARTLY_MET):
        with pytest.raises(StandardIsNotRated):
            await assess(fact, joint.hmt.head, rated)
    await assess(fact, joint.hmt.head, NOT_MET)


async def test_one_waits_at_a_time(joint: Joint) -> None:
    fact = await agreed(joint)
    await assess(fact, joint.hmt.head)
    with pytest.raises(AssessmentWaits):
        await assess(fact, joint.hmt.head, EXCEEDED)


async def test_after_an_objection_it_is_assessed_anew_and_the_first_is_kept(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    first = await assess(fact, joint.hmt.head, EXCEEDED)
    await object_to(fact, first, joint.dft.head)
    assert await told("assessment_objected") == {joint.hmt.head}
    with pytest.raises(AssessmentSettled, match="objected"):
        await countersign(fact, first, joint.dft.head)

    second = await assess(fact, joint.hmt.head, MET)
    await countersign(fact, second, joint.dft.head)

    kept, stands = await outcomes(fact)
    assert kept.answer is not None
    assert (kept.number, kept.state, kept.attainment, kept.answer.comment) == (
        1,
        "objected",
        EXCEEDED,
        "Ours were asked for twice.",
    )
    assert (stands.number, stands.state, stands.attainment) == (
        2,
        "countersigned",
        MET,
    )


async def test_what_is_assessed_is_not_assessed_again(joint: Joint) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    await countersign(fact, new, joint.dft.head)
    with pytest.raises(WrongStage):
        await assess(fact, joint.hmt.head, EXCEEDED)
    with pytest.raises(AssessmentSettled):
        await object_to(fact, new, joint.dft.head)


async def test_an_assessment_of_another_objective_is_not_there(joint: Joint) -> None:
    one, other = await agreed(joint), await agreed(joint)
    new = await assess(one, joint.hmt.head)
    with pytest.raises(NotFound, match=f"no assessment {new}"):
        await countersign(other, new, joint.dft.head)


def says_now(joint: Joint, outcome: str) -> ObjectiveIn:
    wanted = joint.wanted()
    return ObjectiveIn(
        title=wanted.title,
        outcome=outcome,
        measures=wanted.measures,
        ownership_model=wanted.ownership_model,
        contributions=[
            ContributionIn(
                organisation=part.organisation,
                person=Named(id=part.person),
                role=part.role,
                share=part.share,
                commitment=part.commitment,
            )
            for part in wanted.contributions
        ],
    )


async def test_what_was_changed_since_is_not_countersigned(joint: Joint) -> None:
    fact = await agreed(joint)
    old = await assess(fact, joint.hmt.head)
    await actions.change(
        fact.id,
        says_now(joint, "People tell government nothing twice"),
        reason="",
        caller=joint.machine,
        now=AT_THE_END,
        checked=None,
    )
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        await agree(fact.id, person)

    with pytest.raises(AssessmentSettled, match="outdated"):
        await countersign(fact, old, joint.dft.head)
    new = await assess(fact, joint.hmt.head)
    await countersign(fact, new, joint.dft.head)
    assert [each.state for each in await outcomes(fact)] == [
        "outdated",
        "countersigned",
    ]
