"""The statistics against other implementations, by simulation and by hand."""

import dataclasses
import hashlib
import inspect
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import statsmodels.api as sm  # type: ignore[import-untyped]  # ships no types
from scipy.optimize import minimize

from service.scores import estimate, rules
from service.scores.estimate import Cycle, Estimates, Method
from service.scores.explaining import explain

Floats = npt.NDArray[np.float64]
People = npt.NDArray[np.str_]

COLUMNS = [f.name for f in dataclasses.fields(Estimates) if f.name != "cycle"]


def simulated(
    seed: int, people: int, r: float, most: int = 12
) -> tuple[People, Floats, Floats]:
    """Unbalanced marks about 3 with total variance 0.3, and people's true values."""
    rng = np.random.default_rng(seed)
    truth = 3 + rng.normal(0, np.sqrt(0.3 * r), people)
    index = np.repeat(np.arange(people), rng.integers(1, most + 1, people))
    marks = truth[index] + rng.normal(0, np.sqrt(0.3 * (1 - r)), len(index))
    names = np.array([f"person-{i:05d}" for i in range(people)])
    return names[index], marks.clip(1, 5), truth


def of(groups: Sequence[Sequence[float]]) -> Estimates:
    """Estimate from each person's marks, people named a, b, c."""
    names = [chr(97 + i) for i, group in enumerate(groups) for _ in group]
    marks = [mark for group in groups for mark in group]
    return by_mean(np.array(names), np.array(marks, dtype=float))


def by_mean(person: People, marks: Floats) -> Estimates:
    """Each form three answers of its mark, and a rater's own."""
    rater = np.array([str(number) for number in range(len(person))], dtype=np.str_)
    answers = np.repeat(marks[:, None], 3, axis=1)
    return estimate.MEAN.estimate(estimate.Forms(person, rater, rater, answers))


def correlation(cycle: Cycle) -> float:
    return cycle.person_variance / sum(cycle.variances.values())


def dense_reml(person: People, marks: Floats) -> tuple[float, float]:
    """Return s²p and s²e by REML on the whole covariance matrix: the definition."""
    same = (person[:, None] == person[None, :]).astype(float)
    ones = np.ones((len(marks), 1))

    def deviance(logs: Floats) -> float:
        covariance = np.exp(logs[0]) * same + np.exp(logs[1]) * np.eye(len(marks))
        inverse = np.linalg.inv(covariance)
        information = ones.T @ inverse @ ones
        rest = marks - (ones.T @ inverse @ marks) / information[0, 0]
        logdet = np.linalg.slogdet(covariance)[1] + np.log(information[0, 0])
        return float(logdet + rest @ inverse @ rest)

    found = minimize(
        deviance,
        np.log([0.1, 0.1]),
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 5000},
    )
    between, within = np.exp(found.x)
    return float(between), float(within)


def test_a_form_mark_is_the_mean_of_its_observed_items_only() -> None:
    answers = np.array([[4, 5, np.nan, 3, np.nan], [1, 2, 3, 4, 5]])
    assert estimate.form_marks(answers).tolist() == [4.0, 3.0]


def test_a_form_with_fewer_than_three_observed_items_is_refused() -> None:
    answers = np.array([[4, 5, 3], [4, 5, np.nan], [np.nan, np.nan, np.nan]])
    with pytest.raises(estimate.UnusableForm, match="2 forms have fewer than 3"):
        estimate.form_marks(answers)


@pytest.mark.parametrize("answer", [0.0, 5.5, -1.0, np.inf])
def test_an_answer_off_the_scale_is_refused(answer: float) -> None:
    with pytest.raises(estimate.UnusableForm, match="between 1 and 5"):
        estimate.form_marks(np.array([[3, 3, 3, answer]]))


@pytest.mark.parametrize("mark", [0.0, 5.1, np.nan])
def test_a_missing_mark_is_refused_and_never_counts_as_low(mark: float) -> None:
    with pytest.raises(estimate.UnusableForm):
        of([[3, 4], [mark, 2]])


def test_a_cycle_without_forms_is_refused() -> None:
    with pytest.raises(estimate.NoForms):
        of([])


