"""From forms to what is stored: numbers only where the rules allow one."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scores.estimate import MEAN, Estimates, Forms
from service.scores.estimation.model import certainty, evidence
from service.scores.inputs import Evidence
from service.scores.outcome import Outcome, by_state, decide_all

SOMEBODY = UUID(int=0)
FIGURES = ("value", "low", "high", "band", "reliability", "explanation")


def estimated(people: Sequence[str], marks: Sequence[float]) -> Estimates:
    """By method `mean`, each form three answers of its mark and a rater's own."""
    rater = np.array([str(number) for number in range(len(people))])
    answers = np.repeat(np.array(marks, dtype=float)[:, None], 3, axis=1)
    return MEAN.estimate(Forms(np.array(people), rater, rater, answers))


def of_records(marks: Sequence[Sequence[float]]) -> Estimates:
    """Of records numbered from nought."""
    people = [str(UUID(int=at)) for at, given in enumerate(marks) for _ in given]
    return estimated(people, [mark for given in marks for mark in given])


def decided(
    marks: Sequence[Sequence[float]],
    *,
    behind: Evidence | None = None,
    days: int = 200,
) -> list[Outcome]:
    """Outcomes of people with these form marks; the first may have other evidence."""
    records = [UUID(int=number) for number in range(len(marks))]
    found = {
        record: Evidence(len(given), min(len(given), 2))
        for record, given in zip(records, marks, strict=True)
    }
    if behind is not None:
        found[SOMEBODY] = behind
    estimates = of_records(marks) if any(marks) else None
    outcomes = decide_all(estimates, found, dict.fromkeys(records, days), 60)
    return [outcomes[record] for record in records]


def far_apart(first: int) -> list[list[float]]:
    """People whom their forms tell apart; the first has so many forms."""
    others = [[1.5 + i / 3, 1.6 + i / 3, 1.7 + i / 3, 1.6 + i / 3] for i in range(9)]
    return [[4.0 + 0.1 * (number % 3) for number in range(first)], *others]


def bare(outcome: Outcome) -> bool:
    return all(getattr(outcome, name) is None for name in FIGURES)


@pytest.mark.parametrize(
    ("raters", "organisations", "state", "reason"),
    [
        (5, 2, "published", None),
        (13, 4, "published", None),
        (4, 2, "indicative", "below_minimum_raters"),
        (3, 2, "indicative", "below_minimum_raters"),
        (2, 2, "insufficient", "below_minimum_raters"),
        (5, 1, "insufficient", "below_minimum_organisations"),
        (13, 0, "insufficient", "below_minimum_organisations"),
    ],
)
def test_a_number_needs_five_raters_from_two_other_organisations(
    raters: int, organisations: int, state: str, reason: str | None
) -> None:
    behind = Evidence(raters, organisations)
    outcome, *_ = decided(far_apart(raters), behind=behind)
    assert (outcome.decision.state, outcome.decision.reason) == (state, reason)
    assert (outcome.value is not None) == (state == "published")
    assert bare(outcome) == (state != "published")


def test_forms_count_by_person_and_not_by_number() -> None:
    """Nine forms of four people are four raters."""
    outcome, *_ = decided(far_apart(9), behind=Evidence(4, 2))
    assert outcome.decision.state == "indicative"
    assert bare(outcome)


def test_too_short_a_time_in_post_is_not_eligible_and_never_zero() -> None:
    outcomes = decided(far_apart(8), days=59)
    assert {o.decision.state for o in outcomes} == {"not_eligible"}
    assert all(bare(outcome) for outcome in outcomes)


def test_who_has_no_form_has_no_number() -> None:
    outcome, *_ = decided([[], *far_apart(6)])
    assert outcome.decision.state == "insufficient"
    assert bare(outcome)


def test_a_cycle_without_forms_has_no_numbers() -> None:
    outcomes = decided([[], [], []])
    assert by_state(outcomes) == {"insufficient": 3}
    assert all(bare(outcome) for outcome in outcomes)


def test_a_cycle_whose_people_do_not_differ_has_no_numbers() -> None:
    outcomes = decided([[1.0, 2.0, 3.0, 4.0, 5.0]] * 6)
    assert {o.decision.reason for o in outcomes} == {"cycle_not_estimable"}
    assert all(bare(outcome) for outcome in outcomes)


def test_a_number_too_uncertain_is_not_told() -> None:
    noisy = np.random.default_rng(7)
    marks = [
        (3 + noisy.normal(0, 0.25) + noisy.normal(0, 0.75, 5)).clip(1, 5).tolist()
        for _ in range(60)
    ]
    outcomes = decided(marks)
    assert {o.decision.reason for o in outcomes} == {"low_reliability"}
    assert all(bare(outcome) for outcome in outcomes)


