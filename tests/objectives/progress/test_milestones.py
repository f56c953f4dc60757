"""Milestones: who plans them, who may say that one is met, and what is kept."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from service.access.rules import NotShared
from service.audit.tables import AuditEntry
from service.auth.caller import Caller, Person
from service.changes.tables import ChangeLog
from service.errors import NotFound, Stale
from service.objectives import actions
from service.objectives.presenting import Sight
from service.objectives.progress import queries
from service.objectives.progress.rules import MilestoneState, WrongMilestoneState
from service.objectives.progress.tables import Milestone
from service.objectives.queries import objective
from service.objectives.rules import NotYours
from service.objectives.stages import WrongStage
from tests.factories import IN_THE_YEAR
from tests.objectives.joint import Joint, machine_of, shared_no_more
from tests.objectives.progress.going import (
    AUTUMN,
    TODAY,
    WHOLE,
    moved,
    planned,
    stands,
)

PLANNED, MET, MISSED, DROPPED = MilestoneState
YESTERDAY = TODAY - timedelta(days=1)


def planners(joint: Joint) -> list[Caller]:
    return [Person(joint.hmt.head), Person(joint.subject), joint.machine]


async def test_those_who_answer_for_it_plan_it(joint: Joint) -> None:
    fact = await joint.agreed()
    for caller in planners(joint):
        await planned(fact.id, caller)
    found = (await stands(fact.id)).milestones
    assert [(m.title, m.due_on, m.state, m.version) for m in found] == [
        ("One form", AUTUMN, PLANNED, 1)
    ] * 3


async def test_the_first_due_is_shown_first(joint: Joint) -> None:
    fact = await joint.agreed()
    days = [date(2026, month, 1) for month in (9, 7, 8)]
    for day in days:
        await planned(fact.id, joint.machine, day)
    assert [m.due_on for m in (await stands(fact.id)).milestones] == sorted(days)


async def test_an_accountable_owner_of_another_department_plans_it(
    joint: Joint,
) -> None:
    made = await joint.drafted(owners=((joint.partner,),))
    await actions.propose(made.id, caller=joint.machine, now=IN_THE_YEAR)
    await planned(made.id, Person(joint.partner))
    assert await Milestone.count() == 1


async def test_a_contributor_plans_nothing(joint: Joint) -> None:
    fact = await joint.agreed()
    for caller in (
        Person(joint.partner),
        Person(joint.dft.head),
        machine_of("dft"),
    ):
        with pytest.raises(NotYours, match="plans it"):
            await planned(fact.id, caller)
    assert await Milestone.count() == 0


async def test_for_a_stranger_there_is_nothing_to_plan(joint: Joint) -> None:
    fact = await joint.agreed()
    for caller in (Person(joint.moj.head), machine_of("moj"), Person(uuid4())):
        with pytest.raises(NotFound) as refused:
            await planned(fact.id, caller)
        assert str(refused.value) == f"No objective {fact.id}."


async def test_a_draft_s_milestones_are_the_lead_s_alone(joint: Joint) -> None:
    fact = await joint.drafted()
    await planned(fact.id, Person(joint.hmt.head))
    await planned(fact.id, joint.machine)
    for caller in (Person(joint.subject), Person(joint.partner), machine_of("dft")):
        with pytest.raises(NotFound):
            await planned(fact.id, caller)
    assert await Milestone.count() == 2


@pytest.mark.parametrize("who", ["subject", "partner", "manager", "machine"])
async def test_whoever_works_on_it_may_say_that_it_is_met(
    joint: Joint, who: str
) -> None:
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine)
    people = {
        "subject": joint.subject,
        "partner": joint.partner,
        "manager": joint.hmt.head,
    }
    caller = Person(people[who]) if who in people else joint.machine

    await moved(fact.id, id_, caller, MET)

    (found,) = (await stands(fact.id)).milestones
    assert (found.state, found.met_at, found.version) == (MET, IN_THE_YEAR, 2)
    assert (found.met_by and found.met_by.id) == people.get(who)


async def test_whoever_met_it_shows_to_their_own_department_s_machine_alone(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine)
    await moved(fact.id, id_, Person(joint.partner), MET)
    for code, seen in (("dft", joint.partner), ("hmt", None)):
        sight = Sight(frozenset({code}), {})
        (found,) = (await stands(fact.id, sight)).milestones
        assert (found.met_by and found.met_by.id) == seen
        assert found.state == MET


@pytest.mark.parametrize("state", [MISSED, DROPPED, PLANNED])
async def test_a_contributor_says_that_it_is_met_and_nothing_else(
    joint: Joint, state: MilestoneState
) -> None:
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine, YESTERDAY)
    partner = Person(joint.partner)
    if state == PLANNED:
        await moved(fact.id, id_, partner, MET, due_on=YESTERDAY)
    with pytest.raises(NotYours):
        await moved(fact.id, id_, partner, state, due_on=YESTERDAY)
    with pytest.raises(NotYours):
        await moved(fact.id, id_, partner, MET, due_on=AUTUMN)
    with pytest.raises(NotYours):
        await moved(fact.id, id_, partner, MET, title="Two", due_on=YESTERDAY)


async def test_nothing_is_met_before_it_is_agreed(joint: Joint) -> None:
    fact = await joint.proposed()
    id_ = await planned(fact.id, joint.machine, YESTERDAY)
    for state in (MET, MISSED):
        with pytest.raises(WrongStage, match="from its agreement"):
            await moved(fact.id, id_, joint.machine, state, due_on=YESTERDAY)
    await moved(fact.id, id_, joint.machine, DROPPED, due_on=YESTERDAY)


async def test_nothing_is_planned_once_it_is_withdrawn(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine)
    await actions.withdraw(
        fact.id, reason="Done by another.", caller=joint.machine, now=IN_THE_YEAR
    )
    with pytest.raises(WrongStage, match="is withdrawn"):
        await planned(fact.id, joint.machine)
    with pytest.raises(WrongStage, match="is withdrawn"):
        await moved(fact.id, id_, joint.machine, DROPPED)


async def test_it_is_missed_only_after_its_day(joint: Joint) -> None:
    fact = await joint.agreed()
    today = await planned(fact.id, joint.machine, TODAY)
    with pytest.raises(WrongMilestoneState, match="only after that day"):
        await moved(fact.id, today, joint.machine, MISSED, due_on=TODAY)
    past = await planned(fact.id, joint.machine, YESTERDAY)
    await moved(fact.id, past, joint.machine, MISSED, due_on=YESTERDAY)
    await moved(fact.id, past, joint.machine, MET, due_on=YESTERDAY)


async def test_what_was_met_says_something_else_only_once_it_is_reopened(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine)
    await moved(fact.id, id_, joint.machine, MET)
    for state in (MET, DROPPED):
        with pytest.raises(WrongMilestoneState):
            await moved(fact.id, id_, joint.machine, state, title="Two forms")
    await moved(fact.id, id_, joint.machine, PLANNED, title="Two forms")
    (found,) = (await stands(fact.id)).milestones
    assert (found.title, found.state, found.met_at) == ("Two forms", PLANNED, None)


async def test_every_version_of_it_is_kept_with_who_when_and_what(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine)
    later = AUTUMN + timedelta(days=30)
    await moved(fact.id, id_, Person(joint.subject), PLANNED, due_on=later)
    await moved(fact.id, id_, Person(joint.partner), MET, due_on=later)

    found = await queries.versions(fact.id, WHOLE, drafts=True, milestone=id_)

    assert [v.version for v in found] == [1, 2, 3]
    assert [v.person and v.person.id for v in found] == [
        None,
        joint.subject,
        joint.partner,
    ]
    assert [v.organisation for v in found] == ["hmt", "hmt", "dft"]
    assert {v.at for v in found} == {IN_THE_YEAR}
    assert [[(c.field, c.before, c.after) for c in v.changes] for v in found] == [
        [],
        [("due_on", "2026-09-30", "2026-10-30")],
        [("state", "planned", "met")],
    ]
    assert found[2].says == {
        "title": "One form",
        "due_on": "2026-10-30",
        "state": "met",
    }


async def test_the_same_again_changes_nothing(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine)
    before = await objective(fact.id)
    await moved(fact.id, id_, joint.machine, PLANNED)
    assert await objective(fact.id) == before
    assert len(await queries.versions(fact.id, WHOLE, drafts=True, milestone=id_)) == 1


async def test_nobody_overwrites_what_they_have_not_read(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine)
    read: list[int] = []

    def stale(version: int) -> None:
        read.append(version)
        raise Stale("Read it again.")

    with pytest.raises(Stale):
        await moved(fact.id, id_, joint.machine, MET, checked=stale)
    assert read == [1]
    assert (await stands(fact.id)).milestones[0].state == PLANNED


async def test_a_milestone_of_another_objective_is_not_there(joint: Joint) -> None:
    one, other = await joint.agreed(), await joint.proposed()
    id_ = await planned(one.id, joint.machine)
    for wrong in (uuid4(), id_):
        with pytest.raises(NotFound, match=f"no milestone {wrong}"):
            await moved(other.id, wrong, joint.machine, MET)
        with pytest.raises(NotFound):
            await queries.versions(other.id, WHOLE, drafts=True, milestone=wrong)
    with pytest.raises(NotFound):
        await queries.versions(one.id, WHOLE, drafts=True, indicator=id_)


async def test_where_nothing_is_shared_any_more_nothing_is_added(joint: Joint) -> None:
    fact = await joint.agreed()
    await shared_no_more()
    with pytest.raises(NotShared, match="dft and hmt"):
        await planned(fact.id, joint.machine)


async def audit_of(id_: UUID) -> list[tuple[str, str, str | None]]:
    rows = (
        await AuditEntry.select()
        .where(AuditEntry.entity_id == str(id_))
        .order_by(AuditEntry.id)
    )
    return [(row["entity"], row["action"], row["after"]) for row in rows]


async def test_it_leaves_a_revision_an_audit_and_a_row_in_each_party_s_feed(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    before = await objective(fact.id)
    id_ = await planned(fact.id, joint.machine)
    await moved(fact.id, id_, joint.machine, MET)

    assert (await objective(fact.id)).revision == before.revision + 2
    noted = await ChangeLog.select(ChangeLog.organisation, ChangeLog.version).where(
        ChangeLog.entity == fact.id, ChangeLog.version > before.revision
    )
    assert {(row["organisation"], row["version"]) for row in noted} == {
        (code, before.revision + step) for code in ("hmt", "dft") for step in (1, 2)
    }
    audit = await audit_of(id_)
    assert [entry[:2] for entry in audit] == [
        ("milestone", "add"),
        ("milestone", "change"),
    ]
    assert "One form" not in str(audit)
