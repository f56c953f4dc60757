"""Who can be compared with whom: the network of people and those who rated them.

Pure. The law: people in two parts that no rater joins are never compared.
"""

from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from service.scores.estimation.model import Counts, Floats, Truths
from service.scores.estimation.predicting import FINAL
from service.scores.estimation.solving import TOGETHER, solve
from service.scores.estimation.system import (
    System,
    eliminated_effects,
    reduced,
    right_sides,
)

ENOUGH: Final = 1e-4
"""Of the equations: the error of c'S⁻¹c is of its square."""
LEAST_DETERMINATION: Final = 0.40
LEAST_LINKING: Final = 0.60


def components(person: Counts, rater: Counts) -> Counts:
    """Return each person's connected part of the network: 0 is the largest.

    `person` and `rater` number each form's two ends. Of parts of one size, the one of
    the first person comes first.
    """
    people = int(person.max()) + 1
    nodes = people + int(rater.max()) + 1
    ends = (person, rater + people)
    links = sparse.csr_array((np.ones(len(person)), ends), shape=(nodes, nodes))
    part = connected_components(links, directed=False)[1][:people]
    _, first, index, size = np.unique(
        part, return_index=True, return_inverse=True, return_counts=True
    )
    place = np.empty(len(first), dtype=np.int64)
    place[np.lexsort((first, -size))] = np.arange(len(first))
    return np.asarray(place[index])


def linking(person: Counts, rater: Counts, home: Counts) -> Floats:
    """Return, per home, the share of its people's forms by raters who also rate others.

    `home[i]` is person i's home; others are people of other homes.
    """
    homes = int(home.max()) + 1
    seen = np.unique(rater * np.int64(homes) + home[person]) // homes
    wide = np.bincount(seen, minlength=int(rater.max()) + 1) > 1
    at = home[person]
    forms = np.bincount(at, minlength=homes)
    linked = np.bincount(at, wide[rater].astype(np.float64), homes)
    return np.asarray(linked / np.maximum(forms, 1))


def determination(system: System, home: Counts, within: Truths) -> Floats:
    """Return the coefficient of determination of each home against all others.

    CD = 1 - PEV(c'u)/Var(c'u) for the contrast c of the home's mean with that of all
    others, among people `within` (Laloë, Genetics Selection Evolution 25, 1993). The
    system keeps people, with raters and their clusters solved away; 0 where a home has
    nobody, or nobody else.
    """
    homes = int(home.max()) + 1
    inside = np.bincount(home[within], minlength=homes)
    outside = int(within.sum()) - inside
    both = np.flatnonzero((inside > 0) & (outside > 0))
    found = np.zeros(homes)
    lean, precision = _of_mean(system)
    for at in range(0, len(both), TOGETHER):
        these = both[at : at + TOGETHER]
        contrast = np.where(
            home[:, None] == these, 1 / inside[these], -1 / outside[these]
        )
        contrast[~within] = 0
        solved = solve(system, contrast, ENOUGH)
        error = np.einsum("ij,ij->j", contrast, solved)
        error += np.einsum("ij,i->j", contrast, lean) ** 2 / precision
        prior = system.theta[1] * np.einsum("ij,ij->j", contrast, contrast)
        found[these] = 1 - error / prior
    return found


def _of_mean(system: System) -> tuple[Floats, float]:
    """Return how far people's effects follow μ, and how precisely μ is known."""
    kept, eliminated = right_sides(system, system.design.fixed[:, :1])
    solved = solve(system, reduced(system, kept, eliminated), FINAL)
    other = eliminated_effects(system, eliminated, solved)
    of = system.design
    fitted = solved[of.kept, 0] + other[of.eliminated, 0]
    return solved[:, 0], float((system.weight * (1 - fitted)).sum())


def comparable(
    system: System, person: Counts, rater: Counts, home: Counts | None, part: Counts
) -> Truths:
    """Return whose score may be set beside those of the whole cycle.

    Of the largest part alone, and of a home that raters link to others: by CD or by the
    share of forms that link it. Where homes are not known the part decides.
    """
    largest = np.asarray(part == 0)
    if home is None or int(home.max()) == 0:
        return largest
    joined = determination(system, home, largest) >= LEAST_DETERMINATION
    joined |= linking(person, rater, home) >= LEAST_LINKING
    return np.asarray(largest & joined[home])
