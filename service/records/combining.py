"""What a record's assessed objectives combine to, as its framework says.

Its law: what is missing is never zero, and the rest is never re-weighted to fill its
place: while any part is missing there is no score and no level.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final, NamedTuple

from service.errors import Fault, Unprocessable
from service.records.framework_parts import (
    WHOLE,
    Gate,
    LowerOfTwo,
    Ratings,
    Uncombined,
    Weighted,
)
from service.records.frameworks import Framework


class Attainment(StrEnum):
    """How far an objective was attained. Stands in order, the least first."""

    NOT_MET = "not_met"
    PARTLY_MET = "partly_met"
    MET = "met"
    EXCEEDED = "exceeded"
    FAR_EXCEEDED = "far_exceeded"


RATINGS: Final[Mapping[Attainment, int]] = MappingProxyType(
    {attainment: rating for rating, attainment in enumerate(Attainment, start=1)}
)
"""The rating that each attainment stands for. Ours, for no framework publishes one:
both run over five steps in order, with what was asked for in the middle."""
ATTAINMENTS: Final = tuple(Attainment)


class Reason(StrEnum):
    """Why there is no level."""

    NOTHING_TO_COMBINE = "nothing_to_combine"
    NOT_ASSESSED = "not_assessed"
    OUTSIDE_THE_FRAMEWORK = "outside_the_framework"
    WEIGHTS_INCOMPLETE = "weights_incomplete"
    NO_SCALE = "no_scale"  # Of five levels, to read an attainment off.
    A_NAMED_HUMAN_JUDGES = "a_named_human_judges"


class StandardIsNotRated(Unprocessable):
    """A minimum standard is met or not met, never rated."""

    slug = "objective-standard-not-rated"


@dataclass(frozen=True, slots=True)
class Part:
    """One objective of a record: under an element, or a minimum standard."""

    element: str | None
    standard: str | None
    weight: int | None
    """Whole per cent of the record."""
    attainment: Attainment | None
    """None until it is assessed."""
    name: str | None = None
    """What to call it where it is missing, unless its element or standard will do."""


@dataclass(frozen=True, slots=True)
class Combined:
    """What the parts combine to, or why there is no result."""

    rule: str
    assessed: int
    of: int
    """All parts: elements without any objective count among them."""
    missing: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    """Parts that the framework has no place for."""
    score: int | None = None
    """Weighted only: 100 to 500."""
    level: str | None = None
    """Code of a level of the framework's scale."""
    attainment: Attainment | None = None
    """Lower-of-two only: the lower element's, whatever the scale."""
    decided_by: tuple[str, ...] = ()
    """What settles the level alone: standards not met, elements at their lowest
    rating, the lower of two."""
    reason: Reason | None = None
    """Why there is no level; none where there is one."""


class Rated(NamedTuple):
    """One assessed objective of an element."""

    element: str
    weight: int | None
    rating: int


def check_attainment(attainment: Attainment, *, is_standard: bool) -> None:
    """Refuse to rate a minimum standard."""
    if is_standard and attainment not in {Attainment.MET, Attainment.NOT_MET}:
        detail = f"A minimum standard cannot be {attainment}: say met or not_met."
        raise StandardIsNotRated(detail, faults=[Fault(detail, pointer="#/attainment")])


def combine(framework: Framework, parts: Sequence[Part]) -> Combined:
    """Return what the parts combine to under the framework's own rule."""
    found = _covered(framework, parts)
    if found.reason:
        return found
    match framework.combination:
        case Weighted() as rule:
            return _weighted(rule, _rated(parts), found)
        case Gate() as rule:
            return _gated(rule, parts, found)
        case LowerOfTwo():
            return _lower_of_two(framework.ratings, _rated(parts), found)
        case Uncombined():
            return replace(found, reason=Reason.A_NAMED_HUMAN_JUDGES)


