"""People: who each row is, who answers for them, and what to write about them.

The law: a person's rows state all that the organisation holds about them; a person who
is in no file is left alone, unless the files are complete without them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from service.directory.dated import (
    DETAILS,
    IDENTIFIERS,
    RECORDS,
    Changes,
    Dated,
    DetailsFacts,
    Facts,
    IdentifierFacts,
    RecordFacts,
)
from service.directory.importing.people_checks import (
    fit_one_week,
    fit_organisations,
    fit_stored,
    fit_together,
)
from service.directory.importing.people_file import PersonKey, PersonRow
from service.directory.importing.people_leaving import leave
from service.directory.importing.people_lines import (
    Managers,
    change_lines,
    fit_managers,
    managers_among,
    tell_loops,
)
from service.directory.importing.people_plan import Plan, entry_of
from service.directory.importing.people_postings import change_postings
from service.directory.importing.people_stored import Stored, StoredRows
from service.directory.importing.report import Findings, Outcome
from service.directory.provisioning.rules import PROVISIONED
from service.directory.rules import EMPLOYEE_NUMBER


def identify(
    rows: Sequence[PersonRow], stored: Stored, new_id: Callable[[], UUID]
) -> dict[PersonKey, UUID]:
    """Say who each row is: somebody known, somebody who was, or somebody new.

    Known by the HR system's id; or by one they had before; or, when the organisation
    has changed its HR system, by the employee number.
    """
    keys = {row.key: row for row in rows}
    found = {key: stored.known[key] for key in keys if key in stored.known}
    taken = set(found.values())
    for key, row in keys.items():
        if key in found:
            continue
        person = stored.before.get(key) or _by_number(row, stored)
        if person is None or person in taken:
            person = new_id()
        found[key] = person
        taken.add(person)
    return found


def _by_number(row: PersonRow, stored: Stored) -> UUID | None:
    person = stored.holder(*row.number)
    if person is None:
        return None
    sources = {
        held.facts.source
        for held in stored.identifiers.get((row.organisation, person), [])
    }
    return None if row.source in sources else person


def judge(
    rows: Sequence[PersonRow],
    mentioned: Collection[tuple[str, str]],
    stored: Stored,
    complete: frozenset[str],
    findings: Findings,
    new_id: Callable[[], UUID],
) -> tuple[list[PersonRow], dict[PersonKey, UUID]]:
    """Return the rows that may be imported together, and who each is.

    `mentioned` is every organisation and employee number that stands in the files.
    """
    kept = fit_organisations(rows, stored, findings)
    kept = fit_together(kept, findings)
    kept = fit_one_week(kept, stored, complete, findings)
    people = identify(kept, stored, new_id)
    kept = fit_managers(kept, people, stored, mentioned, complete, findings)
    kept = fit_stored(kept, people, stored, complete, findings)
    return kept, people


def plan(
    rows: Sequence[PersonRow],
    people: Mapping[PersonKey, UUID],
    stored: Stored,
    complete: frozenset[str],
    today: date,
    findings: Findings,
) -> Plan:
    """Decide what to write, and tell what becomes of each row."""
    plan = Plan()
    managers = managers_among(rows, people, stored, findings)
    grouped: dict[PersonKey, list[PersonRow]] = defaultdict(list)
    for row in rows:
        grouped[row.key].append(row)
    for key, theirs in grouped.items():
        person = people[key]
        changes = _change(theirs, person, managers, stored, today)
        if stored.has(person):
            outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
        else:
            outcome = Outcome.CREATED
            plan.created.append(person)
        findings.outcomes[outcome] += len(theirs)
        if changes:
            plan.entries.append(entry_of(outcome, person, key.organisation, changes))
            plan.dated.add(changes)
    _tell_posts(rows, stored, findings)
    leave(plan, complete, rows, people, stored, today, findings)
    tell_loops(rows, people, stored, plan.dated, findings)
    return plan


def _change(
    rows: Sequence[PersonRow],
    person: UUID,
    managers: Managers,
    stored: Stored,
    today: date,
) -> Changes:
    """Return what differs between a person's rows and what is stored of them."""
    first = rows[0]
    who = (first.organisation, person)
    changes = Changes()
    details = DetailsFacts(person, first.given_name, first.family_name, first.email)
    records = {
        RecordFacts(person, row.source, row.record)
        for row in rows
        if row.record is not None
    }
    _restate(DETAILS, {details}, stored.details, who, changes, today)
    identifiers = _identifiers(rows, person, stored)
    _restate(IDENTIFIERS, identifiers, stored.identifiers, who, changes, today)
    _restate(RECORDS, records, stored.records, who, changes, today)
    live = change_postings(
        rows,
        stored.postings.get(who, []),
        changes,
        person=person,
        ended=stored.ended.get(who),
        today=today,
    )
    change_lines(
        live,
        stored.lines.get(who, []),
        managers,
        changes,
        person=person,
        day=max((row.ended_on for row in rows if row.ended_on), default=today),
    )
    return changes


def _identifiers(
    rows: Sequence[PersonRow], person: UUID, stored: Stored
) -> set[IdentifierFacts]:
    """Return what rows call a person, and what an identity provider does.

    Of the latter no extract knows.
    """
    held = stored.identifiers.get((rows[0].organisation, person), [])
    return {
        *(IdentifierFacts(person, row.source, row.external_id) for row in rows),
        *(
            IdentifierFacts(person, EMPLOYEE_NUMBER, row.employee_number)
            for row in rows
        ),
        *(each.facts for each in held if each.facts.source == PROVISIONED),
    }


def _restate(
    table: Dated[Facts],
    wanted: Collection[Facts],
    stored: StoredRows[Facts],
    who: tuple[str, UUID],
    changes: Changes,
    today: date,
) -> None:
    """Close what is no longer so, open what is new."""
    held = stored.get(who, [])
    for each in held:
        if each.facts not in wanted:
            changes.close(table, each, today)
    for facts in sorted(set(wanted) - {each.facts for each in held}):
        changes.open(table, who[0], facts, today)


def _tell_posts(rows: Sequence[PersonRow], stored: Stored, findings: Findings) -> None:
    for row in rows:
        reference = row.post_reference
        if reference and (row.organisation, reference) not in stored.references:
            findings.warn(
                row.place,
                "post_reference",
                f"Posts that are not on the organogram of {row.organisation}",
                reference,
                "Import its organogram, or correct the reference.",
            )
