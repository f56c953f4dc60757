"""Milestones: planned by those who answer for an objective, met by whoever works on it.

The law: what was met, missed or dropped says no other thing until it is planned again.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from service.auth.caller import Caller
from service.errors import NotFound
from service.objectives.changing import Checked, Work, audited, changing, person_of
from service.objectives.progress import rules
from service.objectives.progress.capacities import (
    acting_for,
    check_plans,
    check_works,
)
from service.objectives.progress.keeping import keep
from service.objectives.progress.rules import MilestoneState, MilestoneStep
from service.objectives.progress.schemas import MilestoneChangeIn, MilestoneIn
from service.objectives.progress.tables import Milestone
from service.objectives.stages import WrongStage, check_under_way


async def add_milestone(
    objective: UUID, wanted: MilestoneIn, *, id_: UUID, caller: Caller, now: datetime
) -> None:
    """Plan a milestone."""
    async with changing(objective, caller=caller, now=now) as work:
        check_plans(work)
        rules.check_not_over(work.stage)
        await Milestone.insert(
            Milestone(
                organisation=work.fact.organisation,
                id=id_,
                objective=objective,
                title=wanted.title,
                due_on=wanted.due_on,
                state=MilestoneState.PLANNED,
                version=1,
            )
        )
        says = _says(wanted, MilestoneState.PLANNED)
        await keep(work, 1, says, milestone=id_)
        _audit(work, "add", id_, None, says)


async def change_milestone(
    objective: UUID,
    id_: UUID,
    wanted: MilestoneChangeIn,
    *,
    caller: Caller,
    now: datetime,
    checked: Checked,
) -> None:
    """Have a milestone say something else, or move it on; the same changes nothing."""
    async with changing(objective, caller=caller, now=now) as work:
        was = await _milestone(objective, id_)
        state = MilestoneState(was.state)
        before, after = _says(was, state), _says(wanted, wanted.state)
        only_meets = before | {"state": MilestoneState.MET} == after
        (check_works if only_meets else check_plans)(work)
        checked(was.version)
        rules.check_not_over(work.stage)
        if before == after:
            return
        if before | {"state": after["state"]} != after:
            rules.check_rewritten(state, wanted.state)
        if state != wanted.state:
            _check_step(work, state, wanted)
        await _save(work, was, wanted)
        await keep(work, was.version + 1, after, milestone=id_)
        _audit(work, "change", id_, before, after)


async def _milestone(objective: UUID, id_: UUID) -> Milestone:
    found = await Milestone.objects().where(
        Milestone.objective == objective, Milestone.id == id_
    )
    if not found:
        raise NotFound(f"The objective has no milestone {id_}.")
    return found[0]


def _says(milestone: Milestone | MilestoneIn, state: MilestoneState) -> dict[str, str]:
    return {
        "title": milestone.title,
        "due_on": milestone.due_on.isoformat(),
        "state": state,
    }


def _check_step(work: Work, state: MilestoneState, wanted: MilestoneChangeIn) -> None:
    step = rules.STEP_TO[wanted.state]
    rules.milestone_after(state, step)
    if step in rules.TELLS:
        check_under_way(work.stage)
    if step == MilestoneStep.MISS:
        rules.check_missed(wanted.due_on, work.now.date())


async def _save(work: Work, was: Milestone, wanted: MilestoneChangeIn) -> None:
    met = wanted.state == MilestoneState.MET
    met_by = person_of(work.caller) if met else None
    values: dict[Any, Any] = {
        Milestone.title: wanted.title,
        Milestone.due_on: wanted.due_on,
        Milestone.state: wanted.state,
        Milestone.met_at: work.now if met else None,
        Milestone.met_by: met_by,
        Milestone.met_for: acting_for(work) if met_by else None,
        Milestone.version: was.version + 1,
    }
    saved = (
        await Milestone.update(values)
        .where(Milestone.id == was.id, Milestone.version == was.version)
        .returning(Milestone.id)
    )
    if not saved:
        raise WrongStage("Somebody else changed the milestone just now.")


def _audit(
    work: Work,
    action: str,
    id_: UUID,
    before: dict[str, str] | None,
    after: dict[str, str],
) -> None:
    """Leave an entry without the title: the versions hold the texts."""
    said, says = (
        {name: value for name, value in each.items() if name != "title"}
        for each in (before or {}, after)
    )
    audited(
        work,
        action,
        entity="milestone",
        entity_id=id_,
        before=said or None,
        after=says,
    )
