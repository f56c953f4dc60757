"""Method `mean` version 1: a shrunken average of form marks.

Pure: arrays in, estimates out. Same forms in, in any order, same bytes out.
"""

from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar

from service.scores.estimation.marks import form_marks, refuse_none, refuse_twice
from service.scores.estimation.model import (
    ROUNDING,
    Counts,
    Cycle,
    Estimates,
    Floats,
    Forms,
    WhyNot,
    Z,
    certainty,
    interval,
)
from service.scores.estimation.order import numbered

ASSUMED_CORRELATION: Final = 0.25
GRID: Final = 64
"""Points at which the likelihood is looked at before the best is refined."""


def estimate_mean(forms: Forms) -> Estimates:
    """Estimate everyone's score from their forms.

    For k forms, λ = k/(k + (1-r)/r); score = μ + λ(raw - μ); SE² = s²p(1 - λ);
    reliability = 1 - SE²/s²p = λ. Refuses answers off the scale, forms of fewer than 3
    observed items, a pair's second form, and a cycle without forms.
    """
    refuse_none(forms)
    people, index = numbered(forms.person)
    raters, rater = numbered(forms.rater)
    refuse_twice(people, raters, index, rater)
    marks = form_marks(forms.answers)
    order = np.lexsort((marks, index))
    marks, index = marks[order], index[order]
    count = np.bincount(index)
    raw = np.bincount(index, marks) / count
    cycle = _cycle(marks, index, count, raw)
    each = _evidence_of_one(cycle)
    whole = np.asarray(count * each, dtype=np.float64)
    reliability, error = certainty(cycle, whole)
    score = cycle.mean + reliability * (raw - cycle.mean)
    half = Z * error
    low, high = interval(score, half)
    return Estimates(
        cycle=cycle,
        person=people,
        forms=count,
        raw=raw,
        severity=np.zeros(len(people)),
        score=score,
        reliability=reliability,
        standard_error=error,
        half_width=half,
        low=low,
        high=high,
        pull=reliability,
        comparable=np.ones(len(people), dtype=bool),
        component=np.zeros(len(people), dtype=np.int64),
        influence=_influence(marks - score[index], index, whole, each, error),
    )


def _cycle(marks: Floats, index: Counts, forms: Counts, raw: Floats) -> Cycle:
    """Return μ, s²p and s²e: by REML where the forms allow it."""
    mean = float(marks.mean())
    total = float(marks.var(ddof=1)) if len(marks) > 1 else 0.0
    within = float(((marks - raw[index]) ** 2).sum())
    twice = int((forms > 1).sum())
    assumed = twice < 2 or within <= ROUNDING * len(marks)  # noqa: PLR2004 - two people
    if not assumed:
        between, residual = reml(forms, raw - mean, within)
    elif total > ROUNDING:
        between = ASSUMED_CORRELATION * total
        residual = total - between
    else:
        between, residual = 0.0, 0.0
    return Cycle(
        mean=mean,
        person_variance=between,
        variances=MappingProxyType({"person": between, "residual": residual}),
        severity_share=None,
        assumed=assumed,
        why_not=None if between > 0 else WhyNot.PEOPLE_DO_NOT_DIFFER,
    )


def reml(forms: Counts, raw: Floats, within: float) -> tuple[float, float]:
    """Return s²p and s²e of a one-way random-effects model by REML, unbalanced.

    `forms` and `raw` are each person's number of marks and their mean, `within` the
    sum of squares of marks about those means, above 0. With g = s²p/s²e = r/(1 - r)
    and w = k/(1 + kg), minus twice the log-likelihood profiled over the mean and s²e is
    (N-1) log Q + Σ log(1 + kg) + log Σw, Q = within + Σ w (raw - Σw raw/Σw)²
    (Searle, Casella and McCulloch, Variance Components, 1992, ch. 6); O(people) each.
    """
    freedom = int(forms.sum()) - 1

    def spread(r: float) -> tuple[Floats, float]:
        weights = forms * (1 - r) / (1 - r + forms * r)
        centre = (weights * raw).sum() / weights.sum()
        return weights, within + float((weights * (raw - centre) ** 2).sum())

    def deviance(r: float) -> float:
        weights, squares = spread(r)
        spent = np.log(forms / weights).sum() + np.log(weights.sum())
        return float(freedom * np.log(squares) + spent)

    # The likelihood may have more than one peak: look everywhere, then refine the best.
    grid = np.linspace(0, 1, GRID, endpoint=False)
    best = int(np.argmin([deviance(r) for r in grid]))
    bounds = (max(0.0, (best - 1) / GRID), min(1 - 1e-9, (best + 1) / GRID))
    found = minimize_scalar(
        deviance, bounds=bounds, method="bounded", options={"xatol": 1e-10}
    )
    r = float(found.x)
    if deviance(0.0) <= float(found.fun):
        return 0.0, spread(0.0)[1] / freedom
    residual = spread(r)[1] / freedom
    return residual * r / (1 - r), residual


def _evidence_of_one(cycle: Cycle) -> float:
    """Return what one form tells, in units of 1/s²p: s²p/s²e = r/(1 - r)."""
    if not cycle.estimable:
        return 0.0
    return cycle.person_variance / cycle.variances["residual"]


def _influence(
    residual: Floats, index: Counts, whole: Floats, each: float, error: Floats
) -> Floats:
    """Return each person's largest |h e/(1 - h)| in SE, with h = w/(W + 1/s²p)."""
    share = (each / (1 + whole))[index]
    shift = np.abs(share * residual / (1 - share))
    most = np.zeros(len(error))
    np.maximum.at(most, index, shift)
    return np.divide(most, error, out=np.zeros_like(most), where=error > 0)
