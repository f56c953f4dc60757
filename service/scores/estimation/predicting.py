"""Best linear unbiased predictions, once variances are known.

Pure: the equations and marks in, effects out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from service.scores.estimation.model import Floats
from service.scores.estimation.solving import solve
from service.scores.estimation.system import (
    System,
    cluster_effects,
    eliminated_effects,
    reduced,
    right_sides,
    unexplained,
)

FINAL: Final = 1e-10
"""Of the equations, once what they give is used."""


@dataclass(frozen=True, slots=True)
class Effects:
    """Best linear unbiased predictions at one set of variances."""

    terms: Floats
    """β, and its variance below."""
    terms_variance: Floats
    kept: Floats
    eliminated: Floats
    """Without their cluster's."""
    clusters: Floats
    level: Floats
    """Of each mark, what all effects together make it."""


def effects(system: System, mark: Floats, inverse: Floats | None = None) -> Effects:
    """Return the predictions for these marks, to 1e-10."""
    of = system.design
    known = np.column_stack([of.fixed, mark])
    kept, eliminated = right_sides(system, known)
    right = reduced(system, kept, eliminated)
    solved = solve(system, right, FINAL, inverse=inverse)
    other = eliminated_effects(system, eliminated, solved)
    turned = unexplained(system, known, solved, other)
    variance = np.linalg.inv(cross(of.fixed, turned[:, :-1]))
    terms = variance @ cross(of.fixed, turned[:, -1:])[:, 0]
    left = np.append(-terms, 1.0)  # y - Xβ
    at_kept = times_terms(solved, left)
    whole_other = times_terms(other, left)
    own, clusters = whole_other, np.zeros(0)
    if of.cluster is not None:
        rest = times_terms(eliminated, left)[:, None]
        clusters = cluster_effects(system, rest, at_kept[:, None])[:, 0]
        own = whole_other - clusters[of.cluster]
    level = times_terms(of.fixed, terms) + at_kept[of.kept] + whole_other[of.eliminated]
    settled = variance.astype(np.float64)
    return Effects(terms, settled, at_kept, own, clusters, level)


def cross(one: Floats, other: Floats) -> Floats:
    """Return one' other, of two tables with a row a mark."""
    return np.asarray(np.einsum("ij,ik->jk", one, other))


def times_terms(columns: Floats, terms: Floats) -> Floats:
    """Return the sum of columns, each times its term."""
    return np.asarray((columns * terms).sum(axis=1))
