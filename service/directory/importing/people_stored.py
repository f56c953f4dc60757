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
NAMED: Final = """
SELECT organisation, source, external_id, person, valid_to FROM person_identifier
WHERE external_id = ANY($1) AND source <> 'employee_number'
ORDER BY valid_to, valid_from, id
"""
"""Asked for by itself: joined, it was planned for far fewer rows than there are."""
ELSEWHERE: Final = """
SELECT d.organisation, d.person, d.given_name, d.family_name, sum(p.fte) AS fte
FROM person_details AS d
JOIN posting AS p ON p.organisation = d.organisation AND p.person = d.person
WHERE d.person = ANY($1) AND d.valid_to IS NULL
    AND (p.valid_to IS NULL OR p.valid_to > $2)
GROUP BY d.organisation, d.person, d.given_name, d.family_name
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
    """Whom an organisation knows by an id in the files, though they do not say so."""

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
    before, elsewhere = await _named(connection, rows, today)
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
        elsewhere=elsewhere,
    )


def _by_person(
    rows: Collection[Held[Facts]],
) -> StoredRows[Facts]:
    grouped: dict[tuple[str, UUID], list[Held[Facts]]] = defaultdict(list)
    for row in rows:
        grouped[row.organisation, row.facts[0]].append(row)
    return dict(grouped)


async def _named(
    connection: Connection, rows: Collection[PersonRow], today: date
) -> tuple[dict[PersonKey, UUID], dict[str, list[Seen]]]:
    """Return who had the rows' ids before, and who has them where no row does."""
    keys = {row.key for row in rows}
    here = {(key.organisation, key.external_id) for key in keys}
    before: dict[PersonKey, UUID] = {}
    open_: dict[tuple[str, UUID], PersonKey] = {}
    for organisation, source, id_, person, ended in await connection.fetch(
        NAMED, sorted({key.external_id for key in keys})
    ):
        key = PersonKey(organisation, source, id_)
        if ended is None and (organisation, id_) not in here:
            open_[organisation, person] = key
        elif ended is not None and key in keys:
            before[key] = person  # The last to have it, for they come in that order.
    elsewhere: dict[str, list[Seen]] = defaultdict(list)
    for organisation, person, *names, fte in await connection.fetch(
        ELSEWHERE, [person for _, person in open_], today
    ):
        if key_there := open_.get((organisation, person)):
            given, family = map(alike, names)
            seen = Seen(key_there, (given, family), fte)
            elsewhere[key_there.external_id].append(seen)
    return before, elsewhere
