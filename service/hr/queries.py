"""Published scores as HR systems pull them: always within given organisations."""

import json
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from service.db import transaction
from service.hr.schemas import (
    CollaborationScore,
    Component,
    Interval,
    MethodName,
    Period,
    PersonName,
    Posting,
    RaterBands,
    RecordName,
    Scale,
    number,
)
from service.records.frameworks import appraisal_year, load
from service.scores.estimate import LEVEL

SCORES: Final = """
SELECT s.*, r.source, r.external_id AS record_external_id, c.framework, c.year,
    n.method, n.method_version, n.inputs_digest,
    i.source AS person_source, i.external_id AS person_external_id
FROM score s
JOIN appraisal_record r ON r.id = s.record
JOIN cycle c ON c.id = s.cycle
JOIN score_run n ON n.id = s.run
LEFT JOIN LATERAL (
    SELECT p.source, p.external_id FROM person_identifier p
    WHERE p.organisation = s.organisation AND p.person = s.person
        AND p.source = r.source
    ORDER BY p.valid_to DESC NULLS FIRST LIMIT 1) i ON true
WHERE s.organisation = ANY ($1) AND s.published_at IS NOT NULL
    AND ($2::uuid IS NULL OR s.cycle = $2)
    AND ($3::uuid IS NULL OR s.person = $3)
    AND ($4::uuid IS NULL OR s.id = $4)
    AND ($5::timestamptz IS NULL OR s.changed_at >= $5)
    AND ($6::uuid IS NULL OR s.id > $6)
ORDER BY s.id
LIMIT $7
"""


async def scores(
    organisations: Collection[str],
    issuer: str,
    *,
    cycle: UUID | None = None,
    person: UUID | None = None,
    score: UUID | None = None,
    changed_since: datetime | None = None,
    after: UUID | None = None,
    limit: int = 1,
) -> list[CollaborationScore]:
    """Return published scores of these organisations' people, in order of id."""
    async with transaction() as connection:
        rows = await connection.fetch(
            SCORES,
            sorted(organisations),
            cycle,
            person,
            score,
            changed_since,
            after,
            limit,
        )
    return [_score(row, issuer) for row in rows]


def _score(row: Record, issuer: str) -> CollaborationScore:
    start, end = appraisal_year(load(row["framework"]), row["year"])
    interval = _interval(row)
    value = number(row["value"])
    return CollaborationScore(
        id=row["id"],
        person=PersonName(
            source_system=row["person_source"],
            external_id=row["person_external_id"],
            id=row["person"],
        ),
        organisation=row["organisation"],
        record=RecordName(
            source_system=row["source"], external_id=row["record_external_id"]
        ),
        cycle=row["cycle"],
        period=Period(start=start, end=end),
        episodes=[_posting(episode) for episode in json.loads(row["episodes"])],
        state=row["state"],
        under_appeal=False,
        reason=row["reason"],
        value=value,
        band=row["band"],
        scale=Scale(),
        interval=interval,
        reliability=number(row["reliability"]),
        confidence=row["confidence"],
        raters=_raters(row),
        components=[_feedback(value, interval)],
        method=MethodName(
            name=row["method"],
            version=row["method_version"],
            url=f"{issuer}/v1/methods/{row['method']}/{row['method_version']}",
        ),
        inputs_digest=row["inputs_digest"],
        decision=None,
        version=row["version"],
        changed_at=row["changed_at"],
        deleted_at=None,
    )


def _interval(row: Record) -> Interval | None:
    low, high = number(row["low"]), number(row["high"])
    if low is None or high is None:
        return None
    return Interval(low=low, high=high, level=LEVEL)


def _posting(episode: dict[str, Any]) -> Posting:
    return Posting(
        posting=episode["title"],
        start=date.fromisoformat(episode["start"]),
        end=date.fromisoformat(episode["end"]),
        exposure_days=episode["days"],
    )


def _raters(row: Record) -> RaterBands | None:
    if row["raters"] is None or row["organisations"] is None:
        return None
    return RaterBands(band=row["raters"], organisations=row["organisations"])


def _feedback(value: float | None, interval: Interval | None) -> Component:
    """Return the one part a score of method `mean` has: feedback."""
    return Component(
        name="feedback",
        value=value,
        interval=interval,
        weight=1.0,
        coverage=0.0 if value is None else 1.0,
    )
