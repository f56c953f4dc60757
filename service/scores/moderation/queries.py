"""Panels, judgements and events as whoever may see them reads them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from service.db import transaction
from service.db.together import together
from service.feedback.queries import Judged, grounds
from service.records.frameworks import load
from service.records.queries import NAMED, RecordFact
from service.scores.moderation.rules import JudgementStage, PanelLevel, Standing

EVERY: Final = 1_000_000
"""More records than any organisation has."""
PANELS: Final = """
SELECT p.organisation, p.id, p.cycle, p.level, p.unit, p.grade, p.opened_at
FROM moderation_panel p
WHERE p.organisation = $1 AND ($2::uuid IS NULL OR p.id = $2)
    AND ($3::uuid IS NULL OR EXISTS (SELECT FROM moderation_member m
        WHERE m.panel = p.id AND m.person = $3 AND m.until > $4
            AND m.ended_at IS NULL))
ORDER BY p.opened_at, p.id
"""
MEMBERS: Final = """
SELECT m.panel, m.person, m.until FROM moderation_member m
WHERE m.panel = ANY ($1) AND m.until > $2 AND m.ended_at IS NULL
    AND EXISTS (SELECT FROM posting h
        WHERE h.person = m.person AND h.organisation = m.organisation
            AND h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2))
ORDER BY m.panel, m.named_at, m.person
"""
"""Whoever works elsewhere by now is no member in office."""
STANDING: Final = """
SELECT coalesce(e.record, j.record) AS record, coalesce(e.after, j.level) AS level,
    j.level AS judged, j.manager, coalesce(e.number, 0) AS events
FROM (SELECT DISTINCT ON (record) record, level, manager FROM manager_judgement
    WHERE record = ANY ($1::uuid[]) AND stage = $2::text ORDER BY record, number DESC) j
LEFT JOIN (SELECT DISTINCT ON (record) record, after, number FROM moderation_event
    WHERE record = ANY ($1::uuid[]) AND $2::text = 'end_year'
    ORDER BY record, number DESC) e
    ON e.record = j.record
"""
ABOVE: Final = """
WITH RECURSIVE above (person, path) AS (
    SELECT $3::uuid, ARRAY[$3::uuid]
    UNION ALL
    SELECT line.manager, above.path || line.manager
    FROM above JOIN LATERAL (
        SELECT manager FROM reporting_line
        WHERE person = above.person AND kind = 'line'
            AND valid_from <= $4::date AND (valid_to IS NULL OR valid_to > $4::date)
        ORDER BY valid_from, organisation, id LIMIT 1
    ) AS line ON line.manager <> ALL (above.path)
)
SELECT person FROM above WHERE person <> $3::uuid
UNION
(SELECT manager FROM reporting_line
WHERE person = $3::uuid AND kind = 'functional'
    AND valid_from <= $4::date AND (valid_to IS NULL OR valid_to > $4::date)
ORDER BY valid_from, organisation, id LIMIT 1)
"""
"""As `line_above` and `functional_managers_on` of the directory, as one set."""
WITHIN: Final = f"""{NAMED}
LEFT JOIN LATERAL (
    SELECT p.unit, p.grade FROM posting p
    WHERE p.person = r.person AND p.valid_from <= $5
        AND (p.valid_to IS NULL OR p.valid_to > $5)
    ORDER BY p.fte DESC, p.valid_from, p.organisation, p.id LIMIT 1) held ON true
WHERE r.organisation = $1 AND r.cycle = $2
    AND ($3::text IS NULL OR held.unit = $3)
    AND ($4::text IS NULL OR held.grade = $4)
ORDER BY r.id
"""  # noqa: S608 - statements of our own
JUDGEMENTS: Final = """
SELECT number, stage, level, reason, manager, judged_at FROM manager_judgement
WHERE record = $1 ORDER BY judged_at, stage, number
"""
EVENTS: Final = """
SELECT e.id, e.record, e.panel, p.level AS panel_level, e.number, e.before, e.after,
    e.reason, e.recorded_by, e.recorded_at
