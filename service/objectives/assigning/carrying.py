"""What is not yet met of an objective goes on with the objective that follows it.

The law: a figure keeps who gave it and when, but newcomers are told the figure alone;
all that was read before is read, by those who may, on the objective it was read on.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from service.audit.actions import record
from service.auth.caller import Caller
from service.db import transaction
from service.objectives.assigning.adding import insert
from service.objectives.changing import person_of
from service.objectives.measuring import Direction
from service.objectives.progress.tables import (
    IndicatorRow,
    Milestone,
    ProgressVersion,
    Reading,
)
from service.objectives.queries import ObjectiveFact

MILESTONES: Final = """
SELECT m.title, m.due_on, m.state, v.content
FROM objective_milestone m
JOIN objective_progress_version v ON v.milestone = m.id AND v.version = m.version
WHERE m.objective = $1 AND m.state IN ('planned', 'missed')
ORDER BY m.due_on, m.id
"""
INDICATORS: Final = """
SELECT i.title, i.unit, i.baseline, i.target, i.direction, i.change_at,
    i.compared_with, v.content, r.organisation AS read_for, r.value, r.as_of, r.note,
    r.actor, r.person, r.read_at
FROM objective_indicator i
JOIN objective_progress_version v ON v.indicator = i.id AND v.version = i.version
LEFT JOIN LATERAL (
    SELECT * FROM objective_reading r WHERE r.indicator = i.id
        AND NOT EXISTS (SELECT FROM objective_reading c
            WHERE c.indicator = i.id AND c.corrects = r.id)
    ORDER BY r.as_of DESC, r.number DESC LIMIT 1) r ON true
WHERE i.objective = $1
ORDER BY i.id
"""
SAID: Final = (
    "title", "unit", "baseline", "target", "direction", "change_at", "compared_with",
)  # fmt: skip


async def carry_progress(
    before: ObjectiveFact, after: ObjectiveFact, *, caller: Caller, now: datetime
) -> None:
    """Carry over milestones not met, and indicators short of their targets.

    An indicator brings its last reading; its history is that of the objective before.
    """
    async with transaction() as connection:
        milestones = await connection.fetch(MILESTONES, before.id)
        indicators = [
            row
            for row in await connection.fetch(INDICATORS, before.id)
            if not _is_met(row["direction"], row["target"], row["value"])
        ]
    if not milestones and not indicators:
        return
    planned = {uuid4(): dict(row) for row in milestones}
    measured = {uuid4(): dict(row) for row in indicators}
    await insert(Milestone, [_milestone(after, *each) for each in planned.items()])
    await insert(IndicatorRow, [_indicator(after, *each) for each in measured.items()])
    left = {"actor": caller.key, "person": person_of(caller), "at": now}
    versions = [
        *(_version(after, row, left, milestone=id_) for id_, row in planned.items()),
        *(_version(after, row, left, indicator=id_) for id_, row in measured.items()),
    ]
    await insert(ProgressVersion, versions)
    readings = {id_: row for id_, row in measured.items() if row["value"] is not None}
    newcomers = bool(after.present - before.present)
    told = [_reading(after, *each, newcomers=newcomers) for each in readings.items()]
    await insert(Reading, told)
    await record(
        caller,
        "carry",
        "objective",
        after.id,
        now=now,
        organisation=after.organisation,
        after={"milestones": len(planned), "indicators": len(measured)},
    )


def _is_met(direction: str, target: Decimal, value: Decimal | None) -> bool:
    """Say whether the last reading is at the target; what is to be kept up never is."""
    if value is None:
        return False
    match Direction(direction):
        case Direction.INCREASE:
            return value >= target
        case Direction.DECREASE:
            return value <= target
        case Direction.MAINTAIN:
            return False


def _milestone(
    after: ObjectiveFact, id_: UUID, row: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "organisation": after.organisation,
        "id": id_,
        "objective": after.id,
        "title": row["title"],
        "due_on": row["due_on"],
        "state": row["state"],
        "met_at": None,
        "met_by": None,
        "met_for": None,
        "version": 1,
    }


def _indicator(
    after: ObjectiveFact, id_: UUID, row: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "organisation": after.organisation,
        "id": id_,
        "objective": after.id,
        "version": 1,
        **{name: row[name] for name in SAID},
    }


def _version(
    after: ObjectiveFact,
    row: Mapping[str, Any],
    left: Mapping[str, Any],
    *,
    milestone: UUID | None = None,
    indicator: UUID | None = None,
) -> dict[str, Any]:
    return {
        **left,
        "organisation": after.organisation,
        "id": uuid4(),
        "objective": after.id,
        "milestone": milestone,
        "indicator": indicator,
        "version": 1,
        "revision": after.revision,
        "content": row["content"],
    }


def _reading(
    after: ObjectiveFact, indicator: UUID, row: Mapping[str, Any], *, newcomers: bool
) -> dict[str, Any]:
    """Return the last reading; whoever is in it no more is not named, even later."""
    named = not newcomers and row["read_for"] in after.present
    return {
        "organisation": row["read_for"],
        "id": uuid4(),
        "objective": after.id,
        "indicator": indicator,
        "number": 1,
        "value": row["value"],
        "as_of": row["as_of"],
        "note": "" if newcomers else row["note"],
        "corrects": None,
        "actor": row["actor"],
        "person": row["person"] if named else None,
        "read_at": row["read_at"],
    }
