"""Traces that the likelihood's slope needs: exactly, or by probes with a fixed seed.

Pure. With Ω = Z'V⁻¹Z of the eliminated side, W its weights, J = B(I - KW), and B, K and
S as the equations have them, Ω = W(I - KW) - J'S⁻¹J. Probes z of ±1 estimate tr(S⁻¹M)
as the mean of z'S⁻¹Mz (Hutchinson, Communications in Statistics 18, 1989); what the
first terms of S⁻¹'s Neumann series give is known, so only the rest is left to chance.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from service.scores.estimation.model import Floats
from service.scores.estimation.solving import (
    TOGETHER,
    cluster_columns,
    product,
    solve,
)
from service.scores.estimation.system import (
    System,
    absorbed,
    eliminated_effects,
    reduced,
    right_sides,
    times,
    unexplained,
)

SEED: Final = 20260401
BUDGET: Final = 2e6
FEWEST: Final = 8
MOST: Final = 256
OF_MARKS: Final = 4
"""Probes of marks, which only the differences between their weights are left to."""
ROUGH: Final = 1e-3
"""Of equations whose answer's error is of its square."""
LINES: Final = 512
"""Eliminated levels looked at at once."""
MOST_CLUSTERS: Final = 128
"""Clusters whose equations are solved one by one; of more, probes."""


@dataclass(frozen=True, slots=True)
class Probes:
    """Random signs, the same for every step of a fit."""

    kept: Floats
    """Kept levels by probes; no column where every trace is exact."""
    marks: Floats
    clusters: Floats
    """Clusters by columns: unit vectors, or signs over the root of their number."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Before fixed effects are reckoned with."""

    weights: float
    """tr V⁻¹."""
    kept: float
    """tr Z'V⁻¹Z of the kept side."""
    eliminated: float
    clusters: float
    variance: Floats | None
    """Of each eliminated level's own effect given all marks, where it is exact."""


def probes_for(marks: int) -> int:
    """Return how many probes so many marks allow: fewer, the more there are."""
    return int(np.clip(BUDGET / marks, FEWEST, MOST))


def probes(system: System, *, near: bool) -> Probes:
    """Return the random signs of a step: few before the variances are nearly found."""
    chance = np.random.default_rng(SEED)
    count = probes_for(len(system.weight)) if near else FEWEST
    clusters = len(system.clusters)
    if clusters <= (MOST_CLUSTERS if near else FEWEST):
        units = np.eye(clusters)
    else:
        columns = MOST_CLUSTERS if near else FEWEST
        units = _signs(chance, clusters, columns) / columns**0.5
    return Probes(
        _signs(chance, len(system.own), count),
        _signs(chance, len(system.weight), OF_MARKS),
        units,
    )


def _signs(chance: np.random.Generator, rows: int, columns: int) -> Floats:
    return np.asarray(2.0 * chance.integers(0, 2, (rows, columns)) - 1.0)


def by_probes(
    system: System, known: Probes, tolerance: float, start: Floats | None
) -> tuple[Traces, Floats]:
    """Return the traces, the solutions to start the next ones from."""
    z, of_marks = known.kept, known.marks
    gained = of_marks * _gains(system)[:, None]
    kept_side, other_side = right_sides(system, gained)
    right = np.hstack([z, reduced(system, kept_side, other_side)])
    found = solve(system, right, tolerance, start=start)
    x, of_gain = found[:, : z.shape[1]], found[:, z.shape[1] :]
    inverse, crossed = _by_signs(system, z, x)
    theta = system.theta
    eliminated = float(_bases(system).sum()) - crossed
    kept = (len(z) - inverse / theta[1]) / theta[1]
    clusters = _of_clusters(system) - _by_units(system, known.clusters)
    spent = theta[1] * kept + theta[2] * eliminated
    if len(system.clusters):
        spent += theta[3] * clusters
    weights = _weights(system, len(system.weight) - spent)
    if system.design.noise.any():
        other = eliminated_effects(system, other_side, of_gain)
        rest = unexplained(system, gained, of_gain, other)
        weights += float(np.einsum("ij,ij->", of_marks, rest)) / OF_MARKS
    return Traces(weights, kept, eliminated, clusters, None), found


def _gains(system: System) -> Floats:
    """Return 1 - c Var ε of each mark, c the mean weight: 0 where all weigh the same.

    tr V⁻¹ = c tr(V⁻¹ Var ε) + tr(V⁻¹(I - c Var ε)); the first is known from the others.
    """
    return 1 - float(system.weight.mean()) / system.weight


def _weights(system: System, rest: float) -> float:
    return float(system.weight.mean()) * rest


def _by_signs(system: System, z: Floats, x: Floats) -> tuple[float, float]:
    """Return tr S⁻¹ and tr(S⁻¹JJ') from probes `z` and S⁻¹z."""
    count = z.shape[1]
    first = z / system.diagonal[:, None]
    second = 2 * first - times(system, first) / system.diagonal[:, None]
    # tr(Δ⁻¹) is known, and of Δ⁻¹(Δ - S)Δ⁻¹ the trace is 0 but for clusters.
    apart = float((z * (x - second)).sum()) / count
    inverse = float((1 / system.diagonal).sum()) + apart
    inverse += _of_diagonal(system)
    turned = system.back @ np.hstack([z, x])
    held = system.other - 1 / system.theta[2]
    turned -= held[:, None] * absorbed(system, turned)
    crossed = float((turned[:, :count] * turned[:, count:]).sum()) / count
    lean = system.back @ z * system.freed[:, None]
    guessed = float((lean * (system.back @ first * system.freed[:, None])).sum())
    rows, columns = system.design.pairs
    squares = (system.across.data * system.freed[columns]) ** 2
    exact = float((squares / system.diagonal[rows]).sum())
    return inverse, crossed - guessed / count + exact