FROM moderation_event e JOIN moderation_panel p ON p.id = e.panel
WHERE e.record = ANY ($1) ORDER BY e.record, e.number
"""


@dataclass(frozen=True, slots=True)
class PanelFact:
    """One panel."""

    organisation: str
    id: UUID
    cycle: UUID
    level: PanelLevel
    unit: str | None
    grade: str | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class MemberFact:
    """Somebody who is a member of a panel today."""

    person: UUID
    until: date


@dataclass(frozen=True, slots=True)
class Stands:
    """What stands of one record's judgement."""

    level: str
    judged: str
    """What the manager judged."""
    manager: UUID
    events: int


@dataclass(frozen=True, slots=True)
class JudgementFact:
    """What a manager judged."""

    number: int
    stage: JudgementStage
    level: str
    reason: str
    manager: UUID
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class EventFact:
    """What a panel made of it."""

    id: UUID
    record: UUID
    panel: UUID
    panel_level: PanelLevel
    number: int
    before: str
    after: str
    reason: str
    recorded_by: UUID
    recorded_at: datetime


def levels_of(framework: str) -> dict[str, str]:
    """Return the codes of a framework's levels, best first, with their titles."""
    return {level.code: level.title for level in load(framework).ratings.levels}


async def panels(
    organisation: str,
    day: date,
    *,
    panel: UUID | None = None,
    member: UUID | None = None,
) -> list[PanelFact]:
    """Return panels of an organisation; `member` keeps those of one who is on them."""
    rows = await _fetch(PANELS, organisation, panel, member, day)
    return [PanelFact(**{**row, "level": PanelLevel(row["level"])}) for row in rows]


async def members(panels: Collection[UUID], day: date) -> dict[UUID, list[MemberFact]]:
    """Return each panel's members on a day."""
    found: dict[UUID, list[MemberFact]] = {panel: [] for panel in panels}
    for row in await _fetch(MEMBERS, sorted(panels), day):
        found[row["panel"]].append(MemberFact(row["person"], row["until"]))
    return found


async def within_panel(panel: PanelFact, day: date) -> list[RecordFact]:
    """Return the records whose judgements a panel moderates, by today's postings."""
    rows = await _fetch(
        WITHIN, panel.organisation, panel.cycle, panel.unit, panel.grade, day
    )
    return [RecordFact(**row) for row in rows]


async def standing_at(
    records: Collection[UUID], stage: JudgementStage
) -> dict[UUID, Stands]:
    """Return what stands of each judgement, of those that were given."""
    rows = await _fetch(STANDING, sorted(records), stage)
    return {
        row["record"]: Stands(
            row["level"], row["judged"], row["manager"], row["events"]
        )
        for row in rows
    }


async def judgements_of(record: UUID) -> list[JudgementFact]:
    """Return what the record's managers judged, in order of time."""
    rows = await _fetch(JUDGEMENTS, record)
    return [JudgementFact(**{**r, "stage": JudgementStage(r["stage"])}) for r in rows]


async def events_of(records: Collection[UUID]) -> list[EventFact]:
    """Return what panels made of these records, each record's in order."""
    rows = await _fetch(EVENTS, sorted(records))
    return [
        EventFact(**{**row, "panel_level": PanelLevel(row["panel_level"])})
        for row in rows
    ]


async def standing_for(
    on: Collection[RecordFact], person: UUID, day: date
) -> tuple[dict[UUID, Stands], dict[UUID, Standing]]:
    """Return what stands at the year's end, and how somebody stands to each record."""
    found = await together(
        {"stands": STANDING, "above": ABOVE},
        sorted(record.id for record in on),
        JudgementStage.END_YEAR,
        person,
        day,
    )
    above = {UUID(row["person"]) for row in found["above"]}
    stands = {
        UUID(row["record"]): Stands(
            row["level"], row["judged"], UUID(row["manager"]), row["events"]
        )
        for row in found["stands"]
    }
    async with transaction() as connection:
        asked = [Judged(record.id, person, day) for record in on]
        known = {of.record: each for of, each in await grounds(connection, asked)}
    return stands, {
        record.id: Standing(
            is_subject=known[record.id].is_subject,
            is_below=record.person in above,
            competes=known[record.id].competes,
            judged=record.id in stands and stands[record.id].manager == person,
        )
        for record in on
    }


async def _fetch(sql: str, *arguments: object) -> list[dict[str, Any]]:
    async with transaction() as connection:
        return [dict(row) for row in await connection.fetch(sql, *arguments)]
