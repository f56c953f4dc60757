"""What a score adds up from, and what of that its subject and line manager are told.

Pure. The law: the lines add up, as kept to 1e-9 and as told to one decimal, and neither
who answered nor what anybody answered follows from what is told: of raters' severity
there is one figure for all of them together, and never a rater's own.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from service import suppression
from service.scores.rules import Decision, figure


class Part(StrEnum):
    """The lines that add up to a score, in order."""

    SERVICE_AVERAGE = "service_average"
    OWN_AVERAGE = "own_average"
    RATER_SEVERITY = "rater_severity"
    LIMITED_EVIDENCE = "limited_evidence"


class Severity(StrEnum):
    """How raters as a group compare with all raters, in words."""

    NEITHER = "neither"
    SLIGHTLY_GENEROUS = "slightly_generous"
    GENEROUS = "generous"
    VERY_GENEROUS = "very_generous"
    SLIGHTLY_SEVERE = "slightly_severe"
    SEVERE = "severe"
    VERY_SEVERE = "very_severe"


Told: TypeAlias = Mapping[Part, float | str | None]
"""Each line as a figure, as a `suppression.Beyond`, or not at all."""
GENEROUS: Final = (
    Severity.SLIGHTLY_GENEROUS,
    Severity.GENEROUS,
    Severity.VERY_GENEROUS,
)
SEVERE: Final = (Severity.SLIGHTLY_SEVERE, Severity.SEVERE, Severity.VERY_SEVERE)
DEGREES: Final = (0.05, 0.25, 0.45)
"""From how much on, on the 1-5 scale, the first, second and third of them are said."""


def explain(
    raw: float, mean: float, pull: float, severity: float = 0.0
) -> Mapping[Part, float]:
    """Return the lines of a score on the 1-5 scale; their sum is the score to 1e-9.

    score = μ + B(raw - μ - severity): `mean` is the cycle's μ, `pull` B, from 0 to 1,
    and `severity` how generous (above 0) the raters are as a group; a method that does
    not correct for it leaves it out.
    """
    return MappingProxyType(
        {
            Part.SERVICE_AVERAGE: mean,
            Part.OWN_AVERAGE: raw - mean,
            Part.RATER_SEVERITY: 0.0 - severity,  # so that nought has no sign
            Part.LIMITED_EVIDENCE: (pull - 1) * (raw - mean - severity),
        }
    )


def explanation_shown(parts: Mapping[Part, float], decision: Decision) -> Told | None:
    """Return the lines as subject and manager may see them; None without a number.

    Rounded to 0.1; the last absorbs the rest, so they add up to the rounded score. A
    number takes five raters, and so does saying what they are like as a group. An
    average near an end of the scale is told as that alone, and the pull then not at
    all: it would give the average back by subtraction.
    """
    rest = figure(sum(parts.values()), decision)
    if rest is None:
        return None
    told: dict[Part, float | str | None] = {}
    for part in (Part.SERVICE_AVERAGE, Part.OWN_AVERAGE, Part.RATER_SEVERITY):
        told[part] = rounded = round(parts[part], 1) + 0.0
        rest -= rounded
    told[Part.LIMITED_EVIDENCE] = round(rest, 1) + 0.0
    raw = parts[Part.SERVICE_AVERAGE] + parts[Part.OWN_AVERAGE]
    beyond = suppression.average(raw, 1, decision.verdict).beyond
    if beyond is not None:
        told[Part.OWN_AVERAGE] = beyond.value
        told[Part.LIMITED_EVIDENCE] = None
    return MappingProxyType(told)


def total(told: Told) -> float | None:
    """Return what lines that are told add up to; None where not all have a figure."""
    figures = [figure for figure in told.values() if isinstance(figure, float)]
    return round(sum(figures), 1) if len(figures) == len(told) else None


def in_words(correction: float) -> Severity:
    """Return what is said of raters whose severity this line corrects for.

    Whose marks are raised were severe, whose marks are lowered generous.
    """
    reached = sum(abs(correction) >= degree for degree in DEGREES)
    if not reached:
        return Severity.NEITHER
    return (SEVERE if correction > 0 else GENEROUS)[reached - 1]
