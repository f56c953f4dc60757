"""What is told by a capital letter: people, places, organisations.

The law: as for words. A capital that only begins a sentence tells nothing by itself.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from service.feedback.form.hinting.words import (
    Kind,
    Span,
    Word,
    listed,
    over,
    runs,
)

LONGEST_NAME: Final = 8
"""Words of an organisation's name."""
SHOUTED: Final = 3
"""Words in capitals one after another that are a raised voice, not initials."""
LONGEST_INITIALS: Final = 6
SCOTS_AND_IRISH: Final = ("mc", "mac", "o'")


def known(
    words: Sequence[Word], names: Collection[str], organisations: Collection[str]
) -> Iterator[Span]:
    """Give what is known by name: the writer's own, organisations, places.

    An organisation's code may be an ordinary word: it needs a capital, and where it
    opens a sentence all of them.
    """
    own = {part for name in names for part in _folded(name).split() if len(part) > 1}
    here = {_folded(name): Kind.ORGANISATION for name in organisations}
    everywhere = _known()
    for at, word in enumerate(words):
        if word.folded in own:
            yield over(words, at, at + 1, Kind.NAME)
        if not word.capital:
            continue
        for end, phrase in runs(words, at, LONGEST_NAME):
            sure = end > at + 1 or not word.opens or word.text.isupper()
            if kind := everywhere.get(phrase) or (here.get(phrase) if sure else None):
                yield over(words, at, end, kind)
                break


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").split())


@cache
def _known() -> Mapping[str, Kind]:
    return dict.fromkeys(listed("capitals", "places"), Kind.PLACE) | dict.fromkeys(
        listed("capitals", "organisations"), Kind.ORGANISATION
    )


def wholes(words: Sequence[Word], free: Sequence[bool]) -> Iterator[Span]:
    """Give the names whose first or last word says what they name."""
    for first, end in _runs(words, free):
        if kind := _by_its_ends(words[first:end]):
            yield over(words, first, end, kind)


def capitals(words: Sequence[Word], free: Sequence[bool]) -> Iterator[Span]:
    """Give what capitals show among the words that nothing else has told of."""
    for at in range(len(words)):
        if free[at] and _is_room(words, at):
            yield over(words, at, at + 2, Kind.PLACE)
    for first, end in _runs(words, free):
        yield from _named(words, first, end)


def _runs(words: Sequence[Word], free: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Give from where to where capitalised words follow one another."""
    at = 0
    while at < len(words):
        end = at + 1
        if free[at] and words[at].capital and not _only_opens(words[at]):
            end = _end(words, free, at)
            run = words[at:end]
            if len(run) < SHOUTED or not all(word.text.isupper() for word in run):
                yield at, end
        at = end


def _is_room(words: Sequence[Word], at: int) -> bool:
    """Say whether a room or floor stands here with its number."""
    return (
        words[at].folded in listed("capitals", "rooms")
        and at + 1 < len(words)
        and words[at + 1].near
        and words[at + 1].text[0].isdigit()
    )


def _only_opens(word: Word) -> bool:
    """Tell a capital that nothing but the beginning of a sentence gives."""
    return word.opens and word.folded in listed("capitals", "openers")


def _end(words: Sequence[Word], free: Sequence[bool], first: int) -> int:
    """Return the place after the name that begins here.

    `of` and `for` join an organisation's name, and nobody else's.
    """
    joining = words[first].folded in listed("capitals", "organisation_starts")
    end = last = first + 1
    while end < len(words) and end - first < LONGEST_NAME:
        word = words[end]
        if not word.near or not free[end]:
            break
        if word.capital:
            last = end + 1
        elif not (joining and word.folded in listed("capitals", "between")):
            break
        end += 1
    return last


def _named(words: Sequence[Word], first: int, end: int) -> Iterator[Span]:
    """Give what a run of capitalised words tells, if it tells something."""
    while first < end and not _may_begin(words[first]):
        first += 1
    while end > first and _is_ordinary(words[end - 1]):
        end -= 1
    if first == end:
        return
    if end < len(words) and words[end].near and _ends_place(words[end]):
        yield over(words, first, end + 1, Kind.PLACE)  # The Glasgow office.
    else:
        yield over(words, first, end, _by_what_leads(words, first, end))


def _by_its_ends(run: Sequence[Word]) -> Kind | None:
    """Return what the first or last word makes of a run of several."""
    if len(run) == 1 or all(map(_is_ordinary, run)):
        return None
    if run[-1].folded in listed("capitals", "place_ends") - {"office"}:
        return Kind.PLACE
    starts = run[0].folded in listed("capitals", "organisation_starts")
    ends = run[-1].folded in listed("capitals", "organisation_ends")
    return Kind.ORGANISATION if starts or ends else None


def _ends_place(word: Word) -> bool:
    return word.folded in listed("capitals", "place_ends")


def _is_ordinary(word: Word) -> bool:
    return (
        word.folded in listed("capitals", "ordinary")
        or word.folded in listed("capitals", "acronyms")
        or word.text.isdigit()
    )


def _may_begin(word: Word) -> bool:
    """Say whether a name may begin here, and not only a sentence."""
    if _is_ordinary(word):
        return False
    return (
        not word.opens
        or word.folded in listed("capitals", "given")
        or _has_initials(word)
        or _is_scots_or_irish(word)
    )


def _has_initials(word: Word) -> bool:
    """Tell DfT and HMT from Fairfax, and MacLeod from both."""
    letters = word.text[: len(word.folded.partition("'")[0])]
    return (
        1 < len(letters) <= LONGEST_INITIALS
        and not letters[1:].islower()
        and any(map(str.isupper, letters[1:]))
        and not _is_scots_or_irish(word)
    )


def _is_scots_or_irish(word: Word) -> bool:
    """Tell MacLeod from macro and from Maclean, which might be an ordinary word."""
    return any(
        word.folded.startswith(first) and word.text[len(first) :][:1].isupper()
        for first in SCOTS_AND_IRISH
    )


def _by_what_leads(words: Sequence[Word], first: int, end: int) -> Kind:
    run = words[first:end]
    if any(map(_has_initials, run)):
        return Kind.ORGANISATION
    if any(word.folded in listed("capitals", "given") for word in run):
        return Kind.NAME
    before = words[first - 1].folded if first and words[first].near else ""
    return Kind.PLACE if before in listed("capitals", "to_places") else Kind.NAME