def test_each_score_follows_the_published_formula() -> None:
    groups = [[3.0, 3.5, 4.0], [2.0, 2.5], [4.5, 4.0, 4.75, 5.0], [3.0]]
    found = of(groups)
    mean, variance, r = (
        found.cycle.mean,
        found.cycle.person_variance,
        correlation(found.cycle),
    )
    assert mean == pytest.approx(sum(map(sum, groups)) / 10, abs=1e-12)
    assert not found.cycle.assumed
    for i, group in enumerate(groups):
        k = len(group)
        own = k / (k + (1 - r) / r)
        error = np.sqrt(variance * (1 - own))
        score = mean + own * (sum(group) / k - mean)
        assert found.forms[i] == k
        assert found.raw[i] == pytest.approx(sum(group) / k, abs=1e-12)
        assert found.score[i] == pytest.approx(score, abs=1e-12)
        assert found.standard_error[i] == pytest.approx(error, abs=1e-12)
        assert found.reliability[i] == pytest.approx(1 - error**2 / variance, abs=1e-12)
        assert found.half_width[i] == pytest.approx(1.6448536 * error, abs=1e-6)
        parts = explain(found.raw[i], mean, found.reliability[i])
        assert sum(parts.values()) == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize(("seed", "people", "r"), [(1, 40, 0.6), (2, 300, 0.25)])
def test_variances_agree_with_statsmodels(seed: int, people: int, r: float) -> None:
    """Within 1e-6 relative of MixedLM by REML (statsmodels 0.15)."""
    person, marks, _ = simulated(seed, people, r)
    model = sm.MixedLM(marks, np.ones_like(marks), groups=person)
    theirs = model.fit(reml=True, method="bfgs", gtol=1e-9)
    ours = by_mean(person, marks).cycle
    between = float(np.asarray(theirs.cov_re)[0, 0])
    assert ours.person_variance == pytest.approx(between, rel=1e-6)
    assert ours.variances["residual"] == pytest.approx(float(theirs.scale), rel=1e-6)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_variances_agree_with_the_definition_of_reml(seed: int) -> None:
    """Within 1e-6 relative of the likelihood on the dense covariance matrix."""
    person, marks, _ = simulated(seed, people=9, r=0.6, most=5)
    between, within = dense_reml(person, marks)
    ours = by_mean(person, marks).cycle
    assert ours.person_variance == pytest.approx(between, rel=1e-6)
    assert ours.variances["residual"] == pytest.approx(within, rel=1e-6)


def test_with_equal_numbers_of_forms_reml_is_the_analysis_of_variance() -> None:
    rng = np.random.default_rng(6)
    marks = 3 + rng.normal(0, 0.4, (50, 1)) + rng.normal(0, 0.4, (50, 7)).clip(-1, 1)
    between = 7 * marks.mean(axis=1).var(ddof=1)
    within = marks.var(axis=1, ddof=1).mean()
    found = of(marks.tolist()).cycle
    assert found.person_variance == pytest.approx((between - within) / 7, rel=1e-6)


def test_the_same_forms_in_any_order_give_the_same_bytes() -> None:
    person, marks, _ = simulated(7, people=60, r=0.3)
    first = by_mean(person, marks)
    rng = np.random.default_rng(8)
    for _ in range(20):
        order = rng.permutation(len(marks))
        again = by_mean(person[order], marks[order])
        assert again.cycle == first.cycle
        for column in COLUMNS:
            ours, theirs = getattr(first, column), getattr(again, column)
            assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize(
    "groups",
    [
        [[3.0, 4.0]],
        [[3.0, 4.0, 3.5], [2.0], [5.0]],
        [[3.0, 3.0, 3.0], [4.0, 4.0], [2.5, 2.5]],
        [[3.0], [4.0], [2.0]],
    ],
    ids=["one person", "one with two forms", "unanimous groups", "a form each"],
)
def test_where_forms_cannot_tell_people_from_raters_a_quarter_is_assumed(
    groups: list[list[float]],
) -> None:
    found = of(groups)
    total = np.var([mark for group in groups for mark in group], ddof=1)
    assert found.cycle.assumed
    assert correlation(found.cycle) == pytest.approx(0.25, rel=1e-12)
    assert found.cycle.person_variance == pytest.approx(total / 4, rel=1e-12)
    k = found.forms
    assert found.reliability.tolist() == pytest.approx((k / (k + 3)).tolist())
    assert (found.half_width > 0).all()


@pytest.mark.parametrize(
    "groups",
    [[[4.0]], [[4.0] * 9, [4.0] * 5], [[3.3] * 9, [3.3] * 5]],
    ids=["one form", "equal forms", "equal but for floating point"],
)
def test_forms_that_do_not_differ_give_no_reliability_and_no_number(
    groups: list[list[float]],
) -> None:
    found = of(groups)
    assert not found.cycle.estimable
    assert (found.reliability == 0).all()


