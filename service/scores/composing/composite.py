"""Feedback and objectives together, as the framework composes them.

Pure. The law: a missing part is neither zero nor made up for by the other: there is no
composite then. A composite depends on feedback through its published figures alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import fsum, prod, sqrt
from statistics import NormalDist
from typing import Any, Final
from uuid import UUID

from service.records import combining
from service.records.combining import Combined, Part
from service.records.framework_parts import WHOLE, Gate, LowerOfTwo
from service.records.frameworks import Framework
from service.scores import rules
from service.scores.composing.method import PARAMETERS, Parameters
from service.scores.composing.objective import (
    Assessed,
    Spread,
    Standing,
    Summary,
    figures,
    spread,
    standing,
    summaries,
    z_of,
)
from service.scores.outcome import Outcome

HALVINGS: Final = 60
"""Of where a quantile lies: as near as floating point comes."""
WIDE: Final = 10.0
"""Standard deviations within which every quantile lies."""
SURE: Final = 1e-6
"""The smallest standard error a distribution is made of."""


class Name(StrEnum):
    """The parts of a score, and both together."""

    FEEDBACK = "feedback"
    OBJECTIVES = "objectives"
    COMPOSITE = "composite"


class Why(StrEnum):
    """Why a part from objectives, or a composite, has no figure."""

    NO_OBJECTIVES = "no_objectives"
    NOT_ASSESSED = "not_assessed"
    CYCLE_NOT_ESTIMABLE = "cycle_not_estimable"
    PART_MISSING = "part_missing"
    TOO_FEW_PEOPLE = "too_few_people"
    STANDARD_NOT_MET = "standard_not_met"


@dataclass(frozen=True, slots=True)
class Scale:
    """What the feedback on all people of a cycle says, on the 0-100 scale."""

    people: int
    mean: float
    deviation: float
    """Of people."""


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a score, or the composite, as it is published: 0 to 100."""

    name: Name
    weight: float
    """In the composite, 0 to 1."""
    coverage: float
    """Share of what belongs into it that there is, 0 to 1."""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None
    """Why there is no figure."""
    points: int | None = None
    """Composite only: by the framework's own arithmetic, on its own scale."""
    level: str | None = None
    """Composite only: code of the level that the framework's own rule gives."""

    def stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Person:
    """All that one person's components are made of."""

    outcome: Outcome
    objectives: Sequence[Assessed]
    summary: Summary
    heard: Standing | None
    """Where the feedback puts them."""
    attained: Standing | None
    """Where their objectives put them."""


def components(
    found: Mapping[UUID, Sequence[Assessed]],
    decided: Mapping[UUID, Outcome],
    scale: Scale | None,
    framework: Framework,
    by: Parameters = PARAMETERS,
) -> dict[UUID, tuple[Component, Component, Component]]:
    """Return feedback, objectives and composite of every record of `decided`."""
    known = {record: found.get(record, ()) for record in decided}
    every = summaries(known, by)
    among = spread(every.values(), by)
    fewest = min(each.people if each else 0 for each in (scale, among))
    composed = {}
    for record, outcome in decided.items():
        person = _Person(
            outcome,
            known[record],
            every[record],
            _heard(outcome, scale),
            standing(every[record], among),
        )
        composed[record] = (
            _feedback(outcome, framework),
            _objectives(person, among, framework, by),
            _composite(person, framework, by, few=fewest < by.fewest_people),
        )
    return composed


