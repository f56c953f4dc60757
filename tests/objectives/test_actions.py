"""Drafting and proposing."""

from uuid import uuid4

import pytest

from service.access.rules import NotShared
from service.auth.caller import Caller, Operator, Person, Rater
from service.directory.tables import Posting, ReportingLine
from service.errors import NotFound
from service.objectives import actions, queries
from service.objectives.rules import (
    BadContributors,
    BadShares,
    ContributionRole,
    NoLineManager,
    Part,
    Stage,
    WrongStage,
)
from service.objectives.tables import SharedObjective
from service.records.actions import step
from service.records.rules import CycleStep, WrongCycleState
from tests.factories import IN_THE_YEAR, OPERATOR, a_line, sharing
from tests.objectives.joint import Joint, audited, machine_of, shared_no_more

TODAY = IN_THE_YEAR.date()
LEAD, MAJOR, SUPPORTING = ContributionRole


async def nothing_was_written() -> bool:
    return not await SharedObjective.exists()


async def test_a_line_manager_drafts_on_their_persons_record(joint: Joint) -> None:
    fact = await joint.drafted(caller=Person(joint.hmt.head))

    assert (fact.stage, fact.version) == (Stage.DRAFT, 1)
    assert (fact.person, fact.record) == (joint.subject, joint.on.id)
    assert [(c.organisation, c.share, c.agreed) for c in fact.contributions] == [
        ("hmt", 60, False),
        ("dft", 40, False),
    ]
    assert await audited(fact.id) == [(Person(joint.hmt.head).key, "draft")]


async def test_the_subjects_own_hr_system_drafts_for_them(joint: Joint) -> None:
    assert (await joint.drafted(caller=machine_of("moj", "hmt"))).stage == Stage.DRAFT


async def test_nobody_else_drafts_and_for_them_the_record_is_not_there(
    joint: Joint, monkeypatch: pytest.MonkeyPatch
) -> None:
    strangers: list[Caller] = [
        Person(joint.subject),
        Person(joint.hmt.people[1]),
        Person(joint.dft.head),
        Person(uuid4()),
        machine_of("dft"),
        machine_of(),
        Operator("root"),
        Rater(joint.hmt.head),
    ]
    for caller in strangers:
        with pytest.raises(NotFound):
            await joint.drafted(caller=caller)
    assert await nothing_was_written()

    async def anyone(*_: object) -> None: ...

    monkeypatch.setattr(actions, "_check_sets", anyone)
    for caller in strangers:
        await joint.drafted(caller=caller)


async def test_a_manager_who_has_handed_over_drafts_no_more(joint: Joint) -> None:
    await ReportingLine.update({ReportingLine.valid_to: TODAY}).where(
        ReportingLine.person == joint.subject
    )
    await a_line(joint.subject, joint.hmt.people[1], "hmt", since=TODAY)

    with pytest.raises(NotFound):
        await joint.drafted(caller=Person(joint.hmt.head))
    assert await joint.drafted(caller=Person(joint.hmt.people[1]))


@pytest.mark.parametrize("shares", [(60, 39), (60, 41), (100, 0)])
async def test_shares_that_are_not_whole_draft_nothing(
    joint: Joint, shares: tuple[int, int]
) -> None:
    mine, theirs = joint.parts()
    with pytest.raises(BadShares):
        await joint.drafted(
            [
                Part("hmt", mine.person, LEAD, shares[0]),
                Part("dft", theirs.person, MAJOR, shares[1]),
            ]
        )
    assert await nothing_was_written()


async def test_without_an_agreement_to_share_nothing_is_drafted(joint: Joint) -> None:
    foreign = Part("moj", joint.moj.people[0], MAJOR, 40)
    with pytest.raises(NotShared, match="with moj"):
        await joint.drafted([joint.parts()[0], foreign])
    assert await nothing_was_written()

    await sharing("dft", "moj")  # Not with hmt, which leads.
    with pytest.raises(NotShared, match="with moj"):
        await joint.drafted([joint.parts()[0], foreign])


async def test_what_is_shared_no_more_is_not_proposed(joint: Joint) -> None:
    fact = await joint.drafted()
    await shared_no_more()

    with pytest.raises(NotShared):
        await actions.propose(fact.id, caller=joint.machine, now=IN_THE_YEAR)


async def test_nothing_is_drafted_once_the_cycle_is_published(joint: Joint) -> None:
    await step(
        joint.on.cycle, CycleStep.START_PUBLISHING, caller=OPERATOR, now=IN_THE_YEAR
    )
    with pytest.raises(WrongCycleState):
        await joint.drafted()


async def test_a_contributor_without_a_posting_there_is_refused(joint: Joint) -> None:
    wrong = Part("dft", joint.moj.people[0], MAJOR, 40)
    with pytest.raises(BadContributors, match="Contributor 2 holds no posting in dft"):
        await joint.drafted([joint.parts()[0], wrong])

    await Posting.update({Posting.valid_to: TODAY}).where(
        Posting.person == joint.partner
    )
    with pytest.raises(BadContributors, match="Contributor 2"):
        await joint.drafted()
    assert await nothing_was_written()


async def test_the_accountable_owner_is_posted_to_one_of_the_organisations(
    joint: Joint,
) -> None:
    assert await joint.drafted(accountable_owner=joint.dft.head)
    for stranger in (joint.moj.head, uuid4()):
        with pytest.raises(BadContributors, match="accountable owner"):
            await joint.drafted(accountable_owner=stranger)


async def test_a_draft_is_proposed_once(joint: Joint) -> None:
    fact = await joint.proposed()

    assert fact.stage == Stage.PROPOSED
    assert [action for _, action in await audited(fact.id)] == ["draft", "propose"]
    with pytest.raises(WrongStage):
        await actions.propose(fact.id, caller=joint.machine, now=IN_THE_YEAR)


async def test_only_who_may_draft_may_propose(joint: Joint) -> None:
    fact = await joint.drafted()
    for caller in (machine_of("dft"), Person(joint.subject), Person(joint.dft.head)):
        with pytest.raises(NotFound):
            await actions.propose(fact.id, caller=caller, now=IN_THE_YEAR)
    with pytest.raises(NotFound):
        await actions.propose(uuid4(), caller=joint.machine, now=IN_THE_YEAR)
    caller = Person(joint.hmt.head)
    assert await actions.propose(fact.id, caller=caller, now=IN_THE_YEAR)


async def test_a_contributor_without_a_line_manager_stops_the_proposal(
    joint: Joint,
) -> None:
    headless = Part("dft", joint.dft.head, MAJOR, 40)
    fact = await joint.drafted([joint.parts()[0], headless])

    with pytest.raises(NoLineManager, match=r"^1 of the people"):
        await actions.propose(fact.id, caller=joint.machine, now=IN_THE_YEAR)
    assert (await queries.objective(fact.id)).stage == Stage.DRAFT