def test_a_variance_at_the_boundary_gives_no_number_rather_than_an_assumed_one() -> (
    None
):
    """People's means differ less than chance alone would make them."""
    found = of([[2.0, 3.0, 4.0], [2.1, 3.0, 3.9], [1.9, 3.0, 4.1]] * 3)
    assert not found.cycle.assumed
    assert found.cycle.person_variance == 0
    assert not found.cycle.estimable
    assert (found.reliability == 0).all()
    assert found.score.tolist() == [found.cycle.mean] * 9


def test_intervals_cover_the_true_value_and_scores_beat_raw_averages() -> None:
    """90 % intervals cover 0.86-0.94 of 1,200 true values, with many forms or few."""
    person, marks, truth = simulated(9, people=1200, r=0.3)
    found = by_mean(person, marks)
    covered = (found.low <= truth) & (truth <= found.high)
    for group in (found.forms <= 4, found.forms > 4):
        assert 0.86 <= covered[group].mean() <= 0.94
    assert (found.score - truth).var() < 0.8 * (found.raw - truth).var()
    spread = np.corrcoef(found.score, truth)[0, 1] ** 2
    assert spread == pytest.approx(found.reliability.mean(), abs=0.05)


def test_scores_are_pulled_towards_the_average_the_more_the_fewer_forms() -> None:
    found = by_mean(*simulated(10, people=200, r=0.3)[:2])
    pulled = (found.score - found.cycle.mean) / (found.raw - found.cycle.mean)
    assert ((pulled > 0) & (pulled < 1)).all()
    by_forms = [pulled[found.forms == k].mean() for k in range(1, 13)]
    assert by_forms == sorted(by_forms)


def test_intervals_stop_at_the_ends_of_the_scale_but_half_widths_do_not() -> None:
    found = of([[5.0, 5.0, 4.5], [1.0, 1.0, 1.5], [4.0, 2.0]])
    assert found.high[0] == 5
    assert found.low[1] == 1
    assert found.score[0] + found.half_width[0] > 5
    assert ((found.score >= 1) & (found.score <= 5)).all()


def test_what_is_released_does_not_tell_how_many_of_a_band_answered() -> None:
    rng = np.random.default_rng(11)
    found = of(
        [
            (3 + rng.normal(0, 0.5) + rng.normal(0, 0.3, k)).clip(1, 5).tolist()
            for k in range(1, 20)
        ]
    )
    reliability, low, high = estimate.for_release(found)
    for band in (range(5, 8), range(8, 13), range(13, 20)):
        rows = [k - 1 for k in band]
        assert len(set(found.reliability[rows])) == len(rows)  # exactly, it would
        assert np.ptp(reliability[rows]) < 1e-12
        assert np.ptp((high - low)[rows]) < 1e-9
    assert (reliability <= found.reliability + 1e-12).all()
    assert (low <= found.low + 1e-12).all()
    assert (high >= found.high - 1e-12).all()


@pytest.mark.parametrize(("score", "value"), [(1, 0), (3, 50), (5, 100), (3.892, 72.3)])
def test_a_score_is_published_from_0_to_100(score: float, value: float) -> None:
    assert estimate.value(score) == pytest.approx(value, abs=1e-9)


SCORES = Path(estimate.__file__).parent


def imported(path: Path) -> set[Path]:
    """Modules of the estimation that one imports, and those that they import."""
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"from service\.scores\.estimation\.(\w+) import", text))
    found = {SCORES / "estimation" / f"{name}.py" for name in named}
    return found.union(*(imported(each) for each in found))


@pytest.mark.parametrize("method", estimate.METHODS.values(), ids=lambda m: m.name)
def test_a_method_is_known_by_all_sources_it_needs_and_its_parameters(
    method: Method,
) -> None:
    own = Path(inspect.getfile(method.estimate))
    assert set(method.sources) == {own, Path(estimate.__file__), *imported(own)}
    found = hashlib.sha256()
    for path in method.sources:
        source = path.read_text(encoding="utf-8")
        found.update(f"{path.name}\0{source}\0".encode())
    parameters = dict(method.parameters)
    found.update(json.dumps(parameters, sort_keys=True, separators=(",", ":")).encode())
    assert method.digest == found.hexdigest()


def test_the_thresholds_of_the_rules_are_part_of_the_method() -> None:
    parameters = estimate.METHODS["mean", 1].parameters
    assert parameters["policy"] == dataclasses.asdict(rules.POLICY)
    assert parameters["number"] == {"raters": 5, "organisations": 2}
