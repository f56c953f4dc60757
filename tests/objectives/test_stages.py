"""Every pair of a stage and a step, and of a contribution's state and a step."""

import pytest

from service.objectives import stages
from service.objectives.stages import (
    ContributionState,
    ContributionStep,
    Stage,
    Step,
    WrongContributionState,
    WrongStage,
)

LEADS_TO = {
    Stage.DRAFT: "change: draft, amend: draft, propose: proposed, withdraw: withdrawn",
    Stage.PROPOSED: (
        "change: proposed, amend: proposed, agree: agreed, send_back: sent_back,"
        " dispute: disputed, withdraw: withdrawn"
    ),
    Stage.SENT_BACK: (
        "change: sent_back, amend: sent_back, propose: proposed, send_back: sent_back,"
        " withdraw: withdrawn"
    ),
    Stage.DISPUTED: (
        "change: proposed, amend: disputed, dispute: disputed, send_back: sent_back,"
        " settle: proposed, reinstate: agreed, withdraw: withdrawn"
    ),
    Stage.AGREED: (
        "change: proposed, amend: agreed, send_back: sent_back, dispute: disputed,"
        " assess: assessed, withdraw: withdrawn"
    ),
    Stage.ASSESSED: "close: closed",
    Stage.CLOSED: "",
    Stage.WITHDRAWN: "",
}
CONTRIBUTION_LEADS_TO = {
    ContributionState.INVITED: (
        "accept: accepted, dispute: disputed, decline: declined, leave: left"
    ),
    ContributionState.ACCEPTED: "invite: invited, dispute: disputed, leave: left",
    ContributionState.DISPUTED: (
        "invite: invited, accept: accepted, decline: declined, leave: left"
    ),
    ContributionState.DECLINED: "invite: invited",
    ContributionState.LEFT: "invite: invited",
}


def led(table: str) -> dict[str, str]:
    pairs = (each.split(": ") for each in table.split(", ") if each)
    return {step: became for step, became in pairs}  # noqa: C416 - pairs are lists


@pytest.mark.parametrize("stage", [*Stage])
@pytest.mark.parametrize("step", [*Step])
def test_a_step_leads_from_some_stages_and_is_refused_from_every_other(
    stage: Stage, step: Step
) -> None:
    allowed = led(LEADS_TO[stage])
    if step in allowed:
        assert stages.after(stage, step) == Stage(allowed[step])
        return
    with pytest.raises(WrongStage) as refused:
        stages.after(stage, step)
    said = str(refused.value)
    assert f"is {spoken(stage)}: it cannot {spoken(step)} now." in said
    for each in allowed:  # It says what can be done instead.
        assert spoken(each) in said


def spoken(word: str) -> str:
    return word.replace("_", " ")


@pytest.mark.parametrize("state", [*ContributionState])
@pytest.mark.parametrize("step", [*ContributionStep])
def test_a_contributions_step_leads_from_some_states_and_from_no_other(
    state: ContributionState, step: ContributionStep
) -> None:
    allowed = led(CONTRIBUTION_LEADS_TO[state])
    if step in allowed:
        became = ContributionState(allowed[step])
        assert stages.contribution_after(state, step) == became
        return
    with pytest.raises(WrongContributionState, match=f"is {state}: it cannot {step}"):
        stages.contribution_after(state, step)


def test_nothing_comes_back_from_where_it_ends() -> None:
    ended = {stage for stage in Stage if not any(at == stage for at, _ in stages.STEPS)}
    assert ended == {Stage.CLOSED, Stage.WITHDRAWN}


@pytest.mark.parametrize("stage", [*Stage])
def test_progress_is_reported_from_agreement_until_assessment(stage: Stage) -> None:
    if stage in {Stage.AGREED, Stage.DISPUTED}:
        stages.check_under_way(stage)
        return
    with pytest.raises(WrongStage, match="progress is reported from its agreement"):
        stages.check_under_way(stage)
