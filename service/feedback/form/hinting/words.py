"""A text as words, and the lists that they are held against.

The law: each step looks at a word and a fixed number of its neighbours, so that time
grows as the text does.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
OPENERS: Final = re.compile(r"[.!?:\n•]")
NEAR: Final = re.compile(r"\s{1,3}|\s?-\s?|[\u2010\u2011]")
"""What may lie between the words of a phrase."""
LONGEST_PHRASE: Final = 5


class Kind(StrEnum):
    """What a word may give away."""

    DATE = "date"
    TIME = "time"
    PLACE = "place"
    NAME = "name"
    MEETING = "meeting"
    TEAM = "team"
    ORGANISATION = "organisation"
    EMAIL = "email"
    PHONE = "phone"
    JOB_TITLE = "job_title"
    FORMER = "former"
    RARE_ROLE = "rare_role"


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands in a text: from `start` up to, not including, `end`."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text."""

    start: int
    end: int
    text: str
    folded: str
    """In small letters, with straight apostrophes and no possessive."""
    opens: bool
    """Whether it may begin a sentence, where a capital tells nothing."""
    near: bool
    """Whether it can belong to a phrase with the word before."""

    @property
    def capital(self) -> bool:
        """Say whether it begins with a capital letter."""
        return self.text[0].isupper()


def words_of(text: str) -> list[Word]:
    """Return the words of a text in order."""
    found: list[Word] = []
    before = 0
    for match in WORD.finditer(text):
        start, end = match.span()
        gap, written = text[before:start], match.group()
        folded = written.casefold().replace("\u2019", "'")
        found.append(
            Word(
                start,
                end,
                written,
                folded.removesuffix("'s"),
                opens=before == 0 or OPENERS.search(gap) is not None,
                near=before > 0 and NEAR.fullmatch(gap) is not None,
            )
        )
        before = end
    return found


def runs(words: Sequence[Word], at: int, most: int) -> Iterator[tuple[int, str]]:
    """Give the phrases of up to `most` words that begin at a word, longest first.

    Each comes with the place after its last word.
    """
    last = at + 1
    while last < len(words) and last - at < most and words[last].near:
        last += 1
    for end in range(last, at, -1):
        yield end, " ".join(word.folded for word in words[at:end])


def over(words: Sequence[Word], first: int, end: int, kind: Kind) -> Span:
    """Return the span of the words from `first` up to, not including, `end`."""
    return Span(words[first].start, words[end - 1].end, kind)


@cache
def lists() -> Mapping[str, Any]:
    """Return the lists as `lists.toml` has them."""
    path = Path(__file__).with_name("lists.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def listed(table: str, name: str) -> frozenset[str]:
    """Return one list of one table."""
    return frozenset(lists()[table][name])
