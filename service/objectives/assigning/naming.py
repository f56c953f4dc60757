"""Whom and which records many callers' names stand for, each kind in one statement.

The law: a name is looked for only where the caller may look, and who is not
discoverable is to another organisation as somebody whom nobody knows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from service.db import transaction
from service.objectives.schemas import Named
from service.records.queries import RecordFact, records_by_id

RECORDS: Final = """
SELECT n.source || ':' || n.external_id AS name, r.id
FROM unnest($1::text[], $2::text[]) AS n (source, external_id)
JOIN appraisal_record r ON r.source = n.source AND r.external_id = n.external_id
WHERE r.organisation = ANY ($4)
UNION ALL
SELECT r.id::text, r.id FROM appraisal_record r
WHERE r.id = ANY ($3) AND r.organisation = ANY ($4)
"""
BY_NAME: Final = """
SELECT n.organisation, n.source, n.external_id, i.person
FROM unnest($1::text[], $2::text[], $3::text[])
    AS n (organisation, source, external_id)
JOIN person_identifier i ON i.organisation = n.organisation AND i.source = n.source
    AND i.external_id = n.external_id AND i.valid_to IS NULL
"""
BY_ID: Final = """
SELECT DISTINCT n.organisation, n.person
FROM unnest($1::text[], $2::uuid[]) AS n (organisation, person)
JOIN person_identifier i ON i.person = n.person AND i.organisation = n.organisation
"""
DISCOVERABLE: Final = """
SELECT n.person, n.seen_from
FROM unnest($1::uuid[], $2::text[]) AS n (person, seen_from)
JOIN person p ON p.id = n.person
WHERE p.discoverable OR EXISTS (SELECT FROM person_identifier i
    WHERE i.person = p.id AND i.organisation = n.seen_from AND i.valid_to IS NULL)
"""


class Sought(NamedTuple):
    """A person as somebody names them: for whom they work, and who looks for them."""

    seen_from: str
    organisation: str
    named: Named


@dataclass(frozen=True, slots=True)
class People:
    """Those who were found, by how they were named."""

    by_name: Mapping[tuple[str, str | None, str | None], UUID]
    by_id: Collection[tuple[str, UUID]]
    discoverable: Collection[tuple[UUID | None, str]] = ()

    def find(self, sought: Sought) -> UUID | None:
        """Return whom a name stands for, if the one who looks may know."""
        person = self.known(sought)
        return person if (person, sought.seen_from) in self.discoverable else None

    def known(self, sought: Sought) -> UUID | None:
        """Return whom a name stands for, whoever looks."""
        code, named = sought.organisation, sought.named
        if named.id is not None:
            return named.id if (code, named.id) in self.by_id else None
        return self.by_name.get((code, named.source_system, named.external_id))


async def records_named(
    names: Iterable[str], organisations: Collection[str]
) -> dict[str, list[RecordFact]]:
    """Return the records of these organisations that each name stands for.

    A name is an id, or source:external_record_id.
    """
    pairs, ids = set(), {}
    for name in names:
        source, colon, external_id = name.partition(":")
        if colon:
            pairs.add((source, external_id))
        elif (id_ := _uuid(name)) is not None:
            ids[name] = id_
    sources, external_ids = _columns(sorted(pairs), 2)
    async with transaction() as connection:
        rows = await connection.fetch(
            RECORDS, sources, external_ids, [*ids.values()], sorted(organisations)
        )
    facts = {fact.id: fact for fact in await records_by_id({r["id"] for r in rows})}
    found: dict[str, list[RecordFact]] = defaultdict(list)
    for row in rows:
        found[row["name"]].append(facts[row["id"]])
    for name, id_ in ids.items():
        found[name] = found.get(str(id_), [])
    return found


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _columns(rows: Sequence[tuple[str, ...]], width: int) -> list[list[str]]:
    """Turn rows into columns, as many even where there is no row."""
    return [[row[at] for row in rows] for at in range(width)]


async def people_named(sought: Collection[Sought]) -> People:
    """Return who is found of all who are named, in three statements."""
    named, ids = set(), set()
    for each in sought:
        code, name = each.organisation, each.named
        if name.id is not None:
            ids.add((code, name.id))
        elif name.source_system is not None and name.external_id is not None:
            named.add((code, name.source_system, name.external_id))
    async with transaction() as connection:
        rows = await connection.fetch(BY_NAME, *_columns(sorted(named), 3))
        by_name = {
            (row["organisation"], row["source"], row["external_id"]): row["person"]
            for row in rows
        }
        pairs = sorted(ids)
        rows = await connection.fetch(
            BY_ID, [code for code, _ in pairs], [person for _, person in pairs]
        )
        by_id = {(row["organisation"], row["person"]) for row in rows}
        known = People(by_name, by_id)
        seen = sorted(
            {
                (person, each.seen_from)
                for each in sought
                if (person := known.known(each)) is not None
            }
        )
        rows = await connection.fetch(
            DISCOVERABLE, [person for person, _ in seen], [code for _, code in seen]
        )
    return People(by_name, by_id, {(row["person"], row["seen_from"]) for row in rows})
