"""Organisations: what they are called, and whose HR system and e-mail domains.

The law: a name, and an e-mail domain, belongs to one organisation at a time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from service.audit.actions import Entry
from service.db import Connection
from service.directory.dated import (
    DOMAINS,
    NAMES,
    Changes,
    Dated,
    DomainFacts,
    Facts,
    Held,
    NameFacts,
    by_organisation,
)
from service.directory.importing.organisations_file import OrganisationRow
from service.directory.importing.report import Findings, Outcome, Place
from service.directory.rules import alike

ADD: Final = """
INSERT INTO organisation (code, parent_name, hr_system, valid_from)
SELECT code, parent_name, hr_system, $4
FROM unnest($1::varchar[], $2::varchar[], $3::varchar[])
    AS added (code, parent_name, hr_system)
"""
CHANGE: Final = """
UPDATE organisation SET parent_name = said.parent_name, hr_system = said.hr_system
FROM unnest($1::varchar[], $2::varchar[], $3::varchar[])
    AS said (code, parent_name, hr_system)
WHERE organisation.code = said.code
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The organisations there are, by code."""

    rows: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, list[Held[NameFacts]]]
    domains: Mapping[str, list[Held[DomainFacts]]]


@dataclass(slots=True)
class Plan:
    """What importing the rows will write."""

    dated: Changes = field(default_factory=Changes)
    created: list[OrganisationRow] = field(default_factory=list)
    changed: list[OrganisationRow] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    async def write(self, connection: Connection, today: date) -> None:
        """Write it, on a connection in a transaction."""
        if self.created:
            await connection.execute(ADD, *_columns(self.created), today)
        if self.changed:
            await connection.execute(CHANGE, *_columns(self.changed))
        await self.dated.write(connection)


def _columns(rows: Sequence[OrganisationRow]) -> list[list[str | None]]:
    return [
        [row.code for row in rows],
        [row.parent_name for row in rows],
        [row.hr_system for row in rows],
    ]


async def load(connection: Connection) -> Stored:
    """Return every organisation, with what it is called today."""
    rows = await connection.fetch(
        "SELECT code, parent_name, hr_system, valid_to FROM organisation"
    )
    stored = {row["code"]: dict(row) for row in rows}
    return Stored(
        stored,
        by_organisation(await NAMES.open_rows(connection, stored)),
        by_organisation(await DOMAINS.open_rows(connection, stored)),
    )


def check(
    rows: Sequence[OrganisationRow], stored: Stored, findings: Findings
) -> list[OrganisationRow]:
    """Return the rows that may stand beside each other and what is stored."""
    rows = _each_code_once(rows, stored, findings)
    while True:
        kept = _unclaimed(
            "name",
            rows,
            findings,
            stored.names,
            lambda row: [n.name for n in row.names],
        )
        kept = _unclaimed(
            "email_domain", kept, findings, stored.domains, lambda row: row.domains
        )
        if len(kept) == len(rows):
            return kept
        rows = kept  # A rejected row frees nothing: look again.


def _names(row: OrganisationRow) -> list[str]:
    return [facts.name for facts in row.names]


def _each_code_once(
    rows: Sequence[OrganisationRow], stored: Stored, findings: Findings
) -> list[OrganisationRow]:
    spelled = {alike(code): code for code in stored.rows}
    seen: dict[str, Place] = {}
    kept = []
    for row in rows:
        key = alike(row.code)
        known = stored.rows.get(row.code, {})
        if key in seen:
            fault = (
                f"{row.code} stands in line {seen[key].line} already.",
                "Remove one of the two rows.",
            )
        elif spelled.get(key, row.code) != row.code:
            fault = (
                f"{row.code} is known as {spelled[key]}.",
                f"Write {spelled[key]}.",
            )
        elif known.get("valid_to") is not None:
            fault = (
                f"{row.code} ended on {known['valid_to']}.",
                "Remove the row; its successor has a row of its own.",
            )
        else:
            seen[key] = row.place
            kept.append(row)
            continue
        findings.reject(row.place, "code", *fault)
    return kept


def _unclaimed(
    column: str,
    rows: Sequence[OrganisationRow],
    findings: Findings,
    stored: Mapping[str, list[Held[Facts]]],
    values: Callable[[OrganisationRow], Iterable[str]],
) -> list[OrganisationRow]:
    """Return the rows that claim no name or domain of another organisation."""
    restated = {row.code for row in rows}
    owners: dict[str, str] = {
        alike(held.facts[0]): code
        for code, held_rows in stored.items()
        if code not in restated
        for held in held_rows
    }
    kept = []
    for row in rows:
        mine = {alike(value): value for value in values(row)}
        clash = next((key for key in mine if key in owners), None)
        if clash is not None:
            findings.reject(
                row.place,
                column,
                f"{mine[clash]!r} belongs to {owners[clash]}.",
                "Give it to one of the two organisations.",
            )
            continue
        owners |= dict.fromkeys(mine, row.code)
        kept.append(row)
    return kept


def plan(
    rows: Sequence[OrganisationRow], stored: Stored, today: date, findings: Findings
) -> Plan:
    """Decide what to write, and tell what becomes of each row."""
    plan = Plan()
    for row in rows:
        known = stored.rows.get(row.code)
        changed = _differ(
            NAMES, row.code, row.names, stored.names, plan.dated, today
        ) | _differ(
            DOMAINS,
            row.code,
            frozenset(DomainFacts(each) for each in row.domains),
            stored.domains,
            plan.dated,
            today,
        )
        if known is None:
            plan.created.append(row)
            outcome = Outcome.CREATED
        elif (known["parent_name"], known["hr_system"]) != (
            row.parent_name,
            row.hr_system,
        ):
            plan.changed.append(row)
            outcome = Outcome.CHANGED
        else:
            outcome = Outcome.CHANGED if changed else Outcome.UNCHANGED
        findings.outcomes[outcome] += 1
        if outcome is not Outcome.UNCHANGED:
            plan.entries.append(_entry(row, stored, outcome))
    return plan


def _differ(
    table: Dated[Facts],
    code: str,
    wanted: frozenset[Facts],
    stored: Mapping[str, list[Held[Facts]]],
    changes: Changes,
    today: date,
) -> bool:
    """Close what is no longer so, open what is new; tell whether there was any."""
    held = stored.get(code, [])
    gone = [each for each in held if each.facts not in wanted]
    new = wanted - {each.facts for each in held}
    for each in gone:
        changes.close(table, each, today)
    for facts in sorted(new):
        changes.open(table, code, facts, today)
    return bool(gone or new)


def _entry(row: OrganisationRow, stored: Stored, outcome: Outcome) -> Entry:
    known = stored.rows.get(row.code)
    before = known and {
        "names": sorted(held.facts.name for held in stored.names[row.code]),
        "parent": known["parent_name"],
        "hr_system": known["hr_system"],
        "domains": sorted(h.facts.domain for h in stored.domains.get(row.code, [])),
    }
    after = {
        "names": sorted(_names(row)),
        "parent": row.parent_name,
        "hr_system": row.hr_system,
        "domains": sorted(row.domains),
    }
    return Entry(
        f"organisation.{outcome}", "organisation", row.code, row.code, before, after
    )