def without_feedback(parts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the stored parts of a score whose feedback people decided to withhold.

    What came of objectives stays; of the rest not one figure does.
    """
    nothing = dict.fromkeys(("value", "low", "high", "points", "level"))
    kept, left = [], 0.0
    for part in parts:
        if part["name"] == Name.OBJECTIVES:
            left = 0.0 if part["value"] is None else part["weight"]
            kept.append({**part})
        elif part["name"] == Name.FEEDBACK:
            kept.append({**part, **nothing, "coverage": 0.0})
        else:
            without = {"coverage": left, "reason": Why.PART_MISSING}
            kept.append({**part, **nothing, **without})
    return kept


def _heard(outcome: Outcome, scale: Scale | None) -> Standing | None:
    """Return where the published figures put somebody; None where there are none."""
    if scale is None or scale.deviation <= 0:
        return None
    if outcome.value is None or outcome.reliability is None:
        return None
    z = (outcome.value - scale.mean) / scale.deviation
    return Standing(z, 1 - outcome.reliability)


def _feedback(outcome: Outcome, framework: Framework) -> Component:
    return Component(
        Name.FEEDBACK,
        weight=framework.scoring.feedback_weight / WHOLE,
        coverage=0.0 if outcome.value is None else 1.0,
        value=outcome.value,
        low=outcome.low,
        high=outcome.high,
        reason=outcome.decision.reason,
    )


def _objectives(
    person: _Person, among: Spread | None, framework: Framework, by: Parameters
) -> Component:
    weight = framework.scoring.objectives_weight / WHOLE
    coverage = round(person.summary.coverage, 3)
    if among is None or person.attained is None:
        why = _why_none(person.summary)
        return Component(Name.OBJECTIVES, weight, coverage, reason=why)
    shown = figures(person.attained, among, by)
    return Component(Name.OBJECTIVES, weight, coverage, *shown)


def _why_none(summary: Summary) -> Why:
    if not summary.objectives:
        return Why.NO_OBJECTIVES
    return Why.NOT_ASSESSED if summary.mean is None else Why.CYCLE_NOT_ESTIMABLE


def _composite(
    person: _Person, framework: Framework, by: Parameters, *, few: bool
) -> Component:
    """Return both parts together, or why they are not put together."""
    scoring = framework.scoring
    sides = (
        (person.heard, scoring.feedback_weight / WHOLE),
        (person.attained, scoring.objectives_weight / WHOLE),
    )
    coverage = fsum(weight for part, weight in sides if part is not None)
    parts = [(part, weight) for part, weight in sides if part is not None]
    if len(parts) < len(sides):
        return _without(coverage, Why.PART_MISSING)
    if few:
        return _without(coverage, Why.TOO_FEW_PEOPLE)
    says = combining.combine(framework, _evidence(person, framework))
    if isinstance(framework.combination, Gate):
        if says.level is not None:
            return _without(coverage, Why.STANDARD_NOT_MET, says.level)
        if says.reason is combining.Reason.NOT_ASSESSED:
            return _without(coverage, Why.NOT_ASSESSED)
    if isinstance(framework.combination, LowerOfTwo):
        found = lower((part for part, _ in parts), by.level)
    else:
        found = weighed(parts, by.level)
    return _shown(found, person.outcome, says, by)


def _without(coverage: float, why: Why, level: str | None = None) -> Component:
    return Component(Name.COMPOSITE, 1.0, coverage, reason=why, level=level)


def _evidence(person: _Person, framework: Framework) -> list[Part]:
    """Return the record's own objectives that the framework's rule is applied to."""
    is_gate = isinstance(framework.combination, Gate)
    return [
        Part(each.element, each.standard, each.weight, each.attainment, each.title)
        for each in person.objectives
        if each.is_own and (each.standard is not None or not is_gate)
    ]


def weighed(
    parts: Sequence[tuple[Standing, float]], level: float
) -> tuple[float, float, float]:
    """Return C = Σ w z and its interval, SE² = Σ w² Var, in standard deviations."""
    value = fsum(weight * part.z for part, weight in parts)
    error = sqrt(fsum(weight**2 * part.variance for part, weight in parts))
    half = z_of(level) * error
    return value, value - half, value + half


def lower(parts: Iterable[Standing], level: float) -> tuple[float, float, float]:
    """Return the lower of two parts, and the interval of the lower of two quantities.

    P(lower ≤ x) = 1 - Π (1 - Φ((x - z)/√Var)): its 90 % interval holds the lower of the
    two figures always, since P there is between a half and three quarters.
    """
    both = [NormalDist(part.z, max(sqrt(part.variance), SURE)) for part in parts]
    tail = (1 - level) / 2
    value = min(each.mean for each in both)
    return value, _quantile(both, tail), _quantile(both, 1 - tail)


def _quantile(both: Sequence[NormalDist], probability: float) -> float:
    low = min(each.mean - WIDE * each.stdev for each in both)
    high = max(each.mean + WIDE * each.stdev for each in both)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if 1 - prod(1 - each.cdf(middle) for each in both) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _shown(
    found: tuple[float, float, float],
    outcome: Outcome,
    says: Combined,
    by: Parameters,
) -> Component:
    """Return a composite as published: through the gate of the feedback in it."""
    value, low, high = (
        rules.figure(
            min(max(by.middle + by.per_deviation * each, 0.0), 100.0), outcome.decision
        )
        for each in found
    )
    return Component(
        Name.COMPOSITE, 1.0, 1.0, value, low, high, None, says.score, says.level
    )
