"""What every method takes and gives: forms, what they say together, and of each person.

Pure. The law: score = mean + pull x (raw - mean - severity), for everybody, to 1e-9.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import NormalDist
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from service.errors import Conflict, Unprocessable

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]
People: TypeAlias = npt.NDArray[np.str_]
Truths: TypeAlias = npt.NDArray[np.bool_]

LOWEST: Final = 1.0
HIGHEST: Final = 5.0
LEVEL: Final = 0.90
ROUNDING: Final = 1e-20
"""A variance of marks below this is floating-point noise."""
Z: Final = NormalDist().inv_cdf((1 + LEVEL) / 2)


class UnusableForm(Unprocessable):
    """A form cannot count towards a score."""

    slug = "score-form-unusable"


class NoForms(Conflict):
    """The cycle has no valid form to estimate from."""

    slug = "score-no-forms"


class WhyNot(StrEnum):
    """Why the forms of a cycle give nobody a number."""

    PEOPLE_DO_NOT_DIFFER = "people_do_not_differ"
    ONE_PERSON = "one_person"
    ONE_RATER = "one_rater"
    ONE_FORM_EACH = "one_form_each"
    DIFFERENCES_NOT_CERTAIN = "differences_not_certain"
    VARIANCES_NOT_FOUND = "variances_not_found"


WHY_NOT_TITLES: Final[Mapping[WhyNot, str]] = MappingProxyType(
    {
        WhyNot.PEOPLE_DO_NOT_DIFFER: (
            "People differ no more than raters of one person do"
        ),
        WhyNot.ONE_PERSON: "All forms are about one person",
        WhyNot.ONE_RATER: "All forms are by one rater",
        WhyNot.ONE_FORM_EACH: "Nobody has two forms",
        WhyNot.DIFFERENCES_NOT_CERTAIN: (
            "The variance between people is not twice its standard error"
        ),
        WhyNot.VARIANCES_NOT_FOUND: "No variances make these forms likeliest",
    }
)


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms that count, a row each, in any order."""

    person: People
    """Whom it is about."""
    rater: People
    group: People
    """The rater's organisation."""
    answers: Floats
    """Forms by items; NaN where not observed."""
    home: People | None = None
    """The subject's organisation; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """What all forms of a cycle say together, on the 1-5 scale."""

    mean: float
    """μ."""
    person_variance: float
    """s²p; 0 where the forms do not tell people apart."""
    variances: Mapping[str, float]
    """Of a form's mark by where they come from.

    `person`, `rater`, `rater_group`, `form` and `residual`, as far as the method has
    them.
    """
    severity_share: float | None
    """Of all variance of a form's mark, what raters make; None if not separated."""
    assumed: bool
    """Whether the correlation was taken as given because it could not be estimated."""
    why_not: WhyNot | None = None
    """None where people can have numbers."""
    inflation: float = 1.0
    """By how much standard errors are widened for what the formula leaves out."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """How the figures were found, as JSON can hold it: solver, iterations, more."""

    @property
    def estimable(self) -> bool:
        """Whether the forms tell people apart well enough for any number."""
        return self.why_not is None


@dataclass(frozen=True, slots=True)
class Estimates:
    """One row a person, in order of `person`, on the 1-5 scale."""

    cycle: Cycle
    person: People
    forms: Counts
    raw: Floats
    """Mean of the person's form marks, each with the weight that it has."""
    severity: Floats
    """Mean effect of the person's raters as a group; above 0 is generous."""
    score: Floats
    reliability: Floats
    standard_error: Floats
    half_width: Floats
    """Of the 90 % interval before it is clipped to the scale."""
    low: Floats
    high: Floats
    pull: Floats
    """B: how far the person's own marks count, from 0 to 1."""
    comparable: Truths
    """Whether the score may be set beside those of the whole cycle."""
    component: Counts
    """Which connected part of the network the person is in; 0 is the largest."""
    influence: Floats
    """The most that leaving out one form would move the score, in standard errors."""


def certainty(cycle: Cycle, evidence: Floats) -> tuple[Floats, Floats]:
    """Return the reliability and standard error of scores from so much evidence.

    `evidence` is the information of a person's forms in units of 1/s²p: with x of it,
    SE² = c² s²p / (1 + x), c the cycle's inflation, and R = 1 - SE²/s²p, at least 0.
    """
    if cycle.person_variance <= 0:
        return np.zeros_like(evidence), np.zeros_like(evidence)
    widened = cycle.inflation**2
    reliability = (evidence + (1 - widened)) / (1 + evidence)
    error = np.sqrt(widened * cycle.person_variance / (1 + evidence))
    return np.maximum(reliability, 0.0), error


def evidence(estimates: Estimates) -> Floats:
    """Return the information of each person's forms in units of 1/s²p."""
    cycle = estimates.cycle
    if cycle.person_variance <= 0:
        return np.zeros_like(estimates.score)
    widened = cycle.inflation**2 * cycle.person_variance
    return np.maximum(widened / estimates.standard_error**2 - 1, 0.0)


def interval(score: Floats, half_width: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the interval, clipped to the scale."""
    return (
        np.clip(score - half_width, LOWEST, HIGHEST),
        np.clip(score + half_width, LOWEST, HIGHEST),
    )
