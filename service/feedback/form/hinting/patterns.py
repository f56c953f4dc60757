"""What is told by figures and signs: dates, times, telephone numbers, e-mail.

The law: every pattern has a bounded length or eats what it fails on, so that none looks
at a character more than a fixed number of times.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from service.feedback.form.hinting.words import Kind, Span, Word, listed, over

CLOCK: Final = re.compile(
    r"(?<![\d:.])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])(?:\s?[ap]\.?m\b\.?)?"
    r"|(?<![\d:.])\d{1,2}(?:\.[0-5]\d)?\s?[ap]\.?m\b\.?",
    re.IGNORECASE,
)
FIGURES: Final = re.compile(
    r"(?<![\d/.-])(?:\d{1,2}([/.-])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}([/-])\d{1,2}\2\d{1,2})"
    r"(?![\d/-])|(?<!\d)20\d\d[/-]\d\d(?![\d/-])"
)
"""12/03/2025, 3.2.25, 2025-03-12, 2025-26."""
DIGITS: Final = re.compile(r"[+(]?\d[\d() \u00a0-]*")
FEWEST_DIGITS: Final = 9
MOST_DIGITS: Final = 15
CHUNK: Final = re.compile(r"[^\s<>()\[\],;]+")
LONGEST_ADDRESS: Final = 254
YEAR: Final = re.compile(r"(?:19[89]|20[0-4])\d")
DAY: Final = re.compile(r"(?:[1-9]|[12]\d|3[01])(?:st|nd|rd|th|af|ail|ydd|fed|eg)?")
AGO: Final = 2
"""Words before `ago` that say how long."""
REACH: Final = 4
"""Words on either side that a date may take in."""


def patterns(text: str) -> Iterator[Span]:
    """Give what figures and signs alone tell."""
    for match in CHUNK.finditer(text):
        if _is_address(match.group()):
            yield Span(match.start(), match.end(), Kind.EMAIL)
    for match in FIGURES.finditer(text):
        yield Span(*match.span(), Kind.DATE)
    for match in CLOCK.finditer(text):
        yield Span(*match.span(), Kind.TIME)
    for match in DIGITS.finditer(text):
        written = match.group().rstrip(" (-\u00a0")
        if _is_phone(written):
            yield Span(match.start(), match.start() + len(written), Kind.PHONE)


def _is_address(chunk: str) -> bool:
    local, at, host = chunk.rstrip(".!?:'\"").partition("@")
    return bool(local and at) and "." in host and len(chunk) <= LONGEST_ADDRESS


def _is_phone(written: str) -> bool:
    digits = sum(map(str.isdigit, written))
    return FEWEST_DIGITS <= digits <= MOST_DIGITS and written[0] in "+(0"


def dates(words: Sequence[Word]) -> Iterator[Span]:
    """Give the dates that words tell: a month, a day of the week, a year."""
    for at, word in enumerate(words):
        if word.folded == "ago":
            yield over(words, max(at - AGO, 0), at + 1, Kind.DATE)
        elif _is_date(words, at, word):
            first, end = _whole(words, at)
            yield over(words, first, end, Kind.DATE)


def _is_date(words: Sequence[Word], at: int, word: Word) -> bool:
    before = words[at - 1].folded if at and word.near else ""
    led = before in listed("dates", "leads")
    if YEAR.fullmatch(word.folded):
        return led
    if word.folded in listed("dates", "days"):
        return True
    if word.folded in listed("dates", "welsh_days") and (
        before in listed("dates", "day_words")
    ):
        return True
    if word.folded in listed("dates", "months"):
        return word.capital or led or _numbered(words, at)
    if word.folded in listed("dates", "other_months"):
        return (word.capital and led) or _numbered(words, at)
    return False


def _numbered(words: Sequence[Word], at: int) -> bool:
    """Say whether a day stands before a month, or a day or year after it."""
    before = at > 0 and words[at].near and DAY.fullmatch(words[at - 1].folded)
    after = words[at + 1].folded if at + 1 < len(words) and words[at + 1].near else ""
    return bool(before or DAY.fullmatch(after) or YEAR.fullmatch(after))


def _whole(words: Sequence[Word], at: int) -> tuple[int, int]:
    """Return from where to where the date at a word goes."""
    first, end = at, at + 1
    while at - first < REACH and first and words[first].near:
        if not _belongs(words[first - 1].folded):
            break
        first -= 1
    while end - at <= REACH and end < len(words) and words[end].near:
        after = words[end].folded
        if not (_is_figure(after) or after in listed("dates", "months")):
            break
        end += 1
    return first, end


def _belongs(before: str) -> bool:
    return (
        _is_figure(before)
        or before in listed("dates", "belong")
        or before in listed("dates", "day_words")
        or before in listed("dates", "days")
    )


def _is_figure(written: str) -> bool:
    return bool(DAY.fullmatch(written) or YEAR.fullmatch(written))
