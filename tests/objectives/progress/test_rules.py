"""The life of a milestone: every pair of its table."""

from itertools import product

import pytest

from service.objectives.progress import rules
from service.objectives.progress.rules import (
    MilestoneState,
    MilestoneStep,
    WrongMilestoneState,
)
from service.objectives.stages import Stage, WrongStage

PLANNED, MET, MISSED, DROPPED = MilestoneState
MEET, MISS, DROP, REOPEN = MilestoneStep
LEADS = {
    (PLANNED, MEET): MET,
    (PLANNED, MISS): MISSED,
    (PLANNED, DROP): DROPPED,
    (MISSED, MEET): MET,
    (MISSED, DROP): DROPPED,
    (MET, REOPEN): PLANNED,
    (MISSED, REOPEN): PLANNED,
    (DROPPED, REOPEN): PLANNED,
}


@pytest.mark.parametrize(("state", "step"), [*product(MilestoneState, MilestoneStep)])
def test_a_milestone_moves_as_its_table_says_and_not_otherwise(
    state: MilestoneState, step: MilestoneStep
) -> None:
    if (state, step) in LEADS:
        assert rules.milestone_after(state, step) == LEADS[state, step]
    else:
        with pytest.raises(WrongMilestoneState, match=f"is {state}: it cannot {step}"):
            rules.milestone_after(state, step)


def test_one_step_leads_to_each_state() -> None:
    for (_, step), state in LEADS.items():
        assert rules.STEP_TO[state] == step
    assert set(rules.STEP_TO) == {*MilestoneState}


@pytest.mark.parametrize("stage", Stage)
def test_nothing_is_planned_for_what_is_over(stage: Stage) -> None:
    if stage in {Stage.ASSESSED, Stage.CLOSED, Stage.WITHDRAWN}:
        with pytest.raises(WrongStage, match=f"is {stage}"):
            rules.check_not_over(stage)
    else:
        rules.check_not_over(stage)
