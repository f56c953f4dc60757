"""Progress as read: of many objectives at once, and how each came to be as it is."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from service.db import transaction
from service.db.together import together
from service.errors import NotFound
from service.objectives.audience import naming
from service.objectives.content import differences
from service.objectives.presenting import Sight
from service.objectives.progress.presenting import (
    acted,
    dissent_out,
    in_utc,
    indicator_out,
    milestone_out,
    reading_out,
    status_out,
)
from service.objectives.progress.schemas import (
    ChangeOut,
    DissentOut,
    ProgressOut,
    ProgressVersionOut,
    ReadingOut,
    StatusOut,
)

PROGRESS: Final = """
SELECT o.id,
    (SELECT jsonb_agg(to_jsonb(m) ORDER BY m.due_on, m.title, m.id)
        FROM objective_milestone m WHERE m.objective = o.id) AS milestones,
    (SELECT jsonb_agg(to_jsonb(i) || jsonb_build_object('readings', (
            SELECT jsonb_agg(to_jsonb(l) ORDER BY l.as_of, l.number) FROM (
                SELECT r.* FROM objective_reading r
                WHERE r.indicator = i.id AND NOT EXISTS (
                    SELECT FROM objective_reading c
                    WHERE c.indicator = r.indicator AND c.corrects = r.id)
                ORDER BY r.as_of DESC, r.number DESC LIMIT 2) l))
            ORDER BY i.title, i.id)
        FROM objective_indicator i WHERE i.objective = o.id) AS indicators,
    (SELECT to_jsonb(s) || jsonb_build_object('dissents', (
            SELECT jsonb_agg(to_jsonb(d) ORDER BY d.organisation, d.number)
            FROM objective_dissent d
            WHERE d.objective = s.objective AND d.status = s.id))
        FROM objective_status s WHERE s.objective = o.id
        ORDER BY s.number DESC LIMIT 1) AS status
FROM shared_objective o WHERE o.id = ANY ($1)
"""
MEASURED: Final = """
SELECT EXISTS (SELECT FROM objective_indicator WHERE objective = $1 AND id = $2)
"""
READINGS: Final = """
SELECT r.*, c.id AS corrected_by
FROM objective_reading r
LEFT JOIN objective_reading c ON c.indicator = r.indicator AND c.corrects = r.id
WHERE r.objective = $1 AND r.indicator = $2 ORDER BY r.number
"""
ALL_READINGS: Final = """
SELECT r.*, c.id AS corrected_by
FROM objective_reading r
LEFT JOIN objective_reading c ON c.indicator = r.indicator AND c.corrects = r.id
WHERE r.objective = $1 ORDER BY r.as_of DESC, r.number DESC
"""
STATUSES: Final = "SELECT * FROM objective_status WHERE objective = $1 ORDER BY number"
DISSENTS: Final = """
SELECT * FROM objective_dissent WHERE objective = $1
ORDER BY lodged_at, organisation, number
"""
VERSIONS: Final = """
SELECT v.*, v.revision < (
        SELECT min(s.revision) FROM objective_step s
        WHERE s.objective = v.objective AND s.step = 'propose') AS drafted
