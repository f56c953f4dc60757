"""What is told by a phrase: whose team, which meeting, what post, what past.

The law: as for words; nothing is matched across the end of a sentence or a comma.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Final

from service.feedback.form.hinting.words import (
    LONGEST_PHRASE,
    Kind,
    Span,
    Word,
    listed,
    lists,
    over,
    runs,
)

BETWEEN: Final = 2
"""Words that may stand between `our` and what is ours: our first monthly meeting."""
BETWEEN_US: Final = 3
"""Words that may stand between `I` and `you`."""


def phrases(words: Sequence[Word]) -> Iterator[Span]:
    """Give every phrase that tells something by itself, and what is the writer's."""
    told, own = _told(), listed("own", "words")
    for at, word in enumerate(words):
        if word.folded in own:
            yield from _own(words, at)
        yield from _between_us(words, at)
        for end, phrase in runs(words, at, LONGEST_PHRASE):
            if phrase in told:
                yield over(words, at, end, told[phrase])
                break


@cache
def _told() -> Mapping[str, Kind]:
    table = lists()
    titles, only = table["titles"], table["only"]
    found = {
        phrase: Kind(kind)
        for kind, phrases in table["phrases"].items()
        for phrase in phrases
    }
    for pair in product(titles["before"], titles["after"]):
        found[" ".join(pair)] = Kind.JOB_TITLE
    for pair in product(only["before"], only["after"]):
        found[" ".join(pair)] = Kind.RARE_ROLE
    return found


def _own(words: Sequence[Word], at: int) -> Iterator[Span]:
    """Give what `our` at this place is followed by, if it tells something."""
    nouns, neither = _nouns(), listed("own", "neither")
    for first in range(at + 1, min(at + 2 + BETWEEN, len(words))):
        if not words[first].near:
            return
        for end, phrase in runs(words, first, LONGEST_PHRASE):
            if phrase in neither:
                break
            if phrase in nouns or phrase.removesuffix("s") in nouns:
                yield over(words, at, end, nouns.get(phrase) or nouns[phrase[:-1]])
                return


@cache
def _nouns() -> Mapping[str, Kind]:
    own = lists()["own"]
    return {phrase: kind for kind in (Kind.TEAM, Kind.MEETING) for phrase in own[kind]}


def _between_us(words: Sequence[Word], at: int) -> Iterator[Span]:
    """Give what passed between the writer and the reader: I told you, you rang us."""
    if words[at].folded in listed("said", "first"):
        goal = listed("said", "second")
    elif words[at].folded in listed("said", "second"):
        goal = listed("said", "others")
    else:
        return
    for end in range(at + 1, min(at + 2 + BETWEEN_US, len(words))):
        word = words[end]
        if not word.near or word.folded in listed("said", "wishing"):
            return
        if word.folded in goal:
            if end > at + 1:
                yield over(words, at, end + 1, Kind.MEETING)
            return
