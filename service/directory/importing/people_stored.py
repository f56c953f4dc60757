"""What is stored about the people of the organisations that an extract names.

The law: open rows only, but for what tells whether somebody was here before.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from service.db import Connection
from service.directory.dated import (
    DETAILS,
    IDENTIFIERS,
    LINES,
    NAMES,
    POSTINGS,
    RECORDS,
    DetailsFacts,
    Facts,
    Held,
    IdentifierFacts,
    LineFacts,
    PostingFacts,
    RecordFacts,
)
from service.directory.importing.people_file import PersonKey, PersonRow
from service.directory.rules import EMPLOYEE_NUMBER, alike

ORGANISATIONS: Final = """
SELECT code, hr_system, valid_to, ARRAY(
    SELECT domain FROM organisation_domain AS d
    WHERE d.organisation = o.code AND d.valid_to IS NULL ORDER BY domain) AS domains
FROM organisation AS o
"""
BEFORE: Final = """
SELECT DISTINCT ON (i.organisation, i.source, i.external_id)
    i.organisation, i.source, i.external_id, i.person
FROM person_identifier AS i
JOIN unnest($1::varchar[], $2::varchar[], $3::varchar[])
    AS said (organisation, source, external_id)
    USING (organisation, source, external_id)
WHERE i.valid_to IS NOT NULL
ORDER BY i.organisation, i.source, i.external_id, i.valid_to DESC, i.id
"""
ELSEWHERE: Final = """
SELECT i.organisation, i.source, i.external_id, d.given_name, d.family_name,
    sum(p.fte) AS fte
FROM person_identifier AS i
JOIN person_details AS d ON d.organisation = i.organisation AND d.person = i.person
    AND d.valid_to IS NULL
JOIN posting AS p ON p.organisation = i.organisation AND p.person = i.person
    AND (p.valid_to IS NULL OR p.valid_to > $2)
WHERE i.external_id = ANY($1) AND i.source <> 'employee_number'
    AND i.valid_to IS NULL
GROUP BY i.organisation, i.source, i.external_id, d.given_name, d.family_name
"""
ENDED: Final = """
SELECT organisation, person, max(valid_to) AS ended FROM posting
WHERE organisation = ANY($1) AND valid_to > valid_from
GROUP BY organisation, person
"""
REFERENCES: Final = """
SELECT organisation, reference FROM post
WHERE organisation = ANY($1) AND valid_to IS NULL
"""

StoredRows: TypeAlias = Mapping[tuple[str, UUID], list[Held[Facts]]]
"""Open rows of one kind, by organisation and person."""


class Member(NamedTuple):
    """An organisation, as its people's rows must fit it."""

    hr_system: str
    domains: tuple[str, ...]
    ended: date | None


class Seen(NamedTuple):
    """Somebody whom an organisation knows by an id that the files name."""

    key: PersonKey
    name: tuple[str, str]
    fte: Decimal


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored; people by organisation and id."""

    members: Mapping[str, Member]
    codes: Mapping[str, str]
    """Codes by the names that organisations go by."""
    references: frozenset[tuple[str, str]]
    """Open posts, by organisation and reference."""
    details: StoredRows[DetailsFacts]
    identifiers: StoredRows[IdentifierFacts]
    records: StoredRows[RecordFacts]
    postings: StoredRows[PostingFacts]
    lines: StoredRows[LineFacts]
    ended: Mapping[tuple[str, UUID], date]
    """When the last closed posting of each person ended."""
    known: Mapping[PersonKey, UUID]
    """People by every identifier that is open, employee numbers among them."""
    before: Mapping[PersonKey, UUID]
    """People by identifiers that were closed."""
    everybody: frozenset[UUID]
    """Who is, or was, known in the organisations."""
    elsewhere: Mapping[str, list[Seen]]
    """Whom any organisation knows, by the id of any HR system."""

    def has(self, person: UUID) -> bool:
        """Tell whether anything is stored of a person, open or closed."""
        return person in self.everybody

    def holder(self, organisation: str, number: str) -> UUID | None:
        """Return who has an employee number."""
        return self.known.get(PersonKey(organisation, EMPLOYEE_NUMBER, number))

    def number(self, who: tuple[str, UUID]) -> str:
        """Return an employee number, which is how messages name people."""
        return next(
            (
                held.facts.external_id
                for held in self.identifiers.get(who, [])
                if held.facts.source == EMPLOYEE_NUMBER
            ),
            str(who[1]),
        )


async def load(
    connection: Connection,
    rows: Collection[PersonRow],
    complete: Collection[str],
    today: date,
) -> Stored:
    """Return what is stored of the organisations in the rows or said complete."""
    members = {
        row["code"]: Member(row["hr_system"], tuple(row["domains"]), row["valid_to"])
        for row in await connection.fetch(ORGANISATIONS)
    }
    names = await NAMES.open_rows(connection, members)
    concerned = sorted({row.organisation for row in rows} & {*members} | {*complete})
    identifiers = await IDENTIFIERS.open_rows(connection, concerned)
    ended = await connection.fetch(ENDED, concerned)
    references = await connection.fetch(REFERENCES, concerned)
    before = await _before(connection, rows)
    everybody = {held.facts.person for held in identifiers} | {*before.values()}
    return Stored(
        members=members,
        codes={alike(held.facts.name): held.organisation for held in names},
        references=frozenset((r["organisation"], r["reference"]) for r in references),
        details=_by_person(await DETAILS.open_rows(connection, concerned)),
        identifiers=_by_person(identifiers),
        records=_by_person(await RECORDS.open_rows(connection, concerned)),
        postings=_by_person(await POSTINGS.open_rows(connection, concerned)),
        lines=_by_person(await LINES.open_rows(connection, concerned)),
        ended={(row["organisation"], row["person"]): row["ended"] for row in ended},
        known={
            PersonKey(held.organisation, *held.facts[1:]): held.facts.person
            for held in identifiers
        },
        before=before,
        everybody=frozenset(everybody),
        elsewhere=await _elsewhere(connection, rows, today),
    )


def _by_person(
    rows: Collection[Held[Facts]],
) -> StoredRows[Facts]:
    grouped: dict[tuple[str, UUID], list[Held[Facts]]] = defaultdict(list)
    for row in rows:
        grouped[row.organisation, row.facts[0]].append(row)
    return dict(grouped)


async def _before(
    connection: Connection, rows: Collection[PersonRow]
) -> dict[PersonKey, UUID]:
    keys = sorted({row.key for row in rows})
    found = await connection.fetch(
        BEFORE,
        [key.organisation for key in keys],
        [key.source for key in keys],
        [key.external_id for key in keys],
    )
    return {PersonKey(*tuple(row)[:3]): row["person"] for row in found}


async def _elsewhere(
    connection: Connection, rows: Collection[PersonRow], today: date
) -> Mapping[str, list[Seen]]:
    ids = sorted({row.external_id for row in rows})
    found = await connection.fetch(ELSEWHERE, ids, today)
    seen: dict[str, list[Seen]] = defaultdict(list)
    for row in found:
        key = PersonKey(row["organisation"], row["source"], row["external_id"])
        name = (alike(row["given_name"]), alike(row["family_name"]))
        seen[key.external_id].append(Seen(key, name, row["fte"]))
    return dict(seen)
