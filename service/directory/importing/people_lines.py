"""Who answers for whom: managers found by employee number, lines closed and opened.

The law: a line leads to somebody known in the same organisation, never to oneself; a
loop of managers is told and kept, for only the department can say where it should end.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final, TypeAlias
from uuid import UUID

from service.directory.dated import LINES, Changes, Held, LineFacts
from service.directory.importing.people_file import MANAGER, PersonKey, PersonRow
from service.directory.importing.people_postings import Dated
from service.directory.importing.people_stored import Stored
from service.directory.importing.report import Findings
from service.directory.rules import LineKind, loops

Managers: TypeAlias = Mapping[tuple[str, str], UUID]
"""People by organisation and employee number."""
STATED: Final = frozenset({LineKind.LINE, LineKind.FUNCTIONAL})
"""The lines that an extract states; others are left alone."""


def fit_managers(
    rows: Sequence[PersonRow],
    people: Mapping[PersonKey, UUID],
    stored: Stored,
    mentioned: Collection[tuple[str, str]],
    complete: frozenset[str],
    findings: Findings,
) -> list[PersonRow]:
    """Return the rows whose manager is in the files, rejected or not, or stored.

    `mentioned` holds every organisation and employee number that stands in the files.
    """
    restated = {(row.organisation, people[row.key]) for row in rows}
    kept = []
    for row in rows:
        number = (row.organisation, row.manager or "")
        holder = stored.holder(*number)
        stays = (
            holder is not None
            and row.organisation not in complete
            and (row.organisation, holder) not in restated
        )
        if row.manager is None or number in mentioned or stays:
            kept.append(row)
            continue
        findings.reject(
            row.place,
            MANAGER,
            f"Nobody in {row.organisation} has the employee number {row.manager}.",
            "Correct it, import the manager's row too, or leave it empty.",
        )
    return kept


def managers_among(
    rows: Sequence[PersonRow],
    people: Mapping[PersonKey, UUID],
    stored: Stored,
    findings: Findings,
) -> Managers:
    """Return who has the employee numbers that rows name as their managers'."""
    numbers = {row.number: people[row.key] for row in rows}
    restated = {(row.organisation, people[row.key]) for row in rows}
    for row in rows:
        if row.manager is None:
            continue
        number = (row.organisation, row.manager)
        holder = stored.holder(*number)
        if holder is not None and (row.organisation, holder) not in restated:
            numbers.setdefault(number, holder)
        if number not in numbers:
            findings.warn(
                row.place,
                MANAGER,
                "People whose manager's own row was rejected, with lines left alone",
                row.employee_number,
                "Correct the manager's row and import it again.",
            )
        elif numbers[number] == people[row.key]:
            findings.warn(
                row.place,
                MANAGER,
                "People named as their own manager, who got no line",
                row.employee_number,
                "Name their manager, or leave it empty.",
            )
    return numbers


def change_lines(
    live: Dated,
    held: Sequence[Held[LineFacts]],
    managers: Managers,
    changes: Changes,
    *,
    person: UUID,
    day: date,
) -> None:
    """Note what differs in a person's lines; without a posting they close on `day`.

    The manager of the posting with the highest FTE is the line manager; managers of
    others answer for their function.
    """
    main_first = sorted(live, key=lambda each: -each[0].fte)
    wanted: dict[tuple[UUID, str], date] = {}
    unknown = False
    for place, (row, opens) in enumerate(main_first):
        manager = managers.get((row.organisation, row.manager or ""))
        unknown |= manager is None and row.manager is not None
        if manager in {None, person} or (manager, LineKind.LINE) in wanted:
            continue
        kind = LineKind.FUNCTIONAL if place else LineKind.LINE
        wanted.setdefault((manager, kind), opens)
    day = main_first[0][1] if main_first else day
    stated = [old for old in held if old.facts.kind in STATED]
    has_line = any(kind == LineKind.LINE for _, kind in wanted)
    earliest: dict[str, date] = {}
    for old in stated:
        replaced = has_line and old.facts.kind == LineKind.LINE
        if old.facts[1:] not in wanted and (replaced or not unknown):
            changes.close(LINES, old, day)
            earliest[old.facts.kind] = old.valid_from
    there = {old.facts[1:] for old in stated}
    for each, opens in wanted.items():
        if each not in there:
            facts = LineFacts(person, *each)
            since = max(opens, earliest.get(facts.kind, opens))
            changes.open(LINES, live[0][0].organisation, facts, since)


def tell_loops(
    rows: Sequence[PersonRow],
    people: Mapping[PersonKey, UUID],
    stored: Stored,
    changes: Changes,
    findings: Findings,
) -> None:
    """Warn of each loop among the lines as they will stand."""
    closed = {closing.held.id for closing in changes.closing}
    above: dict[tuple[str, UUID], tuple[str, UUID]] = {}
    lines = [old for held in stored.lines.values() for old in held]
    standing = [(o.organisation, o.facts) for o in lines if o.id not in closed]
    standing += [(o.organisation, o.facts) for o in changes.opening_of(LINES)]
    for organisation, line in standing:
        if line.kind == LineKind.LINE:
            above[organisation, line.person] = (organisation, line.manager)
    row_of = {(row.organisation, people[row.key]): row for row in rows}
    in_files = {who: above[who] for who in row_of if who in above}
    for loop in loops(in_files | above):  # Told from where the files enter them.
        row = next((row_of[who] for who in loop if who in row_of), None)
        if row is not None:
            findings.warn(
                row.place,
                MANAGER,
                "Line managers in a loop, whose lines were kept",
                " to ".join(_number(w, row_of, stored) for w in [*loop, loop[0]]),
                "Correct which of them has another manager.",
            )


def _number(
    who: tuple[str, UUID], row_of: Mapping[tuple[str, UUID], PersonRow], stored: Stored
) -> str:
    if who in row_of:
        return row_of[who].employee_number
    return stored.number(who)