def _covered(framework: Framework, parts: Sequence[Part]) -> Combined:
    """Return how much is assessed, with the reason where that is not enough."""
    needed = _needed(framework)
    lacking = needed - {part.element for part in parts if part.standard is None}
    unassessed = [part for part in parts if part.attainment is None]
    outside = [part for part in parts if not _has_place(framework, part, needed)]
    reason = None
    if not parts:
        reason = Reason.NOTHING_TO_COMBINE
    elif unassessed or lacking:
        reason = Reason.NOT_ASSESSED
    elif outside:
        reason = Reason.OUTSIDE_THE_FRAMEWORK
    return Combined(
        rule=framework.combination.rule,
        assessed=len(parts) - len(unassessed),
        of=len(parts) + len(lacking),
        missing=tuple(sorted({*map(_called, unassessed), *lacking})),
        outside=tuple(sorted(set(map(_called, outside)))),
        reason=reason,
    )


def _needed(framework: Framework) -> set[str]:
    """Return the elements without which the rule has nothing to combine.

    Standards are none of them: HR assesses on its own those that no department shares.
    """
    match framework.combination:
        case Weighted():
            return {element.code for element in framework.elements}
        case LowerOfTwo(elements=elements):
            return set(elements)
        case Gate() | Uncombined():
            return set()


def _has_place(framework: Framework, part: Part, needed: set[str]) -> bool:
    if part.standard is not None:
        return part.standard in {each.code for each in framework.minimum_standards}
    if needed:
        return part.element in needed
    known = {element.code for element in framework.elements}
    return part.element is None or part.element in known


def _called(part: Part) -> str:
    return part.name or part.standard or part.element or "an objective of no element"


def _rated(parts: Sequence[Part]) -> list[Rated]:
    return [
        Rated(part.element, part.weight, RATINGS[part.attainment])
        for part in parts
        if part.element and part.standard is None and part.attainment
    ]


def _weighted(rule: Weighted, rated: Sequence[Rated], found: Combined) -> Combined:
    weights = [each.weight for each in rated if each.weight]
    if len(weights) < len(rated) or sum(weights) != WHOLE:
        return replace(found, reason=Reason.WEIGHTS_INCOMPLETE)
    score = sum(
        each.rating * weight for each, weight in zip(rated, weights, strict=True)
    )
    lowest = [
        element
        for element, rating in element_ratings(rated).items()
        if rating <= rule.lowest_rating
    ]
    # Between the lowest rating and the lowest band lies no other level: an element of
    # several objectives, whose rating is no whole number, can fall between the two.
    levels = [
        band.level for band in rule.bands if score >= band.at_least and not lowest
    ]
    level = levels[0] if levels else rule.lowest_rating_gives
    return replace(found, score=score, level=level, decided_by=tuple(sorted(lowest)))


def _gated(rule: Gate, parts: Sequence[Part], found: Combined) -> Combined:
    not_met = {
        part.standard
        for part in parts
        if part.standard
        and part.attainment
        and RATINGS[part.attainment] < RATINGS[Attainment.MET]
    }
    if not_met:
        return replace(
            found, level=rule.not_met_gives, decided_by=tuple(sorted(not_met))
        )
    return replace(found, reason=Reason.A_NAMED_HUMAN_JUDGES)


def _lower_of_two(scale: Ratings, rated: Sequence[Rated], found: Combined) -> Combined:
    if len({each.weight is None for each in rated}) > 1:
        return replace(found, reason=Reason.WEIGHTS_INCOMPLETE)
    ratings = element_ratings(rated)
    lower = min(ratings.values())
    step = int(lower)  # A level is reached whole or not at all.
    found = replace(
        found,
        attainment=ATTAINMENTS[step - 1],
        decided_by=tuple(sorted(e for e, rating in ratings.items() if rating == lower)),
    )
    if len(scale.levels) != len(ATTAINMENTS):
        return replace(found, reason=Reason.NO_SCALE)
    return replace(found, level=scale.levels[-step].code)


def element_ratings(rated: Sequence[Rated]) -> dict[str, Fraction]:
    """Return the weighted mean, 1 to 5, of each element's objectives.

    Where none has a weight, each counts the same.
    """
    weights: defaultdict[str, int] = defaultdict(int)
    sums: defaultdict[str, int] = defaultdict(int)
    for element, weight, rating in rated:
        weights[element] += weight or 1
        sums[element] += rating * (weight or 1)
    return {element: Fraction(sums[element], weights[element]) for element in sums}
