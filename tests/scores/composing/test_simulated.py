"""Whole services simulated: intervals that hold, and what silent re-weighting does.

Feedback errs by 0.66 or 0.47 and objectives by 0.9 or 0.5 standard deviations of
people; a fifth of them have no objectives and a tenth of the rest no feedback.
"""

from collections.abc import Callable
from random import Random

import numpy as np
import pytest

from service.records.combining import Attainment
from service.scores.composing.composite import Scale, components, lower, weighed
from service.scores.composing.method import PARAMETERS
from service.scores.composing.objective import (
    Credit,
    Standing,
    figures,
    spread,
    standing,
    summed,
)
from tests.scores.composing.people import (
    UNCOMBINED,
    an_objective,
    heard,
    record,
)

PEOPLE = 20_000
TOP = 0.05
Row = tuple[float, Standing | None, Standing | None]
"""The truth, and where each part puts somebody."""


def a_service(correlation: float) -> list[Row]:
    chance = np.random.default_rng(0)
    truth = chance.multivariate_normal(
        [0, 0], [[1, correlation], [correlation, 1]], PEOPLE
    )
    first = np.where(chance.random(PEOPLE) < 0.5, 0.66, 0.47)
    second = np.where(chance.random(PEOPLE) < 0.5, 0.9, 0.5)
    seen = truth + np.c_[first, second] * chance.normal(size=(PEOPLE, 2))
    without_second = chance.random(PEOPLE) < 0.2
    without_first = (chance.random(PEOPLE) < 0.1) & ~without_second

    def stands(value: float, error: float, *, missing: bool) -> Standing | None:
        spread = error**2
        part = Standing(value / (1 + spread), spread / (1 + spread))
        return None if missing else part

    return [
        (
            float(truth[i].mean()),
            stands(seen[i, 0], first[i], missing=bool(without_first[i])),
            stands(seen[i, 1], second[i], missing=bool(without_second[i])),
        )
        for i in range(PEOPLE)
    ]


def ours(one: Standing | None, other: Standing | None) -> float | None:
    if one is None or other is None:
        return None
    return weighed([(one, 0.5), (other, 0.5)], 0.9)[0]


def silently(one: Standing | None, other: Standing | None) -> float | None:
    """The broken twin: what there is has the whole weight."""
    there = [part for part in (one, other) if part is not None]
    return sum(part.z for part in there) / len(there)


def share_of_the_top(
    people: list[Row],
    score: Callable[[Standing | None, Standing | None], float | None],
) -> float:
    """Share of those with a part missing among the top twentieth."""
    scored = [
        (found, one is None or other is None)
        for _, one, other in people
        if (found := score(one, other)) is not None
    ]
    scored.sort(reverse=True)
    top = scored[: round(TOP * PEOPLE)]
    return sum(missing for _, missing in top) / len(top)


@pytest.mark.parametrize(("correlation", "expected"), [(0.0, 0.56), (0.3, 0.46)])
def test_silent_reweighting_fills_the_top_with_those_who_have_a_part_missing(
    correlation: float, expected: float
) -> None:
    people = a_service(correlation)
    missing = [None in (one, other) for _, one, other in people]
    assert sum(missing) / PEOPLE == pytest.approx(0.28, abs=0.01)
    twin = share_of_the_top(people, silently)
    assert twin == pytest.approx(expected, abs=0.025)
    assert share_of_the_top(people, ours) == 0


@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_intervals_of_the_sum_hold_the_truth_as_often_as_they_say(
    correlation: float,
) -> None:
    held = []
    for truth, one, other in a_service(correlation):
        if one is not None and other is not None:
            _, low, high = weighed([(one, 0.5), (other, 0.5)], 0.9)
            held.append(low <= truth <= high)
    assert 0.87 <= sum(held) / len(held) <= 0.93


def test_so_do_those_of_the_lower() -> None:
    chance = np.random.default_rng(3)
    held = []
    for _ in range(4000):
        truth = chance.normal(size=2)
        errors = chance.choice([0.47, 0.66, 0.9], size=2)
        seen = truth + errors * chance.normal(size=2)
        parts = [
            Standing(float(y / (1 + e**2)), float(e**2 / (1 + e**2)))
            for y, e in zip(seen, errors, strict=True)
        ]
        _, low, high = lower(parts, 0.9)
        held.append(low <= truth.min() <= high)
    assert 0.87 <= sum(held) / len(held) <= 0.93


def test_so_do_those_of_objectives_with_variances_estimated() -> None:
    chance = Random(5)  # noqa: S311 - a simulation
    truth = [chance.gauss(0.7, 0.12) for _ in range(3000)]
    people = [
        summed(
            [
                Credit(chance.gauss(own, 0.15), chance.choice((1.0, 0.7, 0.3)))
                for _ in range(chance.randint(1, 5))
            ]
        )
        for own in truth
    ]
    among = spread(people)
    assert among is not None
    held = []
    for own, each in zip(truth, people, strict=True):
        stands = standing(each, among)
        assert stands is not None
        _, low, high = figures(stands, among)
        held.append(low <= 100 * own / 1.2 <= high)
    assert 0.87 <= sum(held) / len(held) <= 0.93


def test_so_do_those_of_a_cycle_of_real_attainments_as_published() -> None:
    """From five steps of attainment and rounded figures to the stored components."""
    chance = np.random.default_rng(9)
    steps = np.array([*PARAMETERS.attainment.values()])
    people = 2000
    heard_truth = chance.normal(size=people)
    levels = chance.normal(0, 0.8, people)
    odds = np.exp(-((np.arange(5) - 2 - levels[:, None]) ** 2) / 1.5)
    odds /= odds.sum(axis=1, keepdims=True)
    expected = (odds * steps).sum(axis=1)
    attained_truth = (expected - expected.mean()) / expected.std()
    error = 0.6
    seen = (heard_truth + error * chance.normal(size=people)) / (1 + error**2)
    found, decided = {}, {}
    for each in range(people):
        drawn = chance.choice(5, size=chance.integers(2, 5), p=odds[each])
        found[record(each)] = [an_objective([*Attainment][step]) for step in drawn]
        value = round(float(55 + 10 * seen[each]), 1)
        decided[record(each)] = heard(value, round(1 / (1 + error**2), 3))
    composed = components(found, decided, Scale(people, 55.0, 10.0), UNCOMBINED)
    held = []
    for each in range(people):
        *_, both = composed[record(each)]
        truth = 50 + 10 * (heard_truth[each] + attained_truth[each]) / 2
        assert both.low is not None
        assert both.high is not None
        held.append(both.low <= truth <= both.high)
    assert 0.87 <= sum(held) / people <= 0.93


def test_a_composite_says_more_of_the_truth_than_either_part() -> None:
    people = [each for each in a_service(0.0) if None not in each[1:]]
    truth = np.array([each[0] for each in people])

    def likeness(score: Callable[[Standing, Standing], float]) -> float:
        found = np.array([score(one, other) for _, one, other in people])  # type: ignore[arg-type]  # none is None
        return float(np.corrcoef(truth, found)[0, 1])

    both = likeness(lambda one, other: weighed([(one, 0.5), (other, 0.5)], 0.9)[0])
    assert both > likeness(lambda one, _: one.z) + 0.1
    assert both > likeness(lambda _, other: other.z) + 0.1
