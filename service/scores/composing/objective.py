"""What objectives say of a person, and how surely, against all people of a cycle.

Pure. Whoever takes part in an objective has its attainment whole: a role changes how
much it weighs in their own mean and never divides the credit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple
from uuid import UUID

from service.objectives.rules import ContributionRole, Kind
from service.records.combining import Attainment
from service.scores.composing.method import PARAMETERS, Parameters

NOISE: Final = 1e-12
"""A sum of squares or of weights below it is floating-point noise."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """One objective, as it stands on one record."""

    objective: UUID
    title: str
    kind: Kind
    is_own: bool
    """On this record, rather than contributed to from it."""
    counts: bool
    """Whether it was agreed, and what its person does in it accepted."""
    role: ContributionRole | None
    """None for an accountable owner without a contribution of their own."""
    element: str | None
    standard: str | None
    weight: int | None
    """Whole per cent."""
    attainment: Attainment | None
    """None until it is countersigned."""


class Credit(NamedTuple):
    """One objective's attainment, None while it is not assessed, and its weight."""

    attained: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class Summary:
    """One person's objectives together."""

    mean: float | None
    """o = Σ w a / Σ w; None unless all are assessed."""
    objectives: float
    """k = (Σ w)²/Σ w²: so many of equal weight would say as much."""
    squares: float
    """Σ w (a - o)²/Σ w."""
    coverage: float
    """Share of the weight that is assessed; 0 without any objective."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What the objectives of all people of a cycle say together."""

    people: int
    """With a mean of their own."""
    mean: float
    between: float
    """Variance of people."""
    ratio: float
    """k₀, the variance within people over that between them."""
    assumed: bool
    """Whether the ratio was taken as given because it could not be estimated."""

    @property
    def estimable(self) -> bool:
        """Whether objectives tell people apart at all."""
        return self.between > 0


class Standing(NamedTuple):
    """Where somebody stands in one part, in standard deviations of people."""

    z: float
    variance: float
    """Of what is not known of it: 1 without any evidence."""


def credits_of(
    objectives: Iterable[Assessed], by: Parameters = PARAMETERS
) -> list[Credit]:
    """Return what each objective that counts is worth; standards are no part of it."""
    counted = [
        each
        for each in objectives
        if each.counts and each.kind == Kind.DELIVERY_OBJECTIVE
    ]
    comparable = all(each.weight is not None for each in counted)
    return [
        Credit(
            None if each.attainment is None else by.attainment[each.attainment],
            float((each.weight if comparable else None) or 1) * _role(each, by),
        )
        for each in counted
    ]


def _role(each: Assessed, by: Parameters) -> float:
    return by.owner_without_contribution if each.role is None else by.role[each.role]


def summed(found: Sequence[Credit]) -> Summary:
    """Return what somebody's objectives come to; weights are above 0."""
    if not found:
        return Summary(None, 0.0, 0.0, 0.0)
    total = fsum(each.weight for each in found)
    objectives = total**2 / fsum(each.weight**2 for each in found)
    assessed = [(a, weight) for a, weight in found if a is not None]
    if len(assessed) < len(found):
        share = fsum(weight for _, weight in assessed) / total
        return Summary(None, objectives, 0.0, share)
    mean = fsum(a * weight for a, weight in assessed) / total
    squares = fsum(weight * (a - mean) ** 2 for a, weight in assessed) / total
    return Summary(mean, objectives, squares, 1.0)


def spread(people: Iterable[Summary], by: Parameters = PARAMETERS) -> Spread | None:
    """Return mean and variances by moments; None of fewer than two people.

    With E[Σ w (a - o)²/Σ w] = s²w (1 - 1/k) and Var o = s²b + s²w/k: s²w is the ratio
    of the sums of both sides, and s²b what the variance of the means is above the mean
    of s²w/k.
    """
    known = sorted(
        (each.mean, each.objectives, each.squares)
        for each in people
        if each.mean is not None
    )
    count = len(known)
    if count < 2:  # noqa: PLR2004 - one person differs from nobody
        return None
    mean = fsum(o for o, _, _ in known) / count
    total = fsum((o - mean) ** 2 for o, _, _ in known) / (count - 1)
    single = fsum(1 / k for _, k, _ in known) / count
    freedom = fsum(1 - 1 / k for _, k, _ in known)
    squares = fsum(each for _, _, each in known)
    if min(freedom, squares) <= NOISE:
        between = total / (1 + by.assumed_ratio * single)
        return _spread(count, mean, between, by.assumed_ratio, assumed=True)
    within = squares / freedom
    between = total - within * single
    ratio = within / between if between > NOISE else by.assumed_ratio
    return _spread(count, mean, between, ratio, assumed=False)


def _spread(
    people: int, mean: float, between: float, ratio: float, *, assumed: bool
) -> Spread:
    between = between if between > NOISE else 0.0
    return Spread(people, mean, between, ratio, assumed=assumed)


def standing(summary: Summary, among: Spread | None) -> Standing | None:
    """Return z = B(o - mean)/s_b and its variance 1 - B, B = k/(k + k₀).

    None where the person has no mean, or people do not differ.
    """
    if summary.mean is None or among is None or not among.estimable:
        return None
    pull = summary.objectives / (summary.objectives + among.ratio)
    z = pull * (summary.mean - among.mean) / sqrt(among.between)
    return Standing(z, 1 - pull)


def figures(
    found: Standing, among: Spread, by: Parameters = PARAMETERS
) -> tuple[float, float, float]:
    """Return value, low and high of the part from objectives, 0 to 100."""
    deviation = sqrt(among.between)
    middle = among.mean + deviation * found.z
    half = deviation * z_of(by.level) * sqrt(found.variance)
    scale = 100 / by.most
    value, low, high = (
        round(scale * min(max(each, 0.0), by.most), 1) + 0.0
        for each in (middle, middle - half, middle + half)
    )
    return value, low, high


def z_of(level: float) -> float:
    """Return how many standard errors to each side an interval of this level has."""
    return NormalDist().inv_cdf((1 + level) / 2)


def summaries(
    found: Mapping[UUID, Sequence[Assessed]], by: Parameters = PARAMETERS
) -> dict[UUID, Summary]:
    """Return each record's objectives together."""
    return {record: summed(credits_of(each, by)) for record, each in found.items()}
