"""People who are in none of the files that are said to hold everybody.

The law: nobody is closed while a row is rejected, for it may have been theirs.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from service.directory.dated import (
    DETAILS,
    IDENTIFIERS,
    LINES,
    POSTINGS,
    RECORDS,
    Changes,
    Dated,
)
from service.directory.importing.people_file import PersonKey, PersonRow
from service.directory.importing.people_plan import Plan, entry_of
from service.directory.importing.people_stored import Stored, StoredRows
from service.directory.importing.report import Findings, Place


def leave(
    plan: Plan,
    complete: frozenset[str],
    rows: Sequence[PersonRow],
    people: Mapping[PersonKey, UUID],
    stored: Stored,
    today: date,
    findings: Findings,
) -> None:
    """Close all that is open of those whom complete files do not name."""
    restated = {(row.organisation, people[row.key]) for row in rows}
    files = {row.organisation: row.place.file for row in reversed(rows)}
    if findings.rejected:
        _tell_not_complete(complete, findings)
        return
    tables: tuple[tuple[Dated[Any], StoredRows[Any]], ...] = (
        (DETAILS, stored.details),
        (IDENTIFIERS, stored.identifiers),
        (RECORDS, stored.records),
        (POSTINGS, stored.postings),
        (LINES, stored.lines),
    )
    everybody = {who for _, held in tables for who in held}
    leaving = {who for who in everybody if who[0] in complete} - restated
    for who in sorted(leaving):
        changes = Changes()
        for table, held in tables:
            for each in held.get(who, []):
                changes.close(table, each, today)
        plan.entries.append(entry_of("left", who[1], who[0], changes))
        plan.dated.add(changes)
        findings.warn(
            Place(files[who[0]], None),
            None,
            f"People of {who[0]} who are in none of the files and were closed",
            stored.number(who),
            f"If they have not left, import them again without --complete {who[0]}.",
        )


def _tell_not_complete(complete: frozenset[str], findings: Findings) -> None:
    """Say that nobody was closed: whoever is missing may be in a rejected row."""
    place = next(iter(findings.rejected))
    for code in sorted(complete):
        findings.warn(
            Place(place.file, None),
            None,
            "Organisations of which nobody was closed, because rows were rejected",
            code,
            "Correct the rejected rows and import again with --complete.",
        )
