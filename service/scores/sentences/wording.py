"""A score and its lines as sentences.

The law: a sentence says nothing that the figures beside it do not say, and writes each
as every page does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from service.records.framework_parts import Method
from service.scores.explaining import Part, Told, in_words
from service.scores.rules import Band, Reason, State
from service.scores.sentences.data import Words
from service.suppression import NUMBER, Beyond
from service.web.templating import number

UNCORRECTED: Final = frozenset({Method.MEAN})
"""Methods that leave aside how severe raters are."""
Figure: TypeAlias = float | str | None


class About(StrEnum):
    """What a sentence is about, in the order in which they are read."""

    STATE = "state"
    REASON = "reason"
    BAND = "band"
    TOTAL = "total"
    INTERVAL = "interval"
    METHOD = "method"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation: a figure or what stands for it, and a sentence."""

    part: Part
    title: str
    figure: float | None
    beyond: Beyond | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is told of a score as a whole; figures from 0 to 100, None without one."""

    state: State
    reason: Reason | None
    band: Band | None
    value: float | None
    low: float | None
    high: float | None
    total: float | None
    """What the lines add up to, where each has a figure."""
    method: Method


def lines(told: Told, method: Method, words: Words) -> list[Line]:
    """Return each line with its title and sentence, in order."""
    titles = {
        Part.SERVICE_AVERAGE: words.service_average.title,
        Part.OWN_AVERAGE: words.own_average.title,
        Part.RATER_SEVERITY: words.rater_severity.title,
        Part.LIMITED_EVIDENCE: words.limited_evidence.title,
    }
    sentences = {
        Part.SERVICE_AVERAGE: words.service_average.says,
        Part.OWN_AVERAGE: _own(told[Part.OWN_AVERAGE], words),
        Part.RATER_SEVERITY: _severity(told[Part.RATER_SEVERITY], method, words),
        Part.LIMITED_EVIDENCE: _pull(told[Part.LIMITED_EVIDENCE], words),
    }
    return [
        Line(part, titles[part], *_split(figure), _said(sentences[part], figure))
        for part, figure in ((part, told[part]) for part in Part)
    ]


def _own(figure: Figure, words: Words) -> str:
    own = words.own_average
    if isinstance(figure, str):
        return own.high if Beyond(figure) is Beyond.HIGH else own.low
    return own.level if not figure else own.above if figure > 0 else own.below


def _severity(figure: Figure, method: Method, words: Words) -> str:
    if method in UNCORRECTED or not isinstance(figure, float):
        return words.rater_severity.not_corrected
    return words.rater_severity.degrees[in_words(figure)]


def _pull(figure: Figure, words: Words) -> str:
    pull = words.limited_evidence
    if not isinstance(figure, float):
        return pull.untold
    return pull.nothing if not figure else pull.adds if figure > 0 else pull.takes_off


def _split(figure: Figure) -> tuple[float | None, Beyond | None]:
    return (None, Beyond(figure)) if isinstance(figure, str) else (figure, None)


def _said(sentence: str, figure: Figure) -> str:
    """Return a sentence with its figure, which the words around it give a sign."""
    size = number(abs(figure)) if isinstance(figure, float) else ""
    return sentence.format(figure=size)


def sentences(on: Standing, words: Words) -> Iterator[tuple[About, str]]:
    """Return what is said of a score as a whole, in the order in which it is read."""
    yield About.STATE, words.states[on.state]
    if on.reason is not None:
        yield (
            About.REASON,
            words.reasons[on.reason].format(
                raters=NUMBER.raters, organisations=NUMBER.organisations
            ),
        )
    if on.band is not None:
        yield About.BAND, words.bands[on.band]
    if on.value is not None:
        value = number(on.value)
        yield (
            About.TOTAL,
            words.value.format(value=value)
            if on.total is None
            else words.total.format(score=number(on.total), value=value),
        )
    if on.low is not None and on.high is not None:
        low, high = number(on.low), number(on.high)
        yield About.INTERVAL, words.interval.format(low=low, high=high)
    if on.value is not None or on.band is not None:
        yield About.METHOD, words.methods[on.method]
