"""Scores order people as they are, and better the more raters' severity differs."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from service.scores.estimate import CROSSED
from tests.scores.simulating.figures import SCENARIOS, figures
from tests.scores.simulating.world import made

LEAST = {
    ("eight raters", "crossed"): 0.86,
    ("eight raters", "mean"): 0.83,
    ("five raters", "crossed"): 0.80,
    ("five raters", "mean"): 0.77,
}
"""The least rank correlation with the truth."""


def rank(scenario: str, method: str) -> float:
    return figures(SCENARIOS[scenario], method).rank


def gain(scenario: str) -> float:
    return rank(scenario, "crossed") - rank(scenario, "mean")


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "method"), LEAST)
def test_scores_order_people_as_they_are(scenario: str, method: str) -> None:
    assert rank(scenario, method) >= LEAST[scenario, method]


@pytest.mark.slow
def test_crossed_gains_more_the_more_severity_differs() -> None:
    assert -0.005 <= gain("severity 6 %") <= 0.015
    assert gain("eight raters") >= 0.02
    assert gain("severity 30 %") >= 0.04


@pytest.mark.slow
def test_crossed_gains_most_where_departments_are_lenient() -> None:
    assert gain("lenient departments") >= 0.06
    assert rank("lenient departments", "crossed") >= 0.86


def test_departments_that_are_not_told_apart_would_be_caught() -> None:
    """The broken twin: the same forms, all raters of one department."""
    one = made(SCENARIOS["lenient departments"], 0)
    told = CROSSED.estimate(one.forms)
    group = np.full_like(one.forms.group, "o0000")
    untold = CROSSED.estimate(replace(one.forms, group=group))
    assert told.cycle.variances["rater_group"] > 0.03
    assert "rater_group" not in untold.cycle.variances
    better = spearmanr(told.score, one.truth).statistic
    assert better > spearmanr(untold.score, one.truth).statistic


@pytest.mark.slow
def test_raters_who_are_not_told_apart_would_be_caught() -> None:
    """The broken twin: each form by a rater of its own, and the gain is gone."""
    one = made(SCENARIOS["severity 30 %"], 0)
    names = np.array([f"r{number:07}" for number in range(len(one.rater))])
    told = CROSSED.estimate(one.forms)
    untold = CROSSED.estimate(replace(one.forms, rater=names))
    better = spearmanr(told.score, one.truth).statistic
    assert better > spearmanr(untold.score, one.truth).statistic + 0.03


@pytest.mark.parametrize("scenario", ["severity 6 %", "eight raters", "severity 30 %"])
def test_the_cycle_says_how_much_severity_matters(scenario: str) -> None:
    """Of a form's mark: the share that raters make."""
    world = SCENARIOS[scenario]
    one = made(world, 0)
    items = (~np.isnan(one.forms.answers)).sum(axis=1).mean()
    whole = world.person + world.rater + world.halo + world.item / items
    share = CROSSED.estimate(one.forms).cycle.severity_share
    assert share == pytest.approx(world.rater / whole, abs=0.04)
