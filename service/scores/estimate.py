"""Estimates people's scores from forms, and how uncertain they are.

Pure: arrays in, estimates out. Same forms in, in any order, same bytes out: forms are
sorted first, and sums avoid BLAS, whose order of addition depends on the cores.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import NormalDist
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from service import suppression
from service.errors import Conflict, Unprocessable
from service.scores import rules

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]
People: TypeAlias = npt.NDArray[np.str_]

LOWEST: Final = 1.0
HIGHEST: Final = 5.0
VALUE_PER_POINT: Final = 25.0
LEAST_ITEMS: Final = 3
ASSUMED_CORRELATION: Final = 0.25
LEVEL: Final = 0.90
GRID: Final = 64
"""Points at which the likelihood is looked at before the best is refined."""
ROUNDING: Final = 1e-20
"""A variance of marks below this is floating-point noise."""


@dataclass(frozen=True, slots=True)
class Method:
    """A versioned formula with all that its numbers depend on."""

    name: str
    version: int
    parameters: Mapping[str, Any]
    digest: str
    """SHA-256 (hex) of this module's source and the parameters as canonical JSON."""


def _method(name: str, version: int, parameters: Mapping[str, Any]) -> Method:
    source = Path(__file__).read_text(encoding="utf-8")  # line ends made the same
    canonical = json.dumps(dict(parameters), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(f"{source}\0{canonical}".encode()).hexdigest()
    return Method(name, version, MappingProxyType(dict(parameters)), digest)


MEAN: Final = _method(
    "mean",
    1,
    {
        "scale": [LOWEST, HIGHEST],
        "value_per_point": VALUE_PER_POINT,
        "least_items": LEAST_ITEMS,
        "assumed_correlation": ASSUMED_CORRELATION,
        "level": LEVEL,
        "policy": asdict(rules.POLICY),
        "number": asdict(suppression.NUMBER),
        "words": asdict(suppression.WORDS),
        "rater_bands": suppression.RATER_BANDS,
    },
)
METHODS: Final[Mapping[tuple[str, int], Method]] = MappingProxyType(
    {(method.name, method.version): method for method in (MEAN,)}
)


class UnusableForm(Unprocessable):
    """A form cannot count towards a score."""

    slug = "score-form-unusable"


class NoForms(Conflict):
    """The cycle has no valid form to estimate from."""

    slug = "score-no-forms"


@dataclass(frozen=True, slots=True)
class Cycle:
    """What all forms of a cycle say together, on the 1-5 scale."""

    mean: float
    """μ, each form counting once."""
    person_variance: float
    """s²p."""
    correlation: float
    """r, the intraclass correlation of form marks."""
    assumed: bool
    """Whether r was taken as given because it could not be estimated."""

    @property
    def estimable(self) -> bool:
        """Whether the forms tell people apart at all."""
        return self.person_variance > 0


@dataclass(frozen=True, slots=True)
class Estimates:
    """One row a person, in order of `person`, on the 1-5 scale."""

    cycle: Cycle
    person: People
    forms: Counts
    raw: Floats
    """Mean of the person's form marks."""
    score: Floats
    reliability: Floats
    standard_error: Floats
    half_width: Floats
    """Of the 90 % interval before it is clipped to the scale."""
    low: Floats
    high: Floats


def form_marks(answers: Floats) -> Floats:
    """Return each form's mean of its observed items.

    `answers` has a row a form and a column an item, NaN where not observed: a missing
    answer is never a low one. Refuses a form with fewer than 3 observed items, or an
    answer off the scale.
    """
    observed = ~np.isnan(answers)
    items = observed.sum(axis=1)
    if short := int((items < LEAST_ITEMS).sum()):
        raise UnusableForm(
            f"{short} forms have fewer than {LEAST_ITEMS} observed items;"
            " leave them out."
        )
    _refuse_off_scale(answers[observed])
    return np.asarray(np.where(observed, answers, 0.0).sum(axis=1) / items)


def _refuse_off_scale(values: Floats) -> None:
    if not bool(((values >= LOWEST) & (values <= HIGHEST)).all()):
        raise UnusableForm(
            f"An answer is not between {LOWEST:g} and {HIGHEST:g}; correct it."
        )


def estimate(person: People, marks: Floats) -> Estimates:
    """Estimate everyone's score from their form marks by method `mean` version 1.

    `person[f]` is whom form f is about, `marks[f]` its mark. λ = k/(k + (1-r)/r) for k
    forms; score = μ + λ(raw - μ); SE² = s²p(1 - λ); reliability = 1 - SE²/s²p = λ.
    Refuses marks off the scale, NaN included, and a cycle without forms.
    """
    if len(marks) == 0:
        raise NoForms("There is no valid form yet; estimate once there is one.")
    _refuse_off_scale(marks)
    order = np.lexsort((marks, person))
    people, index, forms = np.unique(
        person[order], return_inverse=True, return_counts=True
    )
    marks = marks[order]
    raw = np.bincount(index, marks) / forms
    cycle = _cycle(marks, index, forms, raw)
    reliability, error = certainty(cycle, forms)
    score = cycle.mean + reliability * (raw - cycle.mean)
    half = _z() * error
    low, high = interval(score, half)
    return Estimates(
        cycle, people, forms, raw, score, reliability, error, half, low, high
    )


def _cycle(marks: Floats, index: Counts, forms: Counts, raw: Floats) -> Cycle:
    """Return μ, s²p and r: by REML where the forms allow it."""
    mean = float(marks.mean())
    total = float(marks.var(ddof=1)) if len(marks) > 1 else 0.0
    within = float(((marks - raw[index]) ** 2).sum())
    twice = int((forms > 1).sum())
    if twice < 2 or within <= ROUNDING * len(marks):  # noqa: PLR2004 - two people
        between = ASSUMED_CORRELATION * total if total > ROUNDING else 0.0
        return Cycle(mean, between, ASSUMED_CORRELATION, assumed=True)
    correlation, between = reml(forms, raw - mean, within)
    return Cycle(mean, between, correlation, assumed=False)


def reml(forms: Counts, raw: Floats, within: float) -> tuple[float, float]:
    """Return r and s²p of a one-way random-effects model by REML, unbalanced.

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
        return 0.0, 0.0
    return r, spread(r)[1] / freedom * r / (1 - r)


def certainty(cycle: Cycle, forms: Counts) -> tuple[Floats, Floats]:
    """Return the reliability and standard error of a score from so many forms."""
    r = cycle.correlation if cycle.estimable else 0.0
    reliability = forms * r / (forms * r + 1 - r)
    return reliability, np.sqrt(cycle.person_variance * (1 - reliability))


def _z() -> float:
    return NormalDist().inv_cdf((1 + LEVEL) / 2)


def interval(score: Floats, half_width: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the interval, clipped to the scale."""
    return (
        np.clip(score - half_width, LOWEST, HIGHEST),
        np.clip(score + half_width, LOWEST, HIGHEST),
    )


def for_release(estimates: Estimates) -> tuple[Floats, Floats, Floats]:
    """Return each person's reliability, low and high as they may leave the service.

    They are those for the fewest raters of the person's band, one form a rater.
    """
    fewest = np.array([suppression.fewest(int(k)) for k in estimates.forms])
    reliability, error = certainty(estimates.cycle, fewest)
    low, high = interval(estimates.score, _z() * error)
    return reliability, low, high


def value(score: float) -> float:
    """Return a point of the 1-5 scale as published, from 0 to 100."""
    return VALUE_PER_POINT * (score - LOWEST)
