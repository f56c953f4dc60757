"""Cycles and records as callers may read them: always within given organisations."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
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
    i.source AS person_source, i.external_id AS person_external_id
FROM appraisal_record r
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
WHERE r.organisation = ANY ($1)
    AND ($2::uuid IS NULL OR r.cycle = $2)
    AND ($3::uuid IS NULL OR r.id = $3)
    AND ($4::text IS NULL OR (r.source = $4 AND r.external_id = $5))
    AND ($6::uuid IS NULL OR r.id > $6)
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
    person_source: str | None
    person_external_id: str | None


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
    organisations: Collection[str],
    *,
    cycle: UUID | None = None,
    record: UUID | None = None,
    external: tuple[str, str] | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[RecordFact]:
    """Return records by id; `external` is (source, external record id)."""
    source, external_id = external or (None, None)
    async with transaction() as connection:
        rows = await connection.fetch(
            RECORDS,
            sorted(organisations),
            cycle,
            record,
            source,
            external_id,
            after,
            limit,
        )
    return [RecordFact(**dict(row)) for row in rows]


async def records_by_id(ids: Collection[UUID]) -> list[RecordFact]:
    """Return these records, whatever their organisation, by id."""
    async with transaction() as connection:
        rows = await connection.fetch(BY_ID, sorted(ids))
    return [RecordFact(**dict(row)) for row in rows]


async def record_named(name: str, organisations: Collection[str]) -> RecordFact:
    """Return the record that `name`, an id or source:external_record_id, stands for."""
    source, colon, external_id = name.partition(":")
    if colon:
        found = await records(organisations, external=(source, external_id), limit=2)
    else:
        found = await records(organisations, record=_uuid(name), limit=2)
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
