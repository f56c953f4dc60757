"""Drafting and proposing."""

from dataclasses import replace
from uuid import uuid4

import pytest

from service.access.rules import NotShared
from service.auth.caller import Caller, Person
from service.directory.tables import Person as Human
from service.directory.tables import ReportingLine
from service.errors import NotFound
from service.objectives import actions, queries
from service.objectives.content import Contributed
from service.objectives.rules import (
    BadContributors,
    BadOwners,
    BadShares,
    ContributionRole,
    NoLineManager,
    NotYours,
)
from service.objectives.stages import Stage, WrongStage
from service.objectives.tables import SharedObjective
from service.records.actions import step
from service.records.rules import CycleStep, WrongCycleState
from tests.factories import IN_THE_YEAR, OPERATOR, a_line, sharing
from tests.objectives.acting import feed_of, left_yesterday
from tests.objectives.joint import (
    Joint,
    audited,
    hr_administrator,
    machine_of,
    propose,
    shared_no_more,
)

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
        machine_of("dft"),
        machine_of(),
    ]
    for caller in strangers:
        with pytest.raises(NotFound):
            await joint.drafted(caller=caller)
    assert await nothing_was_written()

    async def anyone(*_: object) -> None: ...

    monkeypatch.setattr(actions, "check_sets_on", anyone)
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


@pytest.mark.parametrize("shares", [(60, 39), (60, 41)])
async def test_shares_that_are_not_whole_are_drafted_and_not_proposed(
    joint: Joint, shares: tuple[int, int]
) -> None:
    parts = [
        replace(part, share=share)
        for part, share in zip(joint.parts(), shares, strict=True)
    ]
    fact = await joint.drafted(parts)
    with pytest.raises(BadShares):
        await propose(fact.id, joint.machine)
    assert (await queries.objective(fact.id)).stage == Stage.DRAFT
    assert await feed_of("dft") == []


async def test_without_an_agreement_to_share_nothing_is_drafted(joint: Joint) -> None:
    foreign = Contributed("moj", joint.moj.people[0], MAJOR, 40, "a court")
    with pytest.raises(NotShared, match="between hmt and moj:"):
        await joint.drafted([joint.parts()[0], foreign])
    assert await nothing_was_written()

    await sharing("dft", "moj")  # Not with hmt, which leads.
    with pytest.raises(NotShared, match="between hmt and moj:"):
        await joint.drafted([joint.parts()[0], foreign])


async def test_partners_share_with_each_other_too(joint: Joint) -> None:
    await sharing("hmt", "moj")  # And dft shares with hmt alone.
    lead, major = joint.parts()
    third = Contributed("moj", joint.moj.people[0], SUPPORTING, 10, "a court")
    parts = [replace(lead, share=50), major, third]
    with pytest.raises(NotShared, match="between dft and moj:"):
        await joint.drafted(parts)
    await sharing("dft", "moj")
    assert await joint.drafted(parts)


async def test_what_is_shared_no_more_is_not_proposed(joint: Joint) -> None:
    fact = await joint.drafted()
    await shared_no_more()

    with pytest.raises(NotShared, match="between dft and hmt:"):
        await propose(fact.id, joint.machine)


async def test_nothing_is_drafted_once_the_cycle_is_published(joint: Joint) -> None:
    await step(
        joint.on.cycle, CycleStep.START_PUBLISHING, caller=OPERATOR, now=IN_THE_YEAR
    )
    with pytest.raises(WrongCycleState):
        await joint.drafted()


async def test_a_contributor_without_a_posting_there_is_refused(joint: Joint) -> None:
    wrong = Contributed("dft", joint.moj.people[0], MAJOR, 40, "data")
    with pytest.raises(BadContributors, match="Contributor 2 holds no posting in dft"):
        await joint.drafted([joint.parts()[0], wrong])

    await left_yesterday(joint.partner)
    with pytest.raises(BadContributors, match="Contributor 2"):
        await joint.drafted()
    assert await nothing_was_written()


async def test_the_accountable_owner_is_posted_to_one_of_the_organisations(
    joint: Joint,
) -> None:
    assert await joint.drafted(owners=((joint.dft.head,),))
    for stranger in (joint.moj.head, uuid4()):
        with pytest.raises(BadOwners, match="owner 1 must hold a posting today"):
            await joint.drafted(owners=((stranger,),))


async def test_a_draft_is_proposed_once(joint: Joint) -> None:
    fact = await joint.proposed()

    assert fact.stage == Stage.PROPOSED
    assert [action for _, action in await audited(fact.id)] == ["draft", "propose"]
    with pytest.raises(WrongStage):
        await propose(fact.id, joint.machine)


async def test_only_who_may_draft_may_propose(joint: Joint) -> None:
    fact = await joint.drafted()
    for caller in (machine_of("dft"), Person(joint.subject), Person(joint.dft.head)):
        with pytest.raises(NotFound):
            await propose(fact.id, caller)
    with pytest.raises(NotFound):
        await propose(uuid4(), joint.machine)
    with pytest.raises(NotYours):  # Who administers sees it, and does not set it.
        await propose(fact.id, hr_administrator(joint.hmt))
    assert await propose(fact.id, Person(joint.hmt.head))


async def test_a_contributor_without_a_line_manager_stops_the_proposal(
    joint: Joint,
) -> None:
    headless = Contributed("dft", joint.dft.head, MAJOR, 40, "data")
    fact = await joint.drafted([joint.parts()[0], headless])

    with pytest.raises(NoLineManager, match=r"^1 of the people"):
        await propose(fact.id, joint.machine)
    assert (await queries.objective(fact.id)).stage == Stage.DRAFT


async def test_whom_only_their_own_department_may_find_no_other_names(
    joint: Joint,
) -> None:
    fact = await joint.drafted()
    await Human.update({Human.discoverable: False}).where(
        Human.id.is_in([joint.subject, joint.partner, joint.dft.head])
    )
    with pytest.raises(BadContributors, match="Contributor 2 holds no posting"):
        await joint.drafted()
    mine, _ = joint.parts()
    other = Contributed("dft", joint.dft.people[1], MAJOR, 40, "data")
    with pytest.raises(BadOwners, match="owner 1 must hold"):
        await joint.drafted([mine, other], owners=((joint.dft.head,),))
    assert await joint.drafted([mine, other])  # Our own we may name.
    assert await propose(fact.id, joint.machine)  # And whom we had named before.
