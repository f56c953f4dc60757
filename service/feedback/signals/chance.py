"""How many would stand out if everybody were honest, on this very network.

Pure. Forms are made up as the fitted model has them, by the same raters on the same
people with the same items unobserved, and looked at in the same way.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from service.feedback.signals.detect import (
    Found,
    extreme_only,
    hostile_forms,
    influenced,
    late_bursts,
    reciprocal_pairs,
    rings,
    severity_outliers,
    straight_lining,
)
from service.feedback.signals.estimate import Fit, Forms, fit
from service.feedback.signals.rules import Kind

ROUNDS: Final = 20
"""So many honest cycles are made up."""
LOWEST: Final = 1
HIGHEST: Final = 5
ROUNDING: Final = 1 / 12
"""Variance that whole answers add to what is meant (Sheppard)."""
WAYS: Final[Mapping[Kind, Callable[[Forms, Fit], Found]]] = {
    Kind.RECIPROCAL_PAIR: reciprocal_pairs,
    Kind.RING: rings,
    Kind.STRAIGHT_LINING: straight_lining,
    Kind.EXTREME_ONLY: extreme_only,
    Kind.SEVERITY_OUTLIER: severity_outliers,
    Kind.HOSTILE_FORM: hostile_forms,
    Kind.LATE_BURST: late_bursts,
    Kind.INFLUENCE: influenced,
}


def look(forms: Forms, fitted: Fit) -> dict[Kind, Found]:
    """Return who stands out, by what they stand out by."""
    return {kind: way(forms, fitted) for kind, way in WAYS.items()}


def expected(forms: Forms, fitted: Fit, seed: int) -> dict[Kind, float]:
    """Return how many would stand out by each at the mean of honest cycles."""
    rng = np.random.default_rng(seed)
    total = dict.fromkeys(WAYS, 0)
    for _ in range(ROUNDS):
        made_up = honest(forms, fitted, rng)
        again = fit(made_up)
        for kind, found in look(made_up, again).items() if again else ():
            total[kind] += len(found.members)
    return {kind: count / ROUNDS for kind, count in total.items()}


def honest(forms: Forms, fitted: Fit, rng: np.random.Generator) -> Forms:
    """Return made-up forms of the same network, by chance alone."""
    v, size = fitted.variances, len(forms.subject)
    level = (
        fitted.mean
        + rng.normal(0, v.subject**0.5, forms.people)[forms.subject]
        + rng.normal(0, v.rater**0.5, forms.people)[forms.rater]
        + rng.normal(0, v.form**0.5, size)
    )
    spread = max(v.item - ROUNDING, 0) ** 0.5
    noise = rng.normal(0, spread, forms.answers.shape)
    meant = np.rint(level[:, None] + fitted.easy + noise)
    answers = np.where(np.isnan(forms.answers), np.nan, np.clip(meant, LOWEST, HIGHEST))
    return replace(forms, answers=answers, late=rng.permutation(forms.late))
