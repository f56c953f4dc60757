"""Agreeing: everyone who must, each for themselves, and nobody else."""

from uuid import UUID, uuid4

import pytest

from service.access.rules import NotShared
from service.directory.tables import ReportingLine
from service.errors import NotFound
from service.objectives import queries
from service.objectives.agreement.actions import SaysAnotherThing
from service.objectives.content import Contributed
from service.objectives.rules import (
    Capacity,
    ContributionRole,
    NoLineManager,
    NotYours,
    OwnershipModel,
)
from service.objectives.stages import ContributionState, Stage, WrongStage
from service.objectives.tables import Agreement, Version
from service.records.actions import step
from service.records.rules import CycleStep, WrongCycleState
from tests.factories import IN_THE_YEAR, OPERATOR
from tests.objectives.acting import a_functional_manager, a_new_manager, send_back
from tests.objectives.joint import (
    Joint,
    agree,
    audited,
    propose,
    shared_no_more,
)

TODAY = IN_THE_YEAR.date()
LEAD, MAJOR, SUPPORTING = ContributionRole


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_it_is_agreed_with_the_last_agreement_in_any_order(
    joint: Joint, order: tuple[int, ...]
) -> None:
    fact = await joint.proposed()
    people = (joint.subject, joint.hmt.head, joint.dft.head)

    for place, who in enumerate(order, start=1):
        fact = await agree(fact.id, people[who])
        assert fact.stage == (Stage.AGREED if place == 3 else Stage.PROPOSED)
    assert all(part.agreed for part in fact.contributions)
    assert [a for _, a in await audited(fact.id)][2:] == ["agree"] * 4


async def test_a_contribution_shows_agreed_when_its_own_manager_has_agreed(
    joint: Joint,
) -> None:
    fact = await joint.proposed()
    fact = await agree(fact.id, joint.subject)
    assert not any(part.agreed for part in fact.contributions)
    fact = await agree(fact.id, joint.dft.head)
    assert {p.organisation: p.agreed for p in fact.contributions} == {
        "hmt": False,
        "dft": True,
    }


async def test_for_strangers_there_is_nothing_to_agree_to(joint: Joint) -> None:
    fact = await joint.proposed()
    strangers = [joint.moj.head, joint.hmt.people[1], joint.dft.people[1], uuid4()]
    for stranger in strangers:
        with pytest.raises(NotFound) as refused:
            await agree(fact.id, stranger)
        assert str(refused.value) == f"No objective {fact.id}."
    with pytest.raises(NotFound):
        await agree(uuid4(), joint.subject)
    with pytest.raises(NotYours):  # Who contributes sees it; their manager agrees.
        await agree(fact.id, joint.partner)
    assert not await Agreement.exists()


@pytest.mark.parametrize("broken", ["draft", "no manager", "not shared"])
async def test_a_stranger_cannot_tell_from_the_refusal_that_it_exists(
    joint: Joint, broken: str
) -> None:
    fact = await (joint.drafted() if broken == "draft" else joint.proposed())
    if broken == "no manager":
        await ReportingLine.update({ReportingLine.valid_to: TODAY}).where(
            ReportingLine.person == joint.partner
        )
    if broken == "not shared":
        await shared_no_more()

    with pytest.raises((WrongStage, NoLineManager, NotShared)):
        await agree(fact.id, joint.hmt.head)
    with pytest.raises(NotFound):
        await agree(fact.id, joint.moj.head)


async def given_by(person: UUID) -> set[str]:
    rows = await Agreement.select(Agreement.capacity).where(Agreement.person == person)
    return {row["capacity"] for row in rows}


async def test_one_person_agrees_in_both_their_capacities_at_once(
    joint: Joint,
) -> None:
    # The head manages the subject and the second contributor of hmt.
    fact = await joint.proposed(
        [
            Contributed("hmt", joint.subject, LEAD, 40, "time"),
            Contributed("hmt", joint.hmt.people[1], SUPPORTING, 20, "time"),
            Contributed("dft", joint.partner, MAJOR, 40, "data"),
        ]
    )
    await agree(fact.id, joint.hmt.head)
    assert await given_by(joint.hmt.head) == {
        Capacity.LINE_MANAGER,
        Capacity.CONTRIBUTOR_MANAGER,
    }
    await agree(fact.id, joint.dft.head)
    assert (await agree(fact.id, joint.subject)).stage == Stage.AGREED


async def test_a_subject_who_manages_a_contributor_agrees_as_both(
    joint: Joint,
) -> None:
    await a_new_manager(joint.partner, joint.subject, "dft")
    fact = await joint.proposed()

    await agree(fact.id, joint.subject)
    assert await given_by(joint.subject) == {
        Capacity.SUBJECT,
        Capacity.CONTRIBUTOR_MANAGER,
    }
    assert (await agree(fact.id, joint.hmt.head)).stage == Stage.AGREED


async def test_nobody_agrees_twice(joint: Joint) -> None:
    fact = await joint.proposed()
    for _ in range(2):
        assert (await agree(fact.id, joint.subject)).stage == Stage.PROPOSED
    assert await Agreement.count() == 1

    await agree(fact.id, joint.hmt.head)
    await agree(fact.id, joint.dft.head)
    with pytest.raises(WrongStage):
        await agree(fact.id, joint.subject)
    assert await Agreement.count() == 3


async def test_a_new_manager_agrees_and_the_old_one_may_not(joint: Joint) -> None:
    fact = await joint.proposed()
    await a_new_manager(joint.partner, joint.dft.people[1], "dft")

    with pytest.raises(NotFound):
        await agree(fact.id, joint.dft.head)
    await agree(fact.id, joint.dft.people[1])
    assert await given_by(joint.dft.people[1]) == {Capacity.CONTRIBUTOR_MANAGER}


