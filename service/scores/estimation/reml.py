"""Variances by restricted maximum likelihood, with average information.

Pure. Each step moves θ by AI⁻¹ times the likelihood's slope, where AI = ½ Q'PQ, with Q
the derivatives of V times Py (Gilmour, Thompson and Cullis, Biometrics 51, 1995).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from service.scores.estimation.model import Counts, Floats, Truths
from service.scores.estimation.predicting import FINAL, cross, times_terms
from service.scores.estimation.solving import solve, whole
from service.scores.estimation.system import (
    Design,
    System,
    by_cluster,
    eliminated_effects,
    reduced,
    right_sides,
    sums,
    unexplained,
    weigh,
)
from service.scores.estimation.traces import (
    Probes,
    Traces,
    by_probes,
    exactly,
    probes,
    probes_for,
)

FLOOR: Final = 1e-9
"""The least variance, of all: one that is there has reached its boundary, 0."""
TOLERANCE: Final = 1e-6
"""Of the equations, while variances are sought."""
OF_TRACES: Final = 1e-4
"""Of the equations of probes: it moves variances by less than 1e-6."""
CLOSE: Final = 1e-5
"""Relative change of variances at which they are found; exact traces allow less."""
CLOSER: Final = 1e-7
SMALL: Final = 1e-3
"""Of all variance: what is less changes relative to this."""
EXACT: Final = 1_000
"""Kept levels for which probes give way to unit vectors in the last steps."""
NEAR: Final = 1e-2
"""Relative change of variances from which a step is one of the last."""
SILENT: Final = 1e-12
STEPS: Final = 60
DAMPED_FROM: Final = 20
"""Steps after which each is half as long, should they turn round and round."""


class NotFound(ArithmeticError):
    """The variances that the marks are likeliest with were not found."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The likeliest variances, and what was needed to find them."""

    system: System
    theta: Floats
    information: Floats
    """AI at θ: the inverse of θ's variance, where θ is free."""
    free: Truths
    iterations: int
    probes: int
    inverse: Floats | None
    """S⁻¹ where it was worked out."""
    traces: Traces
    log_likelihood: float | None
    """Of the restricted likelihood; None where S⁻¹ was not worked out."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What one step finds at its variances."""

    slope: Floats
    information: Floats
    traces: Traces
    log_likelihood: float | None


@dataclass(slots=True)
class _Warm:
    """Solutions of the last step, which the next starts from."""

    terms: Floats | None = None
    slopes: Floats | None = None
    probes: Floats | None = None
    known: Probes | None = None


def start(of: Design, free: Truths) -> Floats:
    """Return variances to start from: of moments (Henderson's method I), kept sane."""
    total = float(of.mark.var())
    n = len(of.mark)
    left, right = np.zeros((3, 3)), np.zeros(3)
    everyone = np.zeros(n, dtype=np.int64)
    groups = (of.kept, of.eliminated)
    for row, group in enumerate((everyone, *groups)):
        size = np.bincount(group)
        about = of.mark - (np.bincount(group, of.mark) / size)[group]
        right[row] = (about**2).sum() - (of.noise * (1 - 1 / size[group])).sum()
        left[row] = n - len(size)
    for column, group in enumerate(groups):
        left[0, column] = n - float((np.bincount(group) ** 2.0).sum()) / n
        left[column + 1, column] = 0  # Within one level, levels do not differ.
    kept, eliminated, residual = np.linalg.lstsq(left, right, rcond=1e-9)[0]
    found = np.array([residual, kept, eliminated, eliminated / 3])
    sane = np.clip(found, 0.05 * total, total)
    return np.where(free, sane, FLOOR * total)[: 4 if of.cluster is not None else 3]


def fit(of: Design, free: Truths, *, dense: bool) -> Fit:
    """Return the likeliest variances; those not `free` are taken to be 0.

    `free` says it of residual, kept, eliminated and clusters. Raises NotFound, also
    where rounding leaves the equations without a solution.
    """
    theta = start(of, free)
    floor = FLOOR * float(of.mark.var())
    free = free[: len(theta)]
    warm, near = _Warm(), False
    try:
        for step in range(STEPS):
            system = weigh(of, theta)
            inverse, logarithm = _inverse(system, dense=dense, near=near)
            found = _step(system, inverse, logarithm, warm, near=near)
            free_now = free & ~((theta <= floor * 1.01) & (found.slope <= 0))
            moved = _moved(theta, found, free_now, floor, step)
            scale = np.maximum(theta, SMALL * theta.sum())
            change = float((np.abs(moved - theta) / scale).max())
            exact = inverse is not None or (near and len(system.own) > EXACT)
            if exact and change < (CLOSER if dense else CLOSE):
                return Fit(
                    system=system,
                    theta=theta,
                    information=found.information,
                    free=free_now,
                    iterations=step + 1,
                    probes=0 if warm.known is None else warm.known.kept.shape[1],
                    inverse=inverse,
                    traces=found.traces,
                    log_likelihood=found.log_likelihood,
                )
            near = near or change < NEAR
            theta = moved
    except np.linalg.LinAlgError as rounding:
        raise NotFound("The equations have no solution to rounding.") from rounding
    raise NotFound(f"The variances have not settled after {STEPS} steps.")


