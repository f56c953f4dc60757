"""The mixed-model equations of crossed ratings, with one side solved away.

Pure: arrays in, arrays out. The law: no sum here goes through BLAS, whose order of
addition depends on the machine's cores.

A mark is y = Xβ + k(kept) + e(eliminated) + c(cluster of eliminated) + ε, where
Var ε = θ0 + noise. With w = 1/Var ε, B = Σ w over each pair, A and D the diagonal
blocks, and K the inverse of the eliminated side's block, clusters solved away from it
because each level belongs to one, what is left to solve is S = A - B K B' (Henderson's
equations; Searle, Casella and McCulloch, Variance Components, 1992, ch. 7).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from service.scores.estimation.model import Counts, Floats


@dataclass(frozen=True, slots=True)
class Design:
    """Marks in one order, and who stands on either side of each."""

    mark: Floats
    noise: Floats
    """What is known beforehand of each mark's variance; 0 where nothing is."""
    fixed: Floats
    """X: marks by terms, the first column ones."""
    kept: Counts
    """Each mark's level, from 0, of the side that stays."""
    eliminated: Counts
    """Each mark's level of the side that is solved away: the larger, if possible."""
    cluster: Counts | None
    """Each eliminated level's cluster, from 0."""
    slot: Counts
    """Each mark's place among the pairs, which are in order of kept, eliminated."""
    pairs: tuple[Counts, Counts]
    """Of each pair, the kept and the eliminated level."""
    turned: Counts
    """The pairs in order of eliminated, kept."""
    sizes: tuple[int, int, int]
    """Levels kept, eliminated, and clusters."""


def design(
    mark: Floats,
    noise: Floats,
    fixed: Floats,
    kept: Counts,
    eliminated: Counts,
    cluster: Counts | None = None,
) -> Design:
    """Return the design; levels are numbered without a gap."""
    sizes = (
        int(kept.max()) + 1,
        int(eliminated.max()) + 1,
        0 if cluster is None else int(cluster.max()) + 1,
    )
    key = kept * np.int64(sizes[1]) + eliminated
    pairs, slot = np.unique(key, return_inverse=True)
    rows, columns = pairs // sizes[1], pairs % sizes[1]
    turned = np.argsort(columns, kind="stable")
    return Design(
        mark,
        noise,
        fixed,
        kept,
        eliminated,
        cluster,
        slot,
        (rows, columns),
        turned,
        sizes,
    )


@dataclass(frozen=True, slots=True)
class System:
    """The equations at one set of variances."""

    design: Design
    theta: Floats
    """Variances of the residual, kept, eliminated, cluster."""
    weight: Floats
    """w of each mark."""
    across: sparse.csr_array
    """B: kept by eliminated."""
    back: sparse.csr_array
    """B'."""
    own: Floats
    """A: weights of each kept level, and 1/θ."""
    other: Floats
    """D: weights of each eliminated level, and 1/θ."""
    freed: Floats
    """(1/θ)/D of each eliminated level."""
    clusters: Floats
    """F: what is left of each cluster's own equation."""
    gather: sparse.csr_array | None
    """(1/θ)/D of each level in its cluster: clusters by eliminated."""
    spread: sparse.csr_array | None
    """The same, eliminated by clusters."""
    diagonal: Floats
    """Of S, clusters aside: the information of each kept level in closed form."""


def weigh(of: Design, theta: Floats) -> System:
    """Return the equations at these variances, all above 0."""
    weight = 1 / (theta[0] + of.noise)
    rows, columns = of.pairs
    data = np.asarray(np.bincount(of.slot, weight, len(rows)), dtype=np.float64)
    across = _table(data, rows, columns, of.sizes[:2])
    back = _table(data[of.turned], columns[of.turned], rows[of.turned], of.sizes[1::-1])
    own = np.bincount(of.kept, weight, of.sizes[0]) + 1 / theta[1]
    held = np.bincount(of.eliminated, weight, of.sizes[1])
    other = held + 1 / theta[2]
    freed = 1 / theta[2] / other
    clusters, spread, gather = np.zeros(0), None, None
    if of.cluster is not None:
        clusters = np.bincount(of.cluster, held * freed, of.sizes[2]) + 1 / theta[3]
        levels = np.arange(of.sizes[1])
        spread = _table(freed, levels, of.cluster, (of.sizes[1], of.sizes[2]))
        gather = spread.T.tocsr()
    lost = np.bincount(rows, data**2 / other[columns], of.sizes[0])
    return System(
        of,
        theta,
        weight,
        across,
        back,
        own,
        other,
        freed,
        clusters,
        gather,
        spread,
        own - lost,
    )


def _table(
    data: Floats, rows: Counts, columns: Counts, shape: tuple[int, int]
) -> sparse.csr_array:
    starts = np.zeros(shape[0] + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows, minlength=shape[0]), out=starts[1:])
    return sparse.csr_array((data, columns.astype(np.int32), starts), shape=shape)


def sums(index: Counts, values: Floats, size: int) -> Floats:
    """Return, column by column, the sums of `values` (rows by columns) per level."""
    return np.stack([np.bincount(index, v, size) for v in values.T], axis=1)


def by_cluster(system: System, values: Floats) -> Floats:
    """Return sums over each cluster's eliminated levels."""
    cluster = system.design.cluster
    assert cluster is not None  # noqa: S101 - asked for only where there are clusters
    return sums(cluster, values, system.design.sizes[2])


def absorbed(system: System, values: Floats) -> Floats:
    """Return K times `values` (eliminated levels by columns)."""
    found = values / system.other[:, None]
    if system.spread is not None and system.gather is not None:
        shared = system.gather @ values
        shared /= system.clusters[:, None]
        found += system.spread @ shared
    return found


def times(system: System, values: Floats) -> Floats:
    """Return S times `values` (kept levels by columns)."""
    lost = system.across @ absorbed(system, system.back @ values)
    return np.asarray(system.own[:, None] * values - lost)


def right_sides(system: System, values: Floats) -> tuple[Floats, Floats]:
    """Return Z'W times `values` (marks by columns), kept and eliminated.

    Column by column: of millions of marks, a copy is as much as all else.
    """
    of = system.design
    kept = np.empty((of.sizes[0], values.shape[1]))
    other = np.empty((of.sizes[1], values.shape[1]))
    for at in range(values.shape[1]):
        weighted = system.weight * values[:, at]
        kept[:, at] = np.bincount(of.kept, weighted, of.sizes[0])
        other[:, at] = np.bincount(of.eliminated, weighted, of.sizes[1])
    return kept, other


def unexplained(
    system: System, values: Floats, kept: Floats, eliminated: Floats
) -> Floats:
    """Return W times what effects, clusters' in them, leave of `values`: V⁻¹ values."""
    of = system.design
    found = np.empty(values.shape)
    for at in range(values.shape[1]):
        level = kept[:, at][of.kept] + eliminated[:, at][of.eliminated]
        found[:, at] = system.weight * (values[:, at] - level)
    return found


def reduced(system: System, kept: Floats, eliminated: Floats) -> Floats:
    """Return the right sides of S once the other side is solved away."""
    return np.asarray(kept - system.across @ absorbed(system, eliminated))


def eliminated_effects(system: System, right: Floats, kept: Floats) -> Floats:
    """Return the effects solved away, clusters' in them, given those kept."""
    return absorbed(system, right - system.back @ kept)


def cluster_effects(system: System, right: Floats, kept: Floats) -> Floats:
    """Return the clusters' own effects, given those kept."""
    rest = system.freed[:, None] * (right - system.back @ kept)
    return by_cluster(system, rest) / system.clusters[:, None]
