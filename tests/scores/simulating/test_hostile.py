"""One hostile form moves a score little, and nobody else's."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from service.scores.estimate import CROSSED
from service.scores.estimation import crossed
from tests.scores.simulating.hostile import FIVE, HIT, SEEDS, shifts
from tests.scores.simulating.world import World, made, with_hostile


@pytest.mark.slow
@pytest.mark.parametrize("raters", [5, 8])
def test_a_hostile_form_of_five_moves_a_score_by_at_most_a_fifth_of_a_point(
    raters: int,
) -> None:
    moved, _ = shifts(raters, "crossed")
    assert -0.20 <= moved.mean() < 0


@pytest.mark.slow
def test_a_plain_average_is_moved_by_half_a_point_and_would_be_caught() -> None:
    moved, plain = shifts(FIVE, "mean")
    assert plain.mean() == pytest.approx(-0.55, abs=0.03)
    assert plain.mean() < moved.mean() < -0.25


@pytest.mark.slow
def test_without_winsorising_it_would_be_moved_twice_as_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crossed, "PASSES", 0)
    moved, _ = shifts(FIVE, "crossed")
    assert moved.mean() == pytest.approx(-0.37, abs=0.04)


@pytest.mark.slow
def test_winsorising_costs_next_to_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_in = _rank()
    monkeypatch.setattr(crossed, "PASSES", 0)
    assert _rank() - drawn_in <= 0.006


def _rank() -> float:
    found = []
    for seed in range(SEEDS):
        one = made(World(), seed)
        score = CROSSED.estimate(one.forms).score
        found.append(float(spearmanr(score, one.truth).statistic))
    return float(np.mean(found))


def test_nobody_else_is_moved_by_what_hostile_raters_said() -> None:
    one = made(World(), 0)
    spoilt, hit = with_hostile(one, 0, FIVE, HIT)
    before, after = CROSSED.estimate(one.forms), CROSSED.estimate(spoilt.forms)
    moved = np.abs(after.score - before.score) / before.standard_error
    assert np.quantile(np.delete(moved, hit), 0.99) < 0.15
    assert moved[hit].mean() > 0.5


@pytest.mark.parametrize("seed", range(3))
def test_a_hostile_form_is_for_people_to_look_at_and_an_honest_one_seldom(
    seed: int,
) -> None:
    """Winsorised residuals never move a score by a standard error: nobody would be."""
    spoilt, hit = with_hostile(made(World(raters=5), seed), seed, FIVE, 20)
    far = CROSSED.estimate(spoilt.forms).influence > 1
    assert far[hit].mean() >= 0.8
    assert 0.005 <= np.delete(far, hit).mean() <= 0.04
