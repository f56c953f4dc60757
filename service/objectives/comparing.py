"""Versions of an objective as differences that people read: what went, what came.

Pure. The law: nothing is shown as changed that says the same in both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from service.objectives import wording
from service.objectives.content import NAMED_BY
from service.objectives.history import DifferenceOut
from service.objectives.presenting import PersonOut
from service.objectives.rules import ContributionRole, Kind, OwnershipModel
from service.web.language import say
from service.web.templating import money

MONEY: Final = frozenset({"money_in", "money_out"})
PER_CENT: Final = frozenset({"share", "weight"})
VALUES: Final[Mapping[str, tuple[type[StrEnum], wording.Words]]] = {
    "ownership_model": (OwnershipModel, wording.MODELS),
    "kind": (Kind, wording.KINDS),
    "role": (ContributionRole, wording.ROLES),
}


class Fate(StrEnum):
    """What became of some words."""

    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of which the same became."""

    fate: Fate
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that a version changed."""

    label: str
    """Key of `wording.FIELDS`."""
    organisation: str | None
    person: PersonOut | None
    pieces: Sequence[Piece]


def changes(
    differences: Sequence[DifferenceOut], names: Mapping[UUID, str]
) -> Iterator[Changed]:
    """Give each thing that differs; of a part, each of its fields that does."""
    for found in differences:
        if found.field not in NAMED_BY:
            before, after = (
                _said(found.field, value, names)
                for value in (found.before, found.after)
            )
            yield Changed(found.field, None, None, compared(before, after))
            continue
        old, new = found.before or {}, found.after or {}
        for field in wording.FIELDS:
            before, after = (
                _said(field, part.get(field), names) for part in (old, new)
            )
            if before != after and field != "person":
                pieces = compared(before, after)
                yield Changed(field, found.organisation, found.person, pieces)


def _said(field: str, value: Any, names: Mapping[UUID, str]) -> str:  # noqa: ANN401 - JSON
    """Return a value in words; nothing where it was not there."""
    if value is None:
        return ""
    if field == "owners":
        people = (person for owner in value for person in owner)
        return ", ".join(names.get(UUID(person), person) for person in people)
    if field == "priority":
        return f"{value['scheme']} {value['code']}"
    if field in VALUES:
        kind, words = VALUES[field]
        return say(words[kind(value)])
    if field in PER_CENT:
        return f"{value}%"
    return money(Decimal(value)) if field in MONEY else str(value)


def compared(before: str, after: str) -> list[Piece]:
    """Return two texts as one, word by word: what stayed, what went, what came."""
    old, new = _words(before), _words(after)
    pieces = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for _, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        gone, came = old[old_start:old_end], new[new_start:new_end]
        if gone == came:
            pieces.append(Piece(Fate.KEPT, "".join(came)))
            continue
        pieces += [
            Piece(fate, "".join(words))
            for fate, words in ((Fate.GONE, gone), (Fate.NEW, came))
            if words
        ]
    return pieces


def _words(text: str) -> list[str]:
    """Return the words of a text, each with the space after it."""
    lines = text.splitlines(keepends=True)
    return [part for line in lines for part in _spaced(line)]


def _spaced(line: str) -> list[str]:
    words = line.split(" ")
    return [f"{word} " for word in words[:-1]] + [word for word in words[-1:] if word]
