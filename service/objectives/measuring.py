"""Whether an indicator of an objective is improving, by its own criterion for change.

Its law: figures are decimals of at most 12 digits before the point and 6 after it, so
that no difference is ever rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from service.errors import Fault, Unprocessable

TOO_LARGE: Final = Decimal(10) ** 12
FINEST: Final = Decimal("0.000001")
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)


class Direction(StrEnum):
    """Which way is better."""

    INCREASE = "increase"
    DECREASE = "decrease"
    MAINTAIN = "maintain"
    """Towards the target, from either side."""


class ComparedWith(StrEnum):
    """What the latest reading is held against."""

    BASELINE = "baseline"
    PREVIOUS = "previous"
    """The reading before; the baseline, where there is none."""


class Trend(StrEnum):
    """What the latest reading says."""

    IMPROVING = "improving"
    MAINTAINING = "maintaining"
    WORSENING = "worsening"


class BadIndicator(Unprocessable):
    """An indicator's figures do not fit together."""

    slug = "indicator-invalid"


class BadReading(Unprocessable):
    """A reading is not a figure that can be kept."""

    slug = "indicator-reading-invalid"


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is measured, from where, to where; every figure in its unit."""

    baseline: Decimal
    target: Decimal
    direction: Direction
    unit: str
    change_at: Decimal = ZERO
    """The smallest difference that counts as a change; 0: any difference."""
    compared_with: ComparedWith = ComparedWith.BASELINE


def check_indicator(indicator: Indicator) -> None:
    """Refuse figures that cannot be kept, or a target in the wrong direction."""
    for field in ("baseline", "target", "change_at"):
        if fault := _fault(getattr(indicator, field)):
            raise _bad(field, f"The {field} {fault}")
    if indicator.change_at < 0:
        raise _bad(
            "change_at", "A change is told by a size: give change_at as 0 or more."
        )
    match indicator.direction:
        case Direction.INCREASE if indicator.target < indicator.baseline:
            where, other = "below", Direction.DECREASE
        case Direction.DECREASE if indicator.target > indicator.baseline:
            where, other = "above", Direction.INCREASE
        case _:
            return
    raise _bad(
        "target",
        f"To {indicator.direction}, the target cannot lie {where} the baseline: change"
        f" it, or make the direction {other}.",
    )


def _bad(field: str, detail: str) -> BadIndicator:
    return BadIndicator(detail, faults=[Fault(detail, pointer=f"#/{field}")])


def check_reading(value: Decimal) -> None:
    """Refuse a reading that cannot be kept."""
    if fault := _fault(value):
        detail = f"The reading {fault}"
        raise BadReading(detail, faults=[Fault(detail, pointer="#/value")])


def _fault(value: Decimal) -> str | None:
    """Return what is wrong with a figure; zeros at its end do not count."""
    if not value.is_finite():
        return "is not a number: give digits."
    if value.copy_abs() >= TOO_LARGE:  # Unlike `abs`, which rounds long figures.
        return "has more than 12 digits before the point: use a larger unit."
    if value != value.quantize(FINEST):
        return "has more than 6 digits after the point: round it."
    return None


def trend(indicator: Indicator, readings: Sequence[Decimal]) -> Trend | None:
    """Return what the last of the readings, oldest first, says; None without any."""
    if not readings:
        return None
    *earlier, latest = readings
    reference = indicator.baseline
    if earlier and indicator.compared_with is ComparedWith.PREVIOUS:
        reference = earlier[-1]
    gained = _gained(indicator, reference, latest)
    if gained == 0 or abs(gained) < indicator.change_at:
        return Trend.MAINTAINING
    return Trend.IMPROVING if gained > 0 else Trend.WORSENING


def _gained(indicator: Indicator, reference: Decimal, latest: Decimal) -> Decimal:
    """Return how much better the latest reading is, in the indicator's unit."""
    match indicator.direction:
        case Direction.INCREASE:
            return latest - reference
        case Direction.DECREASE:
            return reference - latest
        case Direction.MAINTAIN:
            return abs(reference - indicator.target) - abs(latest - indicator.target)


def progress(indicator: Indicator, reading: Decimal) -> Decimal | None:
    """Return the share of the way from baseline to target: below 0 is backwards.

    Above 1 is beyond the target. None where there is no way to go.
    """
    way = indicator.target - indicator.baseline
    if not way:
        return None
    return (reading - indicator.baseline) / way + ZERO  # Never a negative zero.


def plain_figure(value: Decimal) -> Decimal:
    """Return a figure that can be kept, without the zeros at its end: never 6E+1."""
    short = value.normalize()
    whole = short == short.to_integral_value()
    return (short.quantize(ONE) if whole else short) + ZERO  # Never a negative zero.
