"""What the objectives of a record may weigh under its framework.

Its law: too much is refused, too little is only said, for objectives come one by one.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from service.errors import Fault, Unprocessable
from service.records.framework_parts import WHOLE, Element
from service.records.frameworks import Framework


class Standing(StrEnum):
    """Where an element's weight stands against the framework's limits."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"


class UnknownElement(Unprocessable):
    """The framework does not have this element."""

    slug = "objective-element-unknown"


class BadWeight(Unprocessable):
    """A weight is a whole percentage from 1 to 100."""

    slug = "objective-weight-invalid"


class WeightsOverWhole(Unprocessable):
    """The weights of a record's objectives sum to more than 100."""

    slug = "objective-weights-over-whole"


class WeightOverMaximum(Unprocessable):
    """An element weighs more than the framework allows."""

    slug = "objective-weight-too-high"


class HeavierThanHeaviest(Unprocessable):
    """An element outweighs the one that the framework says is the heaviest."""

    slug = "objective-weight-above-heaviest"


def check_weights(framework: Framework, weights: Mapping[str, Sequence[int]]) -> None:
    """Refuse weights of a record's objectives, per element in per cent.

    No element outweighs the heaviest before the heaviest has an objective at all: one
    of them is entered first. Until then `standing` says that it is below.
    """
    elements = {element.code: element for element in framework.elements}
    for code in weights:
        if code not in elements:
            known = ", ".join(elements) or "none: leave the element out"
            detail = f"{framework.title} has no element {code!r}; it has {known}."
            raise UnknownElement(detail, faults=[Fault(detail, pointer="#/element")])
    for weight in (weight for each in weights.values() for weight in each):
        if not 1 <= weight <= WHOLE:
            detail = f"A weight of {weight} is none: give a whole percentage, 1 to 100."
            raise BadWeight(detail, faults=[Fault(detail, pointer="#/weight")])
    totals = _totals(weights)
    if (total := sum(totals.values())) > WHOLE:
        detail = f"The weights sum to {total}: take at least {total - WHOLE} off."
        raise WeightsOverWhole(detail, faults=[Fault(detail, pointer="#/weight")])
    for code, each in totals.items():
        _check_element(elements[code], each)
    for heaviest in framework.elements:
        if heaviest.is_heaviest and totals.get(heaviest.code):
            _check_heaviest(heaviest, totals)


def _totals(weights: Mapping[str, Sequence[int]]) -> dict[str, int]:
    return {code: sum(each) for code, each in weights.items()}


def _check_element(element: Element, total: int) -> None:
    if element.maximum_weight is not None and total > element.maximum_weight:
        detail = (
            f"{element.title} would weigh {total}: give it at most"
            f" {element.maximum_weight}."
        )
        raise WeightOverMaximum(detail, faults=[Fault(detail, pointer="#/weight")])


def _check_heaviest(heaviest: Element, totals: Mapping[str, int]) -> None:
    for code, total in totals.items():
        if total > totals[heaviest.code]:
            detail = (
                f"{code} would weigh {total} and {heaviest.code}"
                f" {totals[heaviest.code]}: nothing may outweigh {heaviest.title}."
            )
            raise HeavierThanHeaviest(
                detail, faults=[Fault(detail, pointer="#/weight")]
            )


def standing(
    framework: Framework, weights: Mapping[str, Sequence[int]]
) -> dict[str, Standing]:
    """Return where each element of the framework stands, in the framework's order."""
    totals = _totals(weights)
    return {
        element.code: _standing(element, totals.get(element.code, 0), totals)
        for element in framework.elements
    }


def _standing(element: Element, total: int, totals: Mapping[str, int]) -> Standing:
    if element.maximum_weight is not None and total > element.maximum_weight:
        return Standing.ABOVE
    is_outweighed = element.is_heaviest and total < max(totals.values(), default=0)
    if is_outweighed or total < (element.minimum_weight or 0):
        return Standing.BELOW
    return Standing.WITHIN
