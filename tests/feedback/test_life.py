"""Every pair of a state and a step, and what the database makes of each state."""

import pytest

from service.feedback import life
from service.feedback.life import State, Step

LEADS_TO = {
    ("proposed", "veto"): "vetoed",
    ("proposed", "object to"): "objected",
    ("proposed", "draw"): "drawn",
    ("drawn", "invite"): "invited",
    ("drawn", "withdraw"): "withdrawn",
    ("drawn", "expire"): "expired",
    ("invited", "open"): "opened",
    ("invited", "save"): "draft",
    ("invited", "submit"): "submitted",
    ("invited", "decline"): "declined",
    ("invited", "withdraw"): "withdrawn",
    ("invited", "expire"): "expired",
    ("opened", "open"): "opened",
    ("opened", "save"): "draft",
    ("opened", "submit"): "submitted",
    ("opened", "decline"): "declined",
    ("opened", "withdraw"): "withdrawn",
    ("opened", "expire"): "expired",
    ("draft", "open"): "draft",
    ("draft", "save"): "draft",
    ("draft", "submit"): "submitted",
    ("draft", "decline"): "declined",
    ("draft", "withdraw"): "withdrawn",
    ("draft", "expire"): "expired",
    ("submitted", "open"): "submitted",
    ("submitted", "save"): "submitted",
    ("submitted", "submit"): "submitted",
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_a_request_moves_by_the_table_and_in_no_other_way(
    state: State, step: Step
) -> None:
    if (state, step) in LEADS_TO:
        assert life.after(state, step) == LEADS_TO[state, step]
        assert state in life.before(step)
    else:
        with pytest.raises(life.WrongState, match=f"{step}.*{state}"):
            life.after(state, step)
        assert state not in life.before(step)


def test_a_proposal_becomes_no_request_and_a_request_no_proposal() -> None:
    crossing = {
        (state, step)
        for (state, step), to in life.STEPS.items()
        if (state in life.OF_PROPOSALS) != (to in life.OF_PROPOSALS)
    }
    assert crossing == {(State.PROPOSED, Step.DRAW)}


def test_what_was_submitted_is_neither_withdrawn_nor_expired() -> None:
    leaving = {to for (state, _), to in life.STEPS.items() if state == State.SUBMITTED}
    assert leaving == {State.SUBMITTED}
