"""Records in a list: one's own, or those of the people one answers for.

The law: a list tells where each record stands and never a figure, so that nobody is
ranked by it; it is one statement.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final
from uuid import UUID

from asyncpg import Record

from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.rules import LineKind
from service.hr.attachment.about import NAME
from service.objectives.queries import OF_RECORD
from service.objectives.stages import Stage
from service.records.rules import CycleState
from service.scores.deciding.queries import STANCE, Stance, stance_from
from service.scores.rules import State

LISTED: Final = f"""
WITH people (person, line) AS (
    SELECT $1::uuid, NULL WHERE cardinality($3::text[]) = 0
    UNION SELECT l.person, l.kind FROM reporting_line l
    WHERE l.manager = $1 AND l.kind = ANY ($3)
        AND l.valid_from <= $2 AND (l.valid_to IS NULL OR l.valid_to > $2))
SELECT p.person, p.line,
    {NAME.format("p.person")} AS name, held.title, held.unit,
    held.organisation, r.id AS record, r.source, c.year, c.state AS cycle_state,
    (SELECT jsonb_object_agg(o.stage, o.of) FROM (
        SELECT stage, count(*) AS of FROM shared_objective
        WHERE id IN ({OF_RECORD.replace("$1", "r.id")})
            AND shared_at IS NOT NULL AND stage <> 'withdrawn'
        GROUP BY stage) AS o) AS objectives,
    s.run, s.state AS score_state, {STANCE}
FROM people p
LEFT JOIN LATERAL (SELECT organisation, title, unit FROM posting
    WHERE posting.person = p.person AND valid_from <= $2
        AND (valid_to IS NULL OR valid_to > $2)
    ORDER BY fte DESC, valid_from, organisation, id LIMIT 1) AS held ON true
LEFT JOIN (appraisal_record r JOIN cycle c ON c.id = r.cycle
    AND (c.state <> 'archived' OR cardinality($3::text[]) = 0))
    ON r.person = p.person
LEFT JOIN score s ON s.record = r.id AND s.published_at IS NOT NULL
ORDER BY name, p.person, c.year DESC, r.source, r.id, p.line DESC
"""  # noqa: S608 - statements of our own
AGREED: Final = frozenset({Stage.AGREED, Stage.ASSESSED, Stage.CLOSED})


@dataclass(frozen=True, slots=True)
class Listed:
    """One record, and where it stands."""

    id: UUID
    years: str
    source: str
    cycle: CycleState
    objectives: int
    """Its own, and those of others that its person contributes to."""
    agreed: int
    score: State | None
    """None: not published yet."""
    stance: Stance | None


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person, and their records, the newest first."""

    person: UUID
    name: str
    title: str | None
    unit: str | None
    organisation: str | None
    lines: frozenset[LineKind]
    """In which they answer to whoever asks."""
    records: Sequence[Listed]


async def own_records(caller: SignedIn, day: date) -> Sequence[Listed]:
    """Return somebody's own records of every year."""
    found = await _listed(caller, day, [])
    return found[0].records if found else []


async def reports(caller: SignedIn, day: date) -> list[Somebody]:
    """Return whom somebody answers for, by name, with their records."""
    return await _listed(caller, day, [LineKind.LINE, LineKind.FUNCTIONAL])


async def _listed(
    caller: SignedIn, day: date, lines: Collection[LineKind]
) -> list[Somebody]:
    with within_reach(EVERYONE):  # Whom somebody answers for may sit elsewhere.
        async with transaction() as connection:
            rows = await connection.fetch(LISTED, caller.id, day, [*lines])
    return [
        _somebody([*theirs]) for _, theirs in groupby(rows, lambda row: row["person"])
    ]


def _somebody(rows: Sequence[Record]) -> Somebody:
    first = rows[0]
    records = {row["record"]: row for row in rows if row["record"] is not None}
    lines = {row["line"] for row in rows} - {None}
    return Somebody(
        person=first["person"],
        name=first["name"] or "",
        title=first["title"],
        unit=first["unit"],
        organisation=first["organisation"],
        lines=frozenset(map(LineKind, lines)),
        records=[_record(row) for row in records.values()],
    )


def _record(row: Record) -> Listed:
    objectives = {
        Stage(stage): count
        for stage, count in json.loads(row["objectives"] or "{}").items()
    }
    scored = row["score_state"] is not None
    return Listed(
        id=row["record"],
        years=f"{row['year']}-{(row['year'] + 1) % 100:02}",
        source=row["source"],
        cycle=CycleState(row["cycle_state"]),
        objectives=sum(objectives.values()),
        agreed=sum(of for stage, of in objectives.items() if stage in AGREED),
        score=State(row["score_state"]) if scored else None,
        stance=stance_from(row) if scored else None,
    )
