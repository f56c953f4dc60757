"""Cycles and records as callers may read them: always within given organisations."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from service.db import transaction
from service.directory.rules import AmbiguousIdentifier
from service.errors import NotFound
from service.records.tables import CycleStage

CYCLES: Final = """
SELECT c.id, c.framework, c.framework_version, c.year, c.method, c.state, c.version,
    array_agg(o.organisation::text ORDER BY o.organisation)
        FILTER (WHERE $1::text[] IS NULL OR o.organisation = ANY ($1)) AS organisations,
    (SELECT jsonb_object_agg(s.stage, s.starts_at) FROM cycle_stage s
        WHERE s.cycle = c.id) AS stages
FROM cycle c JOIN cycle_organisation o ON o.cycle = c.id
WHERE ($2::uuid IS NULL OR c.id = $2)
GROUP BY c.id
HAVING bool_or($1::text[] IS NULL OR o.organisation = ANY ($1))
ORDER BY c.year, c.id
"""
NAMED: Final = """
SELECT r.organisation, r.id, r.cycle, r.person, r.source, r.external_id, r.version,
    c.framework, i.source AS person_source, i.external_id AS person_external_id
FROM appraisal_record r
JOIN cycle c ON c.id = r.cycle
LEFT JOIN LATERAL (
    SELECT p.source, p.external_id FROM person_identifier p
    WHERE p.organisation = r.organisation AND p.person = r.person
        AND p.source = r.source
    ORDER BY p.valid_to DESC NULLS FIRST LIMIT 1) i ON true
"""
BY_ID: Final = NAMED + " WHERE r.id = ANY ($1) ORDER BY r.id"
RECORDS: Final = (
    NAMED
    + """
WHERE ($1::text[] IS NULL OR r.organisation = ANY ($1))
    AND ($2::uuid IS NULL OR r.cycle = $2)
    AND ($3::uuid IS NULL OR r.id = $3)
    AND ($4::text IS NULL OR (r.source = $4 AND r.external_id = $5))
    AND ($6::uuid IS NULL OR r.id > $6)
    AND ($8::uuid IS NULL OR r.person = $8 OR r.organisation = ANY ($10)
        OR EXISTS (SELECT FROM reporting_line l
            WHERE l.person = r.person AND l.manager = $8
                AND l.kind IN ('line', 'functional')
                AND l.valid_from <= $9 AND (l.valid_to IS NULL OR l.valid_to > $9)))
ORDER BY r.id
LIMIT $7
"""
)


@dataclass(frozen=True, slots=True)
class RecordFact:
    """One appraisal record, with the names HR systems know it by."""

    organisation: str
    id: UUID
    cycle: UUID
    person: UUID
    source: str
    external_id: str
    version: int
    framework: str
    """Code of the cycle's."""
    person_source: str | None
    person_external_id: str | None


@dataclass(frozen=True, slots=True)
class SeenBy:
    """Somebody who looks for their own record, and for those of their reports."""

    person: UUID
    day: date
    administers: frozenset[str] = frozenset()
    """The organisations all of whose records they look for."""


async def cycles(
    organisations: Collection[str] | None, cycle: UUID | None = None
) -> list[dict[str, Any]]:
    """Return cycles of these organisations (None: of all), oldest year first."""
    scope = None if organisations is None else sorted(organisations)
    async with transaction() as connection:
        return [dict(row) for row in await connection.fetch(CYCLES, scope, cycle)]


async def cycle_of(
    cycle: UUID, organisations: Collection[str] | None = None
) -> dict[str, Any]:
    """Return one cycle; refuse one that none of these organisations takes part in."""
    found = await cycles(organisations, cycle)
    if not found:
        raise NotFound(f"No cycle {cycle}.")
    return found[0]


async def instants(cycle: UUID) -> dict[str, datetime]:
    """Return when each stage of the cycle begins."""
    rows = await CycleStage.select(CycleStage.stage, CycleStage.starts_at).where(
        CycleStage.cycle == cycle
    )
    return {row["stage"]: row["starts_at"] for row in rows}


async def records(
    organisations: Collection[str] | None,
    *,
    seen_by: SeenBy | None = None,
    cycle: UUID | None = None,
    record: UUID | None = None,
    external: tuple[str, str] | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[RecordFact]:
    """Return records by id, of these organisations (None: of all).

    `external` is (source, external record id); `seen_by` keeps those of a person, of
    whom they answer for, and of the organisations that they administer.
    """
    source, external_id = external or (None, None)
    async with transaction() as connection:
        rows = await connection.fetch(
            RECORDS,
            None if organisations is None else sorted(organisations),
            cycle,
            record,
            source,
            external_id,
            after,
            limit,
            seen_by and seen_by.person,
            seen_by and seen_by.day,
            sorted(seen_by.administers) if seen_by else [],
        )
    return [RecordFact(**dict(row)) for row in rows]


async def records_by_id(ids: Collection[UUID]) -> list[RecordFact]:
    """Return these records, whatever their organisation, by id."""
    async with transaction() as connection:
        rows = await connection.fetch(BY_ID, sorted(ids))
    return [RecordFact(**dict(row)) for row in rows]


async def record_named(
    name: str,
    organisations: Collection[str] | None,
    *,
    seen_by: SeenBy | None = None,
) -> RecordFact:
    """Return the record that `name`, an id or source:external_record_id, stands for."""
    source, colon, external_id = name.partition(":")
    found = await records(
        organisations,
        seen_by=seen_by,
        external=(source, external_id) if colon else None,
        record=None if colon else _uuid(name),
        limit=2,
    )
    if not found:
        raise NotFound(f"No record {name}.")
    if len(found) > 1:
        raise AmbiguousIdentifier(
            f"{name} is a record in {' and in '.join(r.organisation for r in found)}:"
            " add ?organisation=CODE."
        )
    return found[0]


def _uuid(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        raise NotFound(f"No record {name}.") from None
