"""Decides whether a figure may be shown; every output goes through it.

Its law: an API row, page, chart, file or webhook shows what `shown` returned, never the
figure itself, and says of those who gave it only what the `Verdict` says.

Thresholds count distinct people with valid forms, and distinct organisations other than
the subject's. Five people for a number: unanimity, which gives everybody away, befalls
9.6 % of groups of three, 1.2 % of five. Words are moderated one by one, so three do.

Counts leave as bands whose edges are the thresholds themselves, so that below 13 a band
says no more than the state beside it already does. Nothing at all is said of a group
that is too small: "3-4" next to a number suppressed is a hint about who answered.

An average close to either end of the scale is shown as that and no nearer: five answers
of 5 could be nothing else. Of several figures of one person never just one is missing,
since the others and a total would tell it. How people of many groups are distributed
goes through `counts.table_shown`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Final

RATER_BANDS: Final = (0, 3, 5, 8, 13)
"""The fewest raters of each band: 0-2, 3-4, 5-7, 8-12, 13+."""
ORGANISATION_BANDS: Final = (0, 2, 4)
"""The fewest organisations of each band: 0-1, 2-3, 4+."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The fewest raters, and other organisations, behind anything shown."""

    raters: int
    organisations: int


NUMBER: Final = Thresholds(raters=5, organisations=2)
WORDS: Final = Thresholds(raters=3, organisations=2)
"""For free text, and for a band in words without a number."""


CATEGORY: Final = 3
"""The fewest raters of a category that is told apart; smaller ones are merged."""
HIGH: Final = 4.8
LOW: Final = 1.2
"""From here on outwards an average of answers from 1 to 5 is only said to be there."""


class Shortfall(StrEnum):
    """Why too few people stand behind a figure."""

    BELOW_MINIMUM_RATERS = "below_minimum_raters"
    BELOW_MINIMUM_ORGANISATIONS = "below_minimum_organisations"


class Protecting(StrEnum):
    """Why a figure is not shown though people enough stand behind it."""

    PROTECTS_ANOTHER = "protects_another"


class Beyond(StrEnum):
    """What is said of an average that everybody's answer would follow from."""

    HIGH = "4.8_or_above"
    LOW = "1.2_or_below"


@dataclass(frozen=True, slots=True)
class Average:
    """What is shown of an average of answers from 1 to 5."""

    figure: float | None
    """To one decimal; None where it is suppressed, or beyond what is told."""
    beyond: Beyond | None
    reason: str | None
    """Why it is suppressed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a figure may be shown, and what may be said of who gave it."""

    reason: str | None
    """Machine-readable; None when the figure may be shown."""
    raters: str | None
    """A band such as `5-7`; None when suppressed."""
    organisations: str | None
    """A band such as `2-3`; None when suppressed."""

    @property
    def may_show(self) -> bool:
        """Whether the figure may be shown."""
        return self.reason is None


def verdict(
    raters: int,
    organisations: int,
    thresholds: Thresholds = NUMBER,
    *,
    because: StrEnum | None = None,
) -> Verdict:
    """Return whether a figure from so many raters and organisations may be shown.

    `because` is a reason the caller's own rules found; it suppresses whatever the
    counts are. Of two shortfalls organisations come first: a rater from one more
    organisation makes good both. Raises ValueError for a negative count.
    """
    rater_band = _band(raters, RATER_BANDS)
    organisation_band = _band(organisations, ORGANISATION_BANDS)
    if because is not None:
        return Verdict(because.value, None, None)
    if organisations < thresholds.organisations:
        return Verdict(Shortfall.BELOW_MINIMUM_ORGANISATIONS.value, None, None)
    if raters < thresholds.raters:
        return Verdict(Shortfall.BELOW_MINIMUM_RATERS.value, None, None)
    return Verdict(None, rater_band, organisation_band)


def _band(count: int, starts: Sequence[int]) -> str:
    start = _start(count, starts)
    after = [other for other in starts if other > start]
    return f"{start}-{after[0] - 1}" if after else f"{start}+"


def _start(count: int, starts: Sequence[int]) -> int:
    if count < 0:
        raise ValueError(f"A count of {count} cannot be: count people, not changes.")
    return max(start for start in starts if start <= count)


def fewest(raters: int) -> int:
    """Return the fewest raters of the band that `raters` falls in.

    A published figure that depends on the number of raters is computed for this many;
    otherwise the figure gives away the count that the band hides.
    """
    return _start(raters, RATER_BANDS)


def shown(figure: float, verdict: Verdict) -> float | None:
    """Return the figure to one decimal, or None where it is suppressed.

    None is the only stand-in: a suppressed or missing figure is never 0. Raises
    ValueError for NaN and infinity, which no output may carry.
    """
    if not isfinite(figure):
        raise ValueError(f"{figure} is not a figure: pass None on instead of showing.")
    if not verdict.may_show:
        return None
    return round(float(figure), 1) + 0.0  # "-0.0" would tell the sign of a small figure


def average(total: float, raters: int, verdict: Verdict) -> Average:
    """Return what is shown of `total` over `raters`, by a verdict on those raters.

    Rounded first, compared then: of five answers at least two sums stay possible.
    """
    if not verdict.may_show:
        return Average(None, None, verdict.reason)
    figure = shown(total / raters, verdict)
    if figure is not None and figure >= HIGH:
        return Average(None, Beyond.HIGH, None)
    if figure is not None and figure <= LOW:
        return Average(None, Beyond.LOW, None)
    return Average(figure, None, None)


def protected(
    found: Mapping[str, Average], raters: Mapping[str, int]
) -> dict[str, Average]:
    """Return averages of which none can be worked out from the others and a total.

    Where just one is missing, so is the one of the next fewest `raters` (the first by
    name, of several).
    """
    left = [name for name, each in found.items() if each.reason is None]
    if len(found) - len(left) != 1 or not left:
        return dict(found)
    besides = min(left, key=lambda name: (raters[name], name))
    hidden = Average(None, None, Protecting.PROTECTS_ANOTHER.value)
    return {**found, besides: hidden}


def merged(raters: Mapping[str, int]) -> list[frozenset[str]]:
    """Return categories put together until each that is left has `CATEGORY` raters.

    The smallest are put together first (the first by name, of several); one alone is
    left too small where there are too few raters in all.
    """
    parts = sorted((count, [name]) for name, count in raters.items() if count)
    while len(parts) > 1 and parts[0][0] < CATEGORY:
        (few, some), (more, others), *rest = parts
        parts = sorted([(few + more, sorted(some + others)), *rest])
    return [frozenset(names) for _, names in parts]
