import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from service.scores import rules
from service.scores.rules import (
    Band,
    Confidence,
    Decision,
    Facts,
    Reason,
    State,
)

ENOUGH = Facts(
    exposure_days=200,
    minimum_exposure_days=60,
    raters=5,
    organisations=2,
    reliability=0.60,
    half_width=0.5,
    cycle_estimable=True,
)
PUBLISHED = rules.decide(ENOUGH)
INDICATIVE = rules.decide(replace(ENOUGH, raters=4))
ANY_FACTS = st.builds(
    Facts,
    exposure_days=st.integers(0, 260),
    minimum_exposure_days=st.integers(0, 120),
    raters=st.integers(0, 20),
    organisations=st.integers(0, 5),
    reliability=st.none() | st.floats(0, 1) | st.just(math.nan),
    half_width=st.none() | st.floats(0, 4),
    cycle_estimable=st.booleans(),
)
MARKS = st.floats(1, 5)


@pytest.mark.parametrize("raters", range(10))
@pytest.mark.parametrize("organisations", range(4))
@pytest.mark.parametrize("reliability", [None, 0.0, 0.59, 0.60, 0.95, math.nan])
@pytest.mark.parametrize("exposure", [0, 59, 60, 260])
def test_the_state_and_its_reason_follow_from_the_facts(
    raters: int, organisations: int, reliability: float | None, exposure: int
) -> None:
    found = rules.decide(
        replace(
            ENOUGH,
            raters=raters,
            organisations=organisations,
            reliability=reliability,
            exposure_days=exposure,
        )
    )
    reliable = reliability in {0.60, 0.95}
    expected: tuple[State, Reason | None]
    if exposure in {0, 59}:
        expected = (State.NOT_ELIGIBLE, Reason.BELOW_MINIMUM_EXPOSURE)
    elif organisations in {0, 1}:
        expected = (State.INSUFFICIENT, Reason.BELOW_MINIMUM_ORGANISATIONS)
    elif raters in {3, 4} and reliable:
        expected = (State.INDICATIVE, Reason.BELOW_MINIMUM_RATERS)
    elif raters in {0, 1, 2, 3, 4}:
        expected = (State.INSUFFICIENT, Reason.BELOW_MINIMUM_RATERS)
    elif not reliable:
        expected = (State.INSUFFICIENT, Reason.LOW_RELIABILITY)
    else:
        expected = (State.PUBLISHED, None)
    assert (found.state, found.reason) == expected


@pytest.mark.parametrize(
    ("raters", "state", "reason"),
    [
        (5, State.INSUFFICIENT, Reason.CYCLE_NOT_ESTIMABLE),
        (4, State.INSUFFICIENT, Reason.BELOW_MINIMUM_RATERS),
    ],
)
def test_a_cycle_that_tells_nobody_apart_gives_neither_number_nor_band(
    raters: int, state: State, reason: Reason
) -> None:
    found = rules.decide(replace(ENOUGH, raters=raters, cycle_estimable=False))
    assert (found.state, found.reason) == (state, reason)


@pytest.mark.parametrize(
    ("raters", "half_width", "confidence"),
    [
        (8, 0.4, Confidence.FIRM),
        (8, 0.41, Confidence.REPORTABLE),
        (8, None, Confidence.REPORTABLE),
        (7, 0.1, Confidence.REPORTABLE),
        (4, 0.1, None),
    ],
)
def test_a_firm_number_needs_eight_raters_and_a_narrow_interval(
    raters: int, half_width: float | None, confidence: Confidence | None
) -> None:
    facts = replace(ENOUGH, raters=raters, half_width=half_width)
    assert rules.decide(facts).confidence is confidence


@given(ANY_FACTS, MARKS)
def test_below_any_threshold_there_is_no_number_and_a_reason(
    facts: Facts, value: float
) -> None:
    found = rules.decide(facts)
    reliability = facts.reliability or 0.0
    meets_all = (
        facts.exposure_days >= facts.minimum_exposure_days
        and facts.raters >= 5
        and facts.organisations >= 2
        and reliability >= 0.60
        and facts.cycle_estimable
    )
    number = rules.figure(value, found)
    for hidden in (number, found.verdict.raters, found.confidence):
        assert (hidden is not None) is meets_all
    assert (found.reason is None) is meets_all
    if not meets_all:
        assert rules.band_shown(Band.CLEARLY_ABOVE, found, to_hr=True) is None


def test_missing_is_never_zero() -> None:
    nothing = Facts(0, 60, 0, 0, None, None, cycle_estimable=False)
    for facts in (nothing, replace(nothing, minimum_exposure_days=0)):
        assert rules.figure(0.0, rules.decide(facts)) is None


@pytest.mark.parametrize("state", [s for s in State if s is not State.PUBLISHED])
def test_a_score_that_is_not_published_shows_no_number_in_any_state(
    state: State,
) -> None:
    once_published = replace(PUBLISHED, state=state)
    assert rules.figure(72.25, once_published) is None


def test_an_indicative_band_is_for_the_subject_and_manager_only() -> None:
    band = Band.CLEARLY_BELOW
    assert rules.band_shown(band, INDICATIVE, to_hr=False) is band
    assert rules.band_shown(band, INDICATIVE, to_hr=True) is None
    assert rules.band_shown(band, PUBLISHED, to_hr=True) is band


@given(MARKS, MARKS, st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_band_follows_from_the_posterior(
    score: float, mean: float, error: float, variance: float
) -> None:
    margin = 0.25 * math.sqrt(variance)
    above = norm.sf(margin, score - mean, error)
    below = norm.cdf(-margin, score - mean, error)
    if min(abs(above - 0.9), abs(below - 0.9)) < 1e-9:
        return
    expected = Band.TYPICAL
    if above > 0.9:
        expected = Band.CLEARLY_ABOVE
    elif below > 0.9:
        expected = Band.CLEARLY_BELOW
    assert rules.band(score, mean, error, variance) is expected


def test_every_band_is_reached() -> None:
    found = [rules.band(score, 3.5, 0.2, 0.16) for score in (2.9, 3.6, 4.1)]
    assert found == [Band.CLEARLY_BELOW, Band.TYPICAL, Band.CLEARLY_ABOVE]
    assert set(rules.BAND_TITLES) == set(Band)


@pytest.mark.parametrize(("error", "variance"), [(0.0, 0.16), (0.2, 0.0), (0.0, 0.0)])
def test_without_uncertainty_or_differences_nobody_stands_out(
    error: float, variance: float
) -> None:
    assert rules.band(5.0, 1.0, error, variance) is Band.TYPICAL


def test_a_decision_cannot_be_altered_on_its_way_out() -> None:
    with pytest.raises(AttributeError):
        PUBLISHED.state = State.PUBLISHED  # type: ignore[misc]  # the point of the test
    assert isinstance(PUBLISHED, Decision)
