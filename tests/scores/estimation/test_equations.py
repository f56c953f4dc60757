"""The equations against their definition: the whole covariance matrix of all marks."""

from typing import NamedTuple

import numpy as np
import pytest

from service.scores.estimation import reml, traces
from service.scores.estimation.model import Counts, Floats
from service.scores.estimation.predicting import effects
from service.scores.estimation.solving import product, solve, whole
from service.scores.estimation.system import Design, System, design, times, weigh

KEPT, ELIMINATED, CLUSTERS, MARKS = 30, 40, 5, 400
THETA = np.array([0.5, 0.3, 0.2, 0.1])


class Whole(NamedTuple):
    """The model as its definition has it."""

    parts: list[Floats]
    """Z of the residual and of each kind of effect."""
    inverse: Floats
    """V⁻¹."""
    projection: Floats
    """P."""


def made(*, clustered: bool, noisy: bool) -> Design:
    rng = np.random.default_rng(5)
    kept = np.concatenate([np.arange(KEPT), rng.integers(0, KEPT, MARKS - KEPT)])
    other = np.concatenate(
        [rng.integers(0, ELIMINATED, MARKS - ELIMINATED), np.arange(ELIMINATED)]
    )
    noise = rng.uniform(0.1, 0.9, MARKS) if noisy else np.zeros(MARKS)
    fixed = np.column_stack([np.ones(MARKS), rng.normal(size=MARKS)])
    cluster = np.arange(ELIMINATED) % CLUSTERS if clustered else None
    return design(rng.normal(3, 1, MARKS), noise, fixed, kept, other, cluster)


def defined(system: System) -> Whole:
    of, theta = system.design, system.theta
    parts = [np.eye(MARKS), np.eye(KEPT)[of.kept], np.eye(ELIMINATED)[of.eliminated]]
    if of.cluster is not None:
        parts.append(np.eye(CLUSTERS)[of.cluster[of.eliminated]])
    covariance = np.diag(of.noise)
    for part, variance in zip(parts, theta, strict=True):
        covariance = covariance + variance * part @ part.T
    inverse = np.linalg.inv(covariance)
    x = of.fixed
    seen = inverse @ x
    projection = inverse - seen @ np.linalg.inv(x.T @ seen) @ seen.T
    return Whole(parts, np.asarray(inverse, dtype=float), projection)


@pytest.fixture(params=[(c, n) for c in (False, True) for n in (False, True)])
def system(request: pytest.FixtureRequest) -> System:
    clustered, noisy = request.param
    of = made(clustered=clustered, noisy=noisy)
    return weigh(of, THETA[: 4 if clustered else 3])


def test_the_inverse_is_that_of_the_equations(system: System) -> None:
    inverse, logarithm = whole(system)
    columns = np.eye(KEPT)
    equations = times(system, columns)
    assert np.abs(equations @ inverse - columns).max() < 1e-12
    assert logarithm == pytest.approx(np.linalg.slogdet(equations)[1], abs=1e-10)
    by_steps = solve(system, columns, 1e-10)
    assert np.abs(by_steps - inverse).max() < 1e-9


def test_exact_traces_are_those_of_the_covariance_matrix(system: System) -> None:
    parts, inverse, _ = defined(system)
    found = traces.exactly(system, whole(system)[0])
    expected = [np.trace(part.T @ inverse @ part) for part in parts]
    kinds = [found.weights, found.kept, found.eliminated, found.clusters]
    assert kinds[: len(parts)] == pytest.approx(expected, rel=1e-12)
    theta = system.theta[2]
    known = np.diagonal(parts[2].T @ inverse @ parts[2])
    assert found.variance == pytest.approx(theta - theta**2 * known, abs=1e-12)


def test_traces_by_probes_are_near_the_exact_ones(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 20,000 probes; a wrong term of known value would be off by far more."""
    monkeypatch.setattr(traces, "MOST", 20_000)
    monkeypatch.setattr(traces, "BUDGET", 1e9)
    monkeypatch.setattr(traces, "OF_MARKS", 2_000)
    known = traces.probes(system, near=True)
    found, _ = traces.by_probes(system, known, 1e-8, None)
    exact = traces.exactly(system, whole(system)[0])
    assert found.weights == pytest.approx(exact.weights, rel=1e-3)
    assert found.kept == pytest.approx(exact.kept, rel=1e-4)
    assert found.eliminated == pytest.approx(exact.eliminated, rel=1e-4)
    assert found.clusters == pytest.approx(exact.clusters, rel=1e-6)


def test_slope_information_and_likelihood_are_as_defined(system: System) -> None:
    parts, inverse, projection = defined(system)
    y, x = system.design.mark, system.design.fixed
    known, logarithm = reml._inverse(system, dense=True, near=True)
    found = reml._step(system, known, logarithm, reml._Warm(), near=True)
    rest = projection @ y
    slope = [
        -0.5 * (np.trace(projection @ z @ z.T) - ((z.T @ rest) ** 2).sum())
        for z in parts
    ]
    assert found.slope == pytest.approx(slope, rel=1e-9)
    q = np.column_stack([z @ (z.T @ rest) for z in parts])
    assert found.information == pytest.approx(0.5 * q.T @ projection @ q, rel=1e-9)
    sizes = np.linalg.slogdet(x.T @ inverse @ x)[1] - np.linalg.slogdet(inverse)[1]
    freedom = MARKS - x.shape[1]
    likelihood = -0.5 * (freedom * np.log(2 * np.pi) + sizes + y @ rest)
    assert found.log_likelihood == pytest.approx(likelihood, rel=1e-12)


def test_effects_are_the_best_predictions(system: System) -> None:
    parts, inverse, projection = defined(system)
    y, x = system.design.mark, system.design.fixed
    for known in (None, whole(system)[0]):
        found = effects(system, y, known)
        terms = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
        assert found.terms == pytest.approx(terms, abs=1e-9)
        kinds = [found.kept, found.eliminated, found.clusters]
        for part, variance, kind in zip(
            parts[1:], system.theta[1:], kinds, strict=False
        ):
            expected = variance * part.T @ (projection @ y)
            assert kind == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("shape", [(1, 1, 1), (64, 64, 64), (65, 130, 3)])
def test_a_product_in_tiles_is_the_product(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(6)
    one, other = rng.normal(size=shape[:2]), rng.normal(size=shape[1:])
    assert product(one, other) == pytest.approx(one @ other, abs=1e-12)


def numbers(*values: int) -> Counts:
    return np.array(values, dtype=np.int64)


def test_a_pair_that_stands_twice_counts_twice() -> None:
    """A table of ratings may have it; both marks are kept."""
    of = design(
        np.array([1.0, 2.0, 4.0, 3.0]),
        np.zeros(4),
        np.ones((4, 1)),
        numbers(0, 0, 1, 1),
        numbers(0, 0, 0, 1),
    )
    system = weigh(of, np.array([0.5, 1.0, 2.0]))
    assert system.across.toarray().tolist() == [[4.0, 0.0], [2.0, 2.0]]
    assert system.back.toarray().tolist() == [[4.0, 2.0], [0.0, 2.0]]
