"""Every pair of a stage and a step, and which stage follows from what was said."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from service.scores.deciding import stages
from service.scores.deciding.rules import (
    Capacity,
    DecisionFact,
    Outcome,
    stage_of,
    stands,
)
from service.scores.deciding.stages import (
    SETTLED,
    SETTLES,
    AppealState,
    Stage,
    Step,
    WrongScoreStage,
)

LEADS_TO = {
    Stage.UNDECIDED: "decide: decided, appeal: undecided_under_appeal",
    Stage.DECIDED: "decide: decided, appeal: decided_under_appeal",
    Stage.UNDECIDED_UNDER_APPEAL: (
        "uphold: undecided, partly_uphold: undecided, dismiss: undecided,"
        " withdraw: undecided"
    ),
    Stage.DECIDED_UNDER_APPEAL: (
        "uphold: undecided, partly_uphold: undecided, dismiss: decided,"
        " withdraw: decided"
    ),
}
MADE = DecisionFact(
    id=uuid4(),
    number=1,
    run=uuid4(),
    outcome=Outcome.ACCEPT,
    reason=None,
    band=None,
    note=None,
    decided_by=uuid4(),
    capacity=Capacity.LINE_MANAGER,
    decided_at=datetime(2027, 4, 1, tzinfo=UTC),
)


def led(stage: Stage) -> dict[str, str]:
    pairs = (each.split(": ") for each in LEADS_TO[stage].split(", "))
    return {step: became for step, became in pairs}  # noqa: C416 - pairs are lists


@pytest.mark.parametrize("stage", [*Stage])
@pytest.mark.parametrize("step", [*Step])
def test_a_step_leads_from_some_stages_and_is_refused_from_every_other(
    stage: Stage, step: Step
) -> None:
    allowed = led(stage)
    if step in allowed:
        assert stages.after(stage, step) == Stage(allowed[step])
        return
    with pytest.raises(WrongScoreStage) as refused:
        stages.after(stage, step)
    said = str(refused.value)
    assert f"is {spoken(stage)}: you cannot {spoken(step)} now" in said
    for each in allowed:  # It says what can be done instead.
        assert spoken(each) in said


def spoken(word: str) -> str:
    return word.replace("_", " ")


def test_nothing_is_decided_anew_while_an_appeal_is_open() -> None:
    deciding = {at for at, step in stages.STEPS if step == Step.DECIDE}
    assert deciding == {Stage.UNDECIDED, Stage.DECIDED}


def test_each_way_to_settle_ends_an_appeal_in_a_way_of_its_own() -> None:
    ended = {*AppealState} - {AppealState.OPEN, AppealState.WITHDRAWN}
    assert {*SETTLES.values()} == ended == SETTLED
    assert len(SETTLES) == len(ended)


@pytest.mark.parametrize(
    ("decided", "appealed", "stage"),
    [
        (False, False, Stage.UNDECIDED),
        (True, False, Stage.DECIDED),
        (False, True, Stage.UNDECIDED_UNDER_APPEAL),
        (True, True, Stage.DECIDED_UNDER_APPEAL),
    ],
)
def test_the_stage_follows_from_the_decision_and_the_appeal(
    *, decided: bool, appealed: bool, stage: Stage
) -> None:
    assert stage_of(MADE if decided else None, under_appeal=appealed) == stage


def test_the_newest_decision_stands_on_its_own_computation_alone() -> None:
    later = replace(MADE, id=uuid4(), number=2)
    assert stands(MADE.run, [], ()) is None
    assert stands(MADE.run, [MADE, later], ()) == later
    assert stands(uuid4(), [MADE, later], ()) is None


def test_a_decision_set_aside_stands_no_more_nor_does_the_one_before_it() -> None:
    later = replace(MADE, id=uuid4(), number=2)
    assert stands(MADE.run, [MADE, later], {later.id}) is None
    assert stands(MADE.run, [MADE, later], {MADE.id}) == later
