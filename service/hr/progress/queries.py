"""Objectives, agreements, assessments and decisions of a cycle, record by record.

The law: nothing here knows of feedback; of scores only those that were published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.db import transaction

PROGRESS: Final = """
WITH mine AS (
    SELECT r.id, r.person, r.organisation, r.cycle FROM appraisal_record r
    WHERE r.organisation = $1 AND r.cycle = $2
), held AS (
    SELECT m.id AS record, o.id, o.stage FROM mine m
    JOIN shared_objective o ON o.record = m.id
    WHERE o.stage <> 'withdrawn'
    UNION
    SELECT m.id, o.id, o.stage FROM mine m
    JOIN contribution c ON c.person = m.person AND c.organisation = m.organisation
    JOIN shared_objective o ON o.id = c.objective AND o.cycle = m.cycle
    WHERE c.state IN ('accepted', 'disputed') AND o.stage NOT IN ('draft', 'withdrawn')
), counted AS (
    SELECT record, count(*) AS objectives,
        count(*) FILTER (WHERE stage IN ('draft', 'proposed', 'sent_back')) AS waiting,
        count(*) FILTER (WHERE stage = 'disputed') AS disputed,
        count(*) FILTER (WHERE stage = 'agreed') AS agreed,
        count(*) FILTER (WHERE stage IN ('assessed', 'closed')) AS assessed
    FROM held GROUP BY record
)
SELECT m.id AS record, d.given_name || ' ' || d.family_name AS name,
    p.unit, coalesce(c.objectives, 0) AS objectives, coalesce(c.waiting, 0) AS waiting,
    coalesce(c.disputed, 0) AS disputed, coalesce(c.agreed, 0) AS agreed,
    coalesce(c.assessed, 0) AS assessed,
    s.published_at IS NOT NULL AND s.value IS NOT NULL AS to_decide,
    EXISTS (SELECT FROM score_decision e WHERE e.score = s.id AND e.run = s.run)
        AS decided
FROM mine m
LEFT JOIN counted c ON c.record = m.id
LEFT JOIN score s ON s.record = m.id AND s.organisation = m.organisation
    AND s.cycle = m.cycle AND s.published_at IS NOT NULL
LEFT JOIN LATERAL (
    SELECT given_name, family_name FROM person_details
    WHERE person = m.person AND organisation = m.organisation
    ORDER BY valid_to DESC NULLS FIRST, valid_from DESC, id LIMIT 1) AS d ON true
LEFT JOIN LATERAL (
    SELECT unit FROM posting
    WHERE person = m.person AND organisation = m.organisation
        AND valid_from <= $3 AND (valid_to IS NULL OR valid_to > $3)
    ORDER BY fte DESC, valid_from, id LIMIT 1) AS p ON true
ORDER BY p.unit NULLS LAST, d.family_name, d.given_name, m.id
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one record has come."""

    record: UUID
    name: str | None
    unit: str | None
    objectives: int
    waiting: int
    """Objectives that are not agreed yet."""
    disputed: int
    agreed: int
    assessed: int
    to_decide: bool
    """It has a published score with a number."""
    decided: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """How far the records of one unit have come, as so many of its records."""

    name: str | None
    records: int
    with_objectives: int
    all_agreed: int
    """Records that have objectives, all of them agreed or further."""
    all_assessed: int
    to_decide: int
    decided: int


async def standings(organisation: str, cycle: UUID, day: date) -> list[Standing]:
    """Return how far each record of an organisation has come, by unit and name."""
    async with transaction() as connection:
        rows = await connection.fetch(PROGRESS, organisation, cycle, day)
    return [Standing(**dict(row)) for row in rows]


def by_unit(standings: Sequence[Standing]) -> list[Unit]:
    """Return the same counted by unit, in the order in which they come."""
    units: dict[str | None, list[Standing]] = {}
    for each in standings:
        units.setdefault(each.unit, []).append(each)
    return [_unit(name, records) for name, records in units.items()]


def _unit(name: str | None, records: Sequence[Standing]) -> Unit:
    has = [each for each in records if each.objectives]
    return Unit(
        name=name,
        records=len(records),
        with_objectives=len(has),
        all_agreed=sum(each.agreed + each.assessed == each.objectives for each in has),
        all_assessed=sum(each.assessed == each.objectives for each in has),
        to_decide=sum(each.to_decide for each in records),
        decided=sum(each.decided for each in records),
    )
