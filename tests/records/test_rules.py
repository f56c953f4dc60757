from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.records import rules
from service.records.frameworks import load, stage_instants
from service.records.rules import BadDates, CycleState, CycleStep, WrongCycleState

PRESET = {str(s): at for s, at in stage_instants(load("uk-scs-2025"), 2026).items()}
LEADS_TO = {
    (CycleState.OPEN, CycleStep.START_PUBLISHING): CycleState.PUBLISHING,
    (CycleState.PUBLISHING, CycleStep.FINISH_PUBLISHING): CycleState.PUBLISHED,
    (CycleState.PUBLISHED, CycleStep.ARCHIVE): CycleState.ARCHIVED,
}
ANY_TIME = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis wants it naive and adds the zone
    datetime(2029, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)


@pytest.mark.parametrize("state", [*CycleState])
@pytest.mark.parametrize("step", [*CycleStep])
def test_a_step_leads_from_one_state_and_is_refused_from_every_other(
    state: CycleState, step: CycleStep
) -> None:
    if (state, step) in LEADS_TO:
        assert rules.after(state, step) == LEADS_TO[state, step]
        return
    with pytest.raises(WrongCycleState, match=f"Cannot {step} a cycle that is {state}"):
        rules.after(state, step)


def test_without_other_dates_the_presets_stand() -> None:
    assert rules.with_dates(PRESET, {}) == PRESET


def test_a_wanted_date_takes_the_presets_place() -> None:
    opens = datetime(2027, 1, 20, 9, tzinfo=UTC)
    dates = rules.with_dates(PRESET, {"feedback_opens": opens})

    assert dates == {**PRESET, "feedback_opens": opens}
    assert list(dates) == list(PRESET)


def test_a_stage_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(BadDates, match=r"no stage feedback; use: objective_setting, "):
        rules.with_dates(PRESET, {"feedback": PRESET["feedback_opens"]})


def test_a_time_without_its_offset_is_refused() -> None:
    naive = datetime(2027, 2, 1, 9)  # noqa: DTZ001 - what is refused
    with pytest.raises(BadDates, match="feedback_opens: write the instant with its"):
        rules.with_dates(PRESET, {"feedback_opens": naive})


def test_stages_out_of_order_are_refused_with_both_their_names() -> None:
    late = PRESET["feedback_closes"] + timedelta(seconds=1)
    with pytest.raises(BadDates, match=r"feedback_closes .* before feedback_opens"):
        rules.with_dates(PRESET, {"feedback_opens": late})


def test_a_window_that_closes_as_it_opens_is_none() -> None:
    at = PRESET["feedback_opens"]
    with pytest.raises(BadDates, match="must come after feedback_opens"):
        rules.with_dates(PRESET, {"feedback_closes": at})


@given(st.dictionaries(st.sampled_from([*PRESET]), ANY_TIME))
def test_dates_that_are_accepted_are_those_wanted_and_in_order(
    wanted: Mapping[str, datetime],
) -> None:
    expected = [wanted.get(stage, at) for stage, at in PRESET.items()]
    window = [wanted.get(s, PRESET[s]) for s in ("feedback_opens", "feedback_closes")]
    in_order = all(one <= other for one, other in pairwise(expected))

    if in_order and window[0] < window[1]:
        assert list(rules.with_dates(PRESET, wanted).values()) == expected
    else:
        with pytest.raises(BadDates):
            rules.with_dates(PRESET, wanted)