def _of_diagonal(system: System) -> float:
    """Return tr Δ⁻¹(Δ - S)Δ⁻¹: what clusters add to S's own diagonal."""
    if not len(system.clusters):
        return 0.0
    lost = (cluster_columns(system) ** 2 / system.clusters).sum(axis=1)
    return float((lost / system.diagonal**2).sum())


def _bases(system: System) -> Floats:
    """Return the diagonal of W(I - KW): what Ω would be if the kept side were known."""
    own = 1 / system.theta[2]
    held = system.other - own
    found = held * system.freed
    cluster = system.design.cluster
    if cluster is not None:
        found = found - found**2 / system.clusters[cluster]
    return np.asarray(found)


def _by_units(system: System, columns: Floats) -> float:
    """Return tr of (JZ)'S⁻¹JZ of the clusters, some columns at a time."""
    found = 0.0
    for at in range(0, columns.shape[1], TOGETHER):
        shared = _shared(system, columns[:, at : at + TOGETHER])
        solved = solve(system, shared, ROUGH)
        found += float(np.einsum("ij,ij->", shared, solved))
    return found


def _shared(system: System, columns: Floats) -> Floats:
    """Return JZ of the clusters (kept levels by columns)."""
    cluster = system.design.cluster
    if cluster is None:
        return np.zeros((len(system.own), 0))
    of_each = columns / system.clusters[:, None] / system.theta[3]
    return np.asarray(system.across @ (system.freed[:, None] * of_each[cluster]))


def _of_clusters(system: System) -> float:
    """Return tr of Ω summed over clusters, if the kept side were known."""
    if not len(system.clusters):
        return 0.0
    own = 1 / system.theta[3]
    return float(((system.clusters - own) * own / system.clusters).sum())


def exactly(system: System, inverse: Floats) -> Traces:
    """Return the traces from S⁻¹."""
    omega, known, columns = _omega(system, inverse)
    theta = system.theta
    size = len(inverse)
    kept = (size - float(np.trace(inverse)) / theta[1]) / theta[1]
    clusters = 0.0
    if len(system.clusters):
        own = 1 / theta[3] / system.clusters
        within = (columns[0] * columns[1]).sum(axis=0)
        clusters = _of_clusters(system) - float((own**2 * within).sum())
    spent = theta[1] * kept + theta[2] * float(omega.sum())
    spent += theta[3] * clusters if len(system.clusters) else 0.0
    weights = (len(system.weight) - spent) / theta[0]
    if system.design.noise.any():
        weights = float((system.weight - system.weight**2 * known).sum())
    variance = theta[2] - theta[2] ** 2 * omega
    return Traces(
        weights, kept, float(omega.sum()), clusters, np.maximum(variance, 0.0)
    )


def _omega(
    system: System, inverse: Floats
) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
    """Return Ω's diagonal, each mark's share of variance explained, and U, S⁻¹U.

    U is B(1/θ)/D summed over clusters.
    """
    of, levels = system.design, len(system.other)
    shared = cluster_columns(system) if len(system.clusters) else None
    solved = np.zeros((len(inverse), 0)) if shared is None else product(inverse, shared)
    order = np.argsort(of.eliminated, kind="stable")
    starts = np.searchsorted(of.eliminated[order], np.arange(levels + 1))
    within, at_marks = np.zeros(levels), np.zeros(len(order))
    for first in range(0, levels, LINES):
        last = min(first + LINES, levels)
        lines = system.back[first:last]
        image = lines @ inverse
        within[first:last] = lines.multiply(image).sum(axis=1)
        marks = order[starts[first] : starts[last]]
        at_marks[marks] = image[of.eliminated[marks] - first, of.kept[marks]]
    diagonal = np.diagonal(inverse)[of.kept]
    own, freed, other = 1 / system.theta[2], system.freed, system.other
    column, j = of.eliminated, at_marks / other[of.eliminated]
    top = 1 / other
    if shared is None or of.cluster is None:
        omega = _bases(system) - freed**2 * within
        known = diagonal - 2 * j + top[column] + (within / other**2)[column]
        return omega, known, (solved, solved)
    cross = (system.back @ solved)[np.arange(levels), of.cluster]
    square = (shared * solved).sum(axis=0)[of.cluster]
    left = system.clusters[of.cluster]
    lean = (other - own) * freed / left
    omega = _bases(system) - (
        freed**2 * within - 2 * freed * lean * cross + lean**2 * square
    )
    lent = freed / left
    j = j + solved[of.kept, of.cluster[column]] * lent[column]
    top = top + freed**2 / left
    both = within / other**2 + 2 * lent * cross / other + lent**2 * square
    return omega, diagonal - 2 * j + (top + both)[column], (shared, solved)
