"""Agreeing: everyone who must, each for themselves, and nobody else."""

from uuid import UUID, uuid4

import pytest

from service.access.rules import NotShared
from service.directory.tables import ReportingLine
from service.errors import NotFound
from service.objectives.rules import (
    Capacity,
    ContributionRole,
    NoLineManager,
    Part,
    Stage,
    WrongStage,
)
from service.objectives.tables import Agreement
from tests.factories import IN_THE_YEAR, a_line
from tests.objectives.joint import Joint, agree, audited, shared_no_more

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
    assert [a for _, a in await audited(fact.id)][2:] == ["agree"] * 3 + ["agree"]


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
    strangers = [joint.partner, joint.moj.head, joint.hmt.people[1], uuid4()]
    for stranger in strangers:
        with pytest.raises(NotFound) as refused:
            await agree(fact.id, stranger)
        assert str(refused.value) == f"No objective {fact.id}."
    with pytest.raises(NotFound):
        await agree(uuid4(), joint.subject)
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
        await agree(fact.id, joint.subject)
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
            Part("hmt", joint.subject, LEAD, 40),
            Part("hmt", joint.hmt.people[1], SUPPORTING, 20),
            Part("dft", joint.partner, MAJOR, 40),
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
    await ReportingLine.update({ReportingLine.valid_to: TODAY}).where(
        ReportingLine.person == joint.partner
    )
    await a_line(joint.partner, joint.subject, "dft", since=TODAY)
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
    await ReportingLine.update({ReportingLine.valid_to: TODAY}).where(
        ReportingLine.person == joint.partner
    )
    await a_line(joint.partner, joint.dft.people[1], "dft", since=TODAY)

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