FROM objective_progress_version v
WHERE v.objective = $1 AND (v.milestone = $2 OR v.indicator = $3) ORDER BY v.version
"""
ACTED: Final = """
SELECT person FROM objective_progress_version
WHERE objective = ANY ($1) AND organisation = ANY ($2) AND person IS NOT NULL
UNION SELECT person FROM objective_reading
WHERE objective = ANY ($1) AND organisation = ANY ($2) AND person IS NOT NULL
UNION SELECT person FROM objective_status
WHERE objective = ANY ($1) AND organisation = ANY ($2)
UNION SELECT person FROM objective_dissent
WHERE objective = ANY ($1) AND organisation = ANY ($2)
"""


async def progress_of(ids: Collection[UUID], sight: Sight) -> dict[UUID, ProgressOut]:
    """Return how each of these objectives gets on, in one statement."""
    rows = await together({"found": PROGRESS}, sorted(ids))
    return progress_from(rows["found"], sight)


def progress_from(
    rows: Collection[Mapping[str, Any]], sight: Sight
) -> dict[UUID, ProgressOut]:
    """Present rows of `PROGRESS`, by objective."""
    return {
        UUID(row["id"]): ProgressOut(
            milestones=[milestone_out(m, sight) for m in row["milestones"] or ()],
            indicators=[indicator_out(i, sight) for i in row["indicators"] or ()],
            status=_current(row["status"], sight) if row["status"] else None,
        )
        for row in rows
    }


def _current(said: Mapping[str, Any], sight: Sight) -> StatusOut:
    return status_out(said, said["dissents"] or [], sight, current=True)


async def readings(objective: UUID, indicator: UUID, sight: Sight) -> list[ReadingOut]:
    """Return every reading of an indicator, in the order in which they came."""
    async with transaction() as connection:
        if not await connection.fetchval(MEASURED, objective, indicator):
            raise NotFound(f"The objective has no indicator {indicator}.")
        rows = await connection.fetch(READINGS, objective, indicator)
    sight = await naming(sight, [row["person"] for row in rows])
    return [reading_out(dict(row), sight) for row in rows]


async def over_time(
    objective: UUID, sight: Sight
) -> tuple[list[StatusOut], dict[UUID, list[ReadingOut]]]:
    """Return every status and, by indicator, every reading, the newest first.

    It is one statement; `sight` has to have everybody's names.
    """
    rows = await together(
        {"statuses": STATUSES, "dissents": DISSENTS, "readings": ALL_READINGS},
        objective,
    )
    said = [
        status_out(
            row,
            [each for each in rows["dissents"] if each["status"] == row["id"]],
            sight,
            current=row["number"] == len(rows["statuses"]),
        )
        for row in reversed(rows["statuses"])
    ]
    found: dict[UUID, list[ReadingOut]] = {}
    for row in rows["readings"]:
        reading = reading_out(row, sight)
        found.setdefault(UUID(row["indicator"]), []).append(reading)
    return said, found


async def statuses(objective: UUID, sight: Sight) -> list[StatusOut]:
    """Return every status of an objective, the first one first, with its dissents."""
    async with transaction() as connection:
        rows = [dict(row) for row in await connection.fetch(STATUSES, objective)]
        lodged = [dict(row) for row in await connection.fetch(DISSENTS, objective)]
    sight = await naming(sight, [row["person"] for row in (*rows, *lodged)])
    return [
        status_out(
            row,
            [each for each in lodged if each["status"] == row["id"]],
            sight,
            current=row["number"] == len(rows),
        )
        for row in rows
    ]


async def dissents(objective: UUID, sight: Sight) -> list[DissentOut]:
    """Return every dissent from any status, and every wording of it."""
    async with transaction() as connection:
        numbers = {
            row["id"]: row["number"]
            for row in await connection.fetch(STATUSES, objective)
        }
        rows = [dict(row) for row in await connection.fetch(DISSENTS, objective)]
    sight = await naming(sight, [row["person"] for row in rows])
    last = {(row["status"], row["organisation"]): row["number"] for row in rows}
    return [
        dissent_out(
            row,
            numbers[row["status"]],
            sight,
            stands=row["number"] == last[row["status"], row["organisation"]],
        )
        for row in rows
    ]


async def versions(
    objective: UUID,
    sight: Sight,
    *,
    drafts: bool,
    milestone: UUID | None = None,
    indicator: UUID | None = None,
) -> list[ProgressVersionOut]:
    """Return what one of the two has said, and what each change changed.

    Unless `drafts` are seen, it begins with what it said when the objective was put to
    others. Refuses an id that is none of this objective.
    """
    async with transaction() as connection:
        rows = await connection.fetch(VERSIONS, objective, milestone, indicator)
    if not rows:
        raise NotFound(f"The objective has no {milestone or indicator}.")
    if not drafts:
        rows = rows[max(sum(bool(row["drafted"]) for row in rows) - 1, 0) :]
    sight = await naming(sight, [row["person"] for row in rows])
    said: list[dict[str, Any]] = [json.loads(row["content"]) for row in rows]
    return [
        ProgressVersionOut(
            version=row["version"],
            at=in_utc(row["at"]),
            organisation=row["organisation"],
            person=acted(row["person"], row["organisation"], sight),
            says=says,
            changes=[
                ChangeOut(field=found.field, before=found.before, after=found.after)
                for found in (differences(before, says) if before else [])
            ],
        )
        for row, before, says in zip(rows, [None, *said], said, strict=False)
    ]


async def who_acted(ids: Collection[UUID], organisations: Collection[str]) -> set[UUID]:
    """Return who ever planned, reported, read or dissented for these organisations."""
    async with transaction() as connection:
        rows = await connection.fetch(ACTED, sorted(ids), sorted(organisations))
    return {row["person"] for row in rows}