async def test_what_is_shared_no_more_is_not_agreed(joint: Joint) -> None:
    fact = await joint.proposed()
    await shared_no_more()

    with pytest.raises(NotShared):
        await agree(fact.id, joint.subject)
    assert not await Agreement.exists()


async def test_what_a_manager_agreed_counts_when_another_comes(joint: Joint) -> None:
    fact = await joint.proposed()
    await agree(fact.id, joint.dft.head)
    await agree(fact.id, joint.subject)
    await a_new_manager(joint.partner, joint.dft.people[1], "dft")
    await a_new_manager(joint.subject, joint.hmt.people[1], "hmt")

    with pytest.raises(NotFound):
        await agree(fact.id, joint.hmt.head)
    fact = await agree(fact.id, joint.hmt.people[1])
    assert fact.stage == Stage.AGREED
    people = await Agreement.select(Agreement.person).output(as_list=True)
    assert {*people} == {joint.dft.head, joint.subject, joint.hmt.people[1]}


async def test_what_was_agreed_counts_while_nobody_is_manager(joint: Joint) -> None:
    fact = await joint.proposed()
    await agree(fact.id, joint.dft.head)
    await ReportingLine.update({ReportingLine.valid_to: TODAY}).where(
        ReportingLine.person == joint.partner
    )
    await agree(fact.id, joint.subject)
    assert (await agree(fact.id, joint.hmt.head)).stage == Stage.AGREED


async def test_whoever_read_an_older_version_does_not_agree_to_this(
    joint: Joint,
) -> None:
    fact = await joint.proposed()
    assert (await agree(fact.id, joint.subject, version=1)).version == 1
    fact = await joint.changed(fact, title="Two front doors")

    with pytest.raises(SaysAnotherThing, match="You read version 1, and it says"):
        await agree(fact.id, joint.dft.head, version=1)
    assert await given_by(joint.dft.head) == set()
    await agree(fact.id, joint.dft.head, version=2)
    rows = await Agreement.select().where(Agreement.person == joint.dft.head)
    assert [row["objective_version"] for row in rows] == [2]


async def test_an_agreement_keeps_the_digest_of_what_was_agreed(joint: Joint) -> None:
    fact = await joint.proposed()
    await agree(fact.id, joint.subject)
    (given,) = await Agreement.select()
    (said,) = await Version.select().where(Version.objective == fact.id)
    assert given["digest"] == said["digest"]


async def test_nothing_is_agreed_once_the_cycle_is_published(joint: Joint) -> None:
    fact, drafted = await joint.proposed(), await joint.drafted()
    await step(
        joint.on.cycle, CycleStep.START_PUBLISHING, caller=OPERATOR, now=IN_THE_YEAR
    )
    with pytest.raises(WrongCycleState):
        await agree(fact.id, joint.subject)
    with pytest.raises(WrongCycleState):
        await send_back(fact.id, joint.subject)
    with pytest.raises(WrongCycleState):
        await joint.changed(fact, title="Two front doors")
    with pytest.raises(WrongCycleState):
        await propose(drafted.id, joint.machine)
    assert (await queries.objective(fact.id)).revision == fact.revision


# Matrices.


@pytest.mark.parametrize(
    "model", [OwnershipModel.SEMI_STRUCTURAL, OwnershipModel.STRUCTURAL]
)
async def test_in_a_matrix_functional_managers_agree_as_well(
    joint: Joint, model: OwnershipModel
) -> None:
    chief = joint.moj.head
    await a_functional_manager(joint.partner, chief, "dft")
    fact = await joint.proposed(ownership_model=model)
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        fact = await agree(fact.id, person)
    assert fact.stage == Stage.PROPOSED
    assert {part.state for part in fact.contributions} == {ContributionState.ACCEPTED}

    assert (await agree(fact.id, chief)).stage == Stage.AGREED
    assert await given_by(chief) == {Capacity.FUNCTIONAL_MANAGER}


async def test_elsewhere_a_functional_manager_sees_it_and_need_not_agree(
    joint: Joint,
) -> None:
    await a_functional_manager(joint.partner, joint.moj.head, "dft")
    fact = await joint.agreed()
    assert fact.stage == Stage.AGREED
    with pytest.raises(NotYours):
        await agree(fact.id, joint.moj.head)


# Sending back.


async def test_what_is_sent_back_is_changed_or_put_to_others_again(
    joint: Joint,
) -> None:
    fact = await joint.proposed()
    await agree(fact.id, joint.subject)
    fact = await send_back(fact.id, joint.dft.head)
    assert fact.stage == Stage.SENT_BACK
    with pytest.raises(WrongStage):
        await agree(fact.id, joint.dft.head)

    fact = await propose(fact.id, joint.machine)
    await agree(fact.id, joint.hmt.head)
    assert (await agree(fact.id, joint.dft.head)).stage == Stage.AGREED
    assert await Agreement.count() == 3  # Nobody was asked twice.


async def test_whoever_has_agreed_disputes_it_instead_of_sending_it_back(
    joint: Joint,
) -> None:
    fact = await joint.proposed()
    await agree(fact.id, joint.subject)
    with pytest.raises(WrongStage, match="raise a dispute"):
        await send_back(fact.id, joint.subject)
    fact = await joint.agreed()
    with pytest.raises(WrongStage, match="raise a dispute"):
        await send_back(fact.id, joint.dft.head)
    with pytest.raises(NotYours):
        await send_back(fact.id, joint.partner)