@given(
    st.lists(st.lists(st.floats(1, 5), min_size=0, max_size=9), min_size=1, max_size=8),
    st.builds(Evidence, st.integers(0, 9), st.integers(0, 4)),
    st.integers(0, 261),
)
def test_below_any_threshold_there_is_never_a_number(
    marks: list[list[float]], behind: Evidence, days: int
) -> None:
    outcome, *_ = decided(marks, behind=behind, days=days)
    if behind.raters < 5 or behind.organisations < 2 or days < 60 or not marks[0]:
        assert bare(outcome)
        assert outcome.decision.verdict.raters is None
        assert outcome.decision.verdict.organisations is None
    if outcome.value is not None:
        assert outcome.low is not None
        assert outcome.high is not None
        assert 0 <= outcome.low <= outcome.value <= outcome.high <= 100
        assert outcome.value == round(outcome.value, 1)


@pytest.mark.parametrize(("fewer", "more"), [(5, 7), (8, 12)])
def test_figures_beside_a_number_do_not_give_the_count_away(
    fewer: int, more: int
) -> None:
    """The same score of the same cycle; only the number behind it differs."""
    marks = [[2 + i / 3 + j / 2 for j in (-1, 0, 1)] for i in range(7)]
    first = [str(SOMEBODY)] * fewer + [str(UUID(int=i)) for i in range(1, 8)] * 3
    values = [3.5] * fewer + [given[j] for j in range(3) for given in marks]
    few = estimated(first, values)
    forms = np.array([more, *few.forms[1:]])
    sure, error = certainty(few.cycle, evidence(few) / few.forms * forms)
    many = replace(
        few,
        forms=forms,
        reliability=sure,
        standard_error=error,
        half_width=few.half_width / few.standard_error * error,
    )
    told = [
        decide_all(found, {SOMEBODY: Evidence(count, 2)}, {SOMEBODY: 200}, 60)[SOMEBODY]
        for found, count in ((few, fewer), (many, more))
    ]
    assert told[0].value is not None
    for name in ("value", "low", "high", "reliability"):
        assert getattr(told[0], name) == getattr(told[1], name)
    assert told[0].decision == told[1].decision
    assert round(few.reliability[0], 3) != round(many.reliability[0], 3)
    assert round(25 * few.half_width[0], 1) != round(25 * many.half_width[0], 1)


def test_columns_stand_in_the_order_of_the_table() -> None:
    outcome, *_ = decided(far_apart(6))
    state, reason, value, low, high, band, reliability, confidence, *bands = (
        outcome.columns()
    )
    assert (state, reason) == ("published", None)
    assert (value, low, high) == (outcome.value, outcome.low, outcome.high)
    assert band in {"clearly_above", "typical_or_not_enough_evidence"}
    assert (reliability, confidence) == (outcome.reliability, "reportable")
    assert bands == ["5-7", "2-3"]


def test_states_are_counted_by_name() -> None:
    outcomes = decided([[], *far_apart(6)])
    assert by_state(outcomes) == {"indicative": 9, "insufficient": 1, "published": 1}


def test_who_may_not_be_set_beside_the_others_has_no_number() -> None:
    estimates = of_records(far_apart(8))
    apart = replace(estimates, comparable=estimates.person != str(SOMEBODY))
    behind = {UUID(person): Evidence(8, 3) for person in estimates.person}
    found = decide_all(apart, behind, dict.fromkeys(behind, 200), 60)
    assert found[SOMEBODY].decision.reason == "not_connected"
    assert found[SOMEBODY].decision.state == "insufficient"
    assert bare(found[SOMEBODY])
    assert by_state(found.values()) == {"insufficient": 1, "published": 9}


def test_three_raters_who_are_not_connected_give_no_words_either() -> None:
    estimates = of_records(far_apart(8))
    apart = replace(estimates, comparable=np.zeros_like(estimates.comparable))
    behind = {UUID(person): Evidence(4, 3) for person in estimates.person}
    found = decide_all(apart, behind, dict.fromkeys(behind, 200), 60)
    assert by_state(found.values()) == {"insufficient": 10}


@pytest.mark.parametrize("column", ["score", "raw", "standard_error", "reliability"])
@pytest.mark.parametrize("figure", [np.nan, np.inf])
def test_a_figure_that_is_none_gives_a_reason_and_no_number(
    column: str, figure: float
) -> None:
    estimates = of_records(far_apart(8))
    figures = getattr(estimates, column).copy()
    figures[0] = figure
    behind = {UUID(person): Evidence(8, 3) for person in estimates.person}
    found = decide_all(
        replace(estimates, **{column: figures}), behind, dict.fromkeys(behind, 200), 60
    )
    assert found[SOMEBODY].decision.reason == "low_reliability"
    assert bare(found[SOMEBODY])
    assert by_state(found.values()) == {"insufficient": 1, "published": 9}
