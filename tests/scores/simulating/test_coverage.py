"""Nine in ten intervals have the truth in them, whatever makes it hard to see."""

from dataclasses import replace

import numpy as np
import pytest

from service import suppression
from service.scores.estimate import Estimates, Forms, Method, for_release
from tests.scores.simulating.figures import METHODS, SCENARIOS, coverage, figures
from tests.scores.simulating.world import Made, World, made

LEAST, MOST = 0.87, 0.93
LENIENT = World(department=0.25, halo=0.10)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_intervals_of_crossed_cover_nine_in_ten(scenario: str) -> None:
    assert LEAST <= figures(SCENARIOS[scenario], "crossed").coverage <= MOST


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_intervals_of_the_mean_cover_nine_in_ten(scenario: str) -> None:
    assert LEAST <= figures(SCENARIOS[scenario], "mean").coverage <= MOST


@pytest.mark.slow
def test_where_departments_are_lenient_only_crossed_is_as_sure_as_it_may_be() -> None:
    """A quarter of all variance is departments': the mean takes it for evidence."""
    assert figures(LENIENT, "mean").coverage < LEAST
    assert LEAST <= figures(LENIENT, "crossed").coverage <= MOST


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_items_taken_as_independent_would_be_caught(method: Method) -> None:
    """The broken twin: each answer a form of its own is false precision."""
    one = made(World(), 0)
    row, item = np.nonzero(~np.isnan(one.forms.answers))
    forms = Forms(
        one.forms.person[row],
        np.char.add(one.forms.rater[row], item.astype(str)),
        one.forms.group[row],
        np.repeat(one.forms.answers[row, item][:, None], 3, axis=1),
    )
    assert coverage(one, method.estimate(forms)) < LEAST - 0.05
    assert coverage(one, method.estimate(one.forms)) >= LEAST


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_no_method_mends_what_friends_were_chosen_to_say(method: Method) -> None:
    """Why raters are drawn: half of people are rated by the friendlier half."""
    one = made(World(friends=True), 0)
    estimates = method.estimate(one.forms)
    assert coverage(one, estimates) < LEAST - 0.2
    top = estimates.score >= np.quantile(estimates.score, 0.9)
    assert top[one.favoured].mean() > 3 * top[~one.favoured].mean()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("raters", [3, 5, 8, 12])
def test_what_is_released_is_never_narrower_and_covers(
    method: str, raters: int
) -> None:
    one, estimates = _estimated(World(raters=raters), method)
    assert _never_narrower(estimates)
    reliability, low, high = for_release(estimates)
    assert (reliability <= estimates.reliability + 1e-12).all()
    inside = (low <= one.truth) & (one.truth <= high)
    assert inside.mean() >= max(LEAST, coverage(one, estimates))


def test_releasing_as_for_the_most_raters_of_a_band_would_be_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, estimates = _estimated(World(people=400), "crossed")
    monkeypatch.setattr(suppression, "fewest", {5: 7, 6: 7, 7: 7}.get)
    few = np.flatnonzero((estimates.forms >= 5) & (estimates.forms <= 7))
    assert not _never_narrower(_only(estimates, few))


def _never_narrower(estimates: Estimates) -> bool:
    _, low, high = for_release(estimates)
    narrower = (low > estimates.low + 1e-12) | (high < estimates.high - 1e-12)
    return not narrower.any()


def _only(
    estimates: Estimates, rows: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> Estimates:
    return replace(
        estimates,
        forms=estimates.forms[rows],
        score=estimates.score[rows],
        standard_error=estimates.standard_error[rows],
        low=estimates.low[rows],
        high=estimates.high[rows],
    )


def test_people_of_another_part_are_not_compared() -> None:
    """Within a part people are told apart; parts' own leniency nobody can know."""
    one, estimates = _estimated(World(islands=3), "crossed")
    sizes = np.bincount(one.island)
    assert (estimates.comparable == (one.island == sizes.argmax())).all()
    for part in range(3):
        theirs = estimates.component[one.island == part]
        assert (theirs == theirs[0]).all()


def _estimated(world: World, method: str) -> tuple[Made, Estimates]:
    one = made(world, 0)
    return one, METHODS[method].estimate(one.forms)