def _inverse(
    system: System, *, dense: bool, near: bool
) -> tuple[Floats | None, float | None]:
    """Return S⁻¹ if asked for or small, and log |V| if asked for.

    Near the end more levels count as small: probes would be the last thing unsure.
    """
    size = len(system.own)
    if dense:
        inverse, logarithm = whole(system)
        return inverse, logarithm + _log_rest(system)
    if size <= (EXACT if near else probes_for(len(system.weight))):
        return solve(system, np.eye(size), TOLERANCE), None
    return None, None


def _log_rest(system: System) -> float:
    """Return log |V| - log |S|."""
    theta = system.theta
    found = len(system.own) * float(np.log(theta[1]))
    found -= float(np.log(system.weight).sum())
    found += float((np.log(system.other) + np.log(theta[2])).sum())
    if len(system.clusters):
        found += float((np.log(system.clusters) + np.log(theta[3])).sum())
    return found


def _step(
    system: System,
    inverse: Floats | None,
    logarithm: float | None,
    warm: _Warm,
    *,
    near: bool,
) -> _Step:
    """Return the likelihood's slope, AI, the traces, and the log-likelihood."""
    of = system.design
    known = np.column_stack([of.fixed, of.mark])
    turned, warm.terms = _inverse_times(system, known, inverse, warm.terms)
    by_terms, by_mark = turned[:, :-1], turned[:, -1]
    precision = cross(of.fixed, by_terms)
    settled = np.linalg.inv(precision)
    terms = settled @ cross(of.fixed, by_mark[:, None])[:, 0]
    rest = by_mark - times_terms(by_terms, terms)  # Py
    slopes, squares = _derivatives(system, rest)
    turned, warm.slopes = _inverse_times(system, slopes, inverse, warm.slopes)
    shared = cross(by_terms, slopes)
    information = cross(slopes, turned) - shared.T @ settled @ shared
    if inverse is None:
        traces = _by_probes(system, warm, near=near)
    else:
        traces = exactly(system, inverse)
    spent = [float((settled * cross(g, g)).sum()) for g in _parts(system, by_terms)]
    expected = [traces.weights, traces.kept, traces.eliminated, traces.clusters]
    slope = 0.5 * (squares - np.array(expected[: len(squares)]) + np.array(spent))
    log_likelihood = None
    if logarithm is not None:
        freedom = len(of.mark) - len(terms)
        sizes = logarithm + float(np.linalg.slogdet(precision)[1])
        quadratic = float((of.mark * rest).sum())
        log_likelihood = -0.5 * (freedom * np.log(2 * np.pi) + sizes + quadratic)
    return _Step(slope, 0.5 * information, traces, log_likelihood)


def _by_probes(system: System, warm: _Warm, *, near: bool) -> Traces:
    """Return the traces by probes; the last steps share theirs, and their start."""
    if near and warm.known is None:
        warm.known = probes(system, near=True)
    known = warm.known if near and warm.known else probes(system, near=False)
    before = warm.probes if near else None
    traces, found = by_probes(system, known, OF_TRACES, before)
    warm.probes = found if near else None
    return traces


def _inverse_times(
    system: System, values: Floats, inverse: Floats | None, before: Floats | None
) -> tuple[Floats, Floats]:
    """Return V⁻¹ times `values` (marks by columns), and what to start from next."""
    kept, eliminated = right_sides(system, values)
    solved = solve(
        system,
        reduced(system, kept, eliminated),
        TOLERANCE if inverse is None else FINAL,
        start=before,
        inverse=inverse,
    )
    other = eliminated_effects(system, eliminated, solved)
    return unexplained(system, values, solved, other), solved


def _derivatives(system: System, rest: Floats) -> tuple[Floats, Floats]:
    """Return Q, a column a variance, and the sum of squares of each effect's part."""
    columns, squares = [rest], [float((rest * rest).sum())]
    for part, index in _sums(system, rest[:, None]):
        columns.append(part[:, 0][index])
        squares.append(float((part * part).sum()))
    return np.column_stack(columns), np.array(squares)


def _sums(system: System, values: Floats) -> list[tuple[Floats, Counts]]:
    """Return Z' times `values` for each kind of effect, and Z's levels."""
    of = system.design
    kept = sums(of.kept, values, of.sizes[0])
    other = sums(of.eliminated, values, of.sizes[1])
    found = [(kept, of.kept), (other, of.eliminated)]
    if of.cluster is not None:
        found.append((by_cluster(system, other), of.cluster[of.eliminated]))
    return found


def _parts(system: System, by_terms: Floats) -> list[Floats]:
    """Return Z'V⁻¹X for the residual and each kind of effect."""
    return [by_terms, *(part for part, _ in _sums(system, by_terms))]


def _moved(
    theta: Floats,
    found: _Step,
    free: Truths,
    floor: float,
    step: int,
) -> Floats:
    """Return the variances after one step; the first goes no further than is safe."""
    change = np.zeros_like(theta)
    each = found.information[np.ix_(free, free)]
    change[free] = np.linalg.lstsq(each, found.slope[free], rcond=1e-12)[0]
    if step >= DAMPED_FROM:
        change /= 2
    # Marks that a kind of effect explains nothing of say nothing of how far to go.
    silent = free & (np.diagonal(found.information) * theta**2 < SILENT)
    change[silent & (found.slope < 0)] = -theta[silent & (found.slope < 0)]
    total = float(theta.sum())
    least = -0.9 * theta if step == 0 else -theta
    change = np.clip(change, least, np.maximum(10 * theta, 0.1 * total))
    return np.maximum(theta + change, floor)
