"""A person's postings in an organisation: which became which, and from what day.

The law: a posting that began is never moved, but closed and opened again.
"""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias
from uuid import UUID

from service.directory.dated import POSTINGS, Changes, Held, PostingFacts
from service.directory.importing.people_file import PersonRow
from service.directory.rules import PostingKind, begins, takes_effect

Dated: TypeAlias = list[tuple[PersonRow, date]]
"""Rows of postings that are held, each with the day from which its lines change."""


def change_postings(
    rows: Sequence[PersonRow],
    held: Sequence[Held[PostingFacts]],
    changes: Changes,
    *,
    person: UUID,
    ended: date | None,
    today: date,
) -> Dated:
    """Note what differs; `ended` is when the last posting closed earlier ended."""
    live: Dated = []
    paired, spare = _pair(rows, held)
    for row, old in paired:
        if row.ended_on is not None:
            _end(row, row.ended_on, old, changes, person, ended)
            continue
        wanted = _facts(row, person)
        day = today
        if old is None:
            day = begins(row.started_on, ended=ended, today=today)
            changes.open(POSTINGS, row.organisation, wanted, day)
        elif old.facts != wanted:
            before = old.facts.started_on
            effect = takes_effect(
                row.started_on, before, since=old.valid_from, ended=ended, today=today
            )
            changes.close(POSTINGS, old, effect.closes)
            changes.open(POSTINGS, row.organisation, wanted, effect.opens)
            day = effect.opens if row.started_on > before else today
        live.append((row, day))
    for old in spare:
        changes.close(POSTINGS, old, today)
    return live


def _pair(
    rows: Sequence[PersonRow], held: Sequence[Held[PostingFacts]]
) -> tuple[list[tuple[PersonRow, Held[PostingFacts] | None]], list[Held[PostingFacts]]]:
    """Match rows with what is held, by post, then those left in order.

    Rows of postings that have ended come last; they take what nobody else does.
    """
    spare = {old.facts.post_reference: old for old in held}
    in_order = sorted(rows, key=lambda row: row.ended_on is not None)
    same_post = [(row, spare.pop(row.post_reference, None)) for row in in_order]
    moved = sorted(spare.values(), key=lambda old: (old.valid_from, old.id))
    paired = [
        (row, moved.pop(0) if old is None and moved else old) for row, old in same_post
    ]
    return paired, moved


def _end(
    row: PersonRow,
    end: date,
    old: Held[PostingFacts] | None,
    changes: Changes,
    person: UUID,
    ended: date | None,
) -> None:
    """Close a posting that has ended, or add one that had before it was heard of."""
    if old is not None:
        changes.close(POSTINGS, old, end)
    elif ended is None or ended < end:
        start = max(row.started_on, ended or row.started_on)
        changes.open(POSTINGS, row.organisation, _facts(row, person), start, closes=end)


def _facts(row: PersonRow, person: UUID) -> PostingFacts:
    return PostingFacts(
        person,
        row.grade,
        row.title,
        row.unit,
        row.post_reference,
        row.fte,
        PostingKind.SUBSTANTIVE,
        row.started_on,
    )
