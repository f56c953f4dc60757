"""What was found in closed windows, and what people decided about it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.db import transaction
from service.feedback.signals.rules import Decision, Signal, from_text

DECISIONS: Final = """
SELECT v.record, v.decision FROM feedback_score_review v
JOIN appraisal_record r ON r.id = v.record
WHERE r.cycle = $1
"""
LOOKS: Final = """
SELECT n.cycle, n.closed_at, n.releases_at, n.released_at, l.looked_at,
    coalesce(l.signals, '[]')::text AS signals
FROM feedback_window n LEFT JOIN feedback_look l ON l."window" = n.id
"""
OF_CYCLE: Final = LOOKS + " WHERE n.cycle = $1"
IN_REVIEW: Final = (
    LOOKS
    + """
WHERE n.closed_at IS NOT NULL AND n.released_at IS NULL AND EXISTS (
    SELECT FROM appraisal_record r
    JOIN data_sharing g ON g.valid_from <= $2 AND g.valid_to > $2
        AND (g.organisation, g.partner) IN (
            (r.organisation, $1), ($1, r.organisation))
    WHERE r.cycle = n.cycle AND r.organisation <> $1)
ORDER BY n.releases_at, n.cycle
"""
)
"""Of cycles in which an organisation shares with another that takes part."""
UNSEEN: Final = """
SELECT n.cycle FROM feedback_window n
WHERE n.closed_at IS NOT NULL AND n.released_at IS NULL AND NOT EXISTS (
    SELECT FROM feedback_look l WHERE l."window" = n.id)
ORDER BY n.cycle
"""
TO_REVIEW: Final = """
SELECT t.organisation, t.id, t.record, t.raters, t.standard_errors, n.cycle,
    n.releases_at
FROM feedback_to_review t
JOIN appraisal_record r ON r.id = t.record
JOIN feedback_window n ON n.cycle = r.cycle
WHERE CASE WHEN $2::uuid IS NULL THEN n.cycle = ANY ($1) AND NOT EXISTS (
        SELECT FROM feedback_score_review v WHERE v.record = t.record)
    ELSE t.id = $2 END
ORDER BY t.id
"""
HANGING: Final = """
SELECT t.record, t.organisation FROM feedback_to_review t
JOIN appraisal_record r ON r.id = t.record
WHERE r.cycle = $1 ORDER BY t.record
"""
REVIEWED: Final = """
SELECT v.record, v.decision, v.reason, v.decided_by, v.decided_at
FROM feedback_score_review v JOIN appraisal_record r ON r.id = v.record
WHERE r.cycle = $1 AND r.organisation = $2
ORDER BY v.record
"""


@dataclass(frozen=True, slots=True)
class LookFact:
    """A cycle's window, and what was found in it, if anybody has looked."""

    cycle: UUID
    closed_at: datetime | None
    releases_at: datetime
    released_at: datetime | None
    looked_at: datetime | None
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class ToReviewFact:
    """A score that hangs on one form."""

    organisation: str
    id: UUID
    record: UUID
    raters: str
    standard_errors: int
    cycle: UUID
    releases_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """What was decided about a score, by whom and why."""

    record: UUID
    decision: Decision
    reason: str
    decided_by: str
    decided_at: datetime


async def decisions(cycle: UUID) -> dict[UUID, Decision]:
    """Return what was decided in a cycle, by record."""
    async with transaction() as connection:
        rows = await connection.fetch(DECISIONS, cycle)
    return {row["record"]: Decision(row["decision"]) for row in rows}


async def withheld(cycle: UUID) -> list[UUID]:
    """Return the records of a cycle whose scores are to be withheld."""
    decided = await decisions(cycle)
    return [record for record in decided if decided[record] is Decision.WITHHOLD]


async def look_of(cycle: UUID) -> LookFact | None:
    """Return what was found in a cycle; None: it has no window."""
    found = await _looks(OF_CYCLE, cycle)
    return found[0] if found else None


async def in_review(organisation: str, day: date) -> list[LookFact]:
    """Return the closed windows before their release, as one organisation may see."""
    return await _looks(IN_REVIEW, organisation, day)


async def _looks(statement: str, *arguments: object) -> list[LookFact]:
    async with transaction() as connection:
        rows = await connection.fetch(statement, *arguments)
    return [
        LookFact(**{**dict(row), "signals": from_text(row["signals"])}) for row in rows
    ]


async def unseen() -> list[UUID]:
    """Return the cycles whose window has closed and in which nobody has looked yet."""
    async with transaction() as connection:
        return [row["cycle"] for row in await connection.fetch(UNSEEN)]


async def undecided(cycles: Collection[UUID]) -> list[ToReviewFact]:
    """Return the scores of cycles that nobody has decided about."""
    return await _to_review([*cycles], None)


async def to_review(id_: UUID) -> ToReviewFact | None:
    """Return one score to review, decided about or not."""
    found = await _to_review([], id_)
    return found[0] if found else None


async def _to_review(cycles: list[UUID], id_: UUID | None) -> list[ToReviewFact]:
    async with transaction() as connection:
        rows = await connection.fetch(TO_REVIEW, cycles, id_)
    return [ToReviewFact(**dict(row)) for row in rows]


async def hanging(cycle: UUID) -> dict[UUID, str]:
    """Return who keeps each record to review of a cycle, decided about or not."""
    async with transaction() as connection:
        rows = await connection.fetch(HANGING, cycle)
    return {row["record"]: row["organisation"] for row in rows}


async def reviewed(cycle: UUID, organisation: str) -> list[ReviewFact]:
    """Return what was decided about the scores of one organisation's people."""
    async with transaction() as connection:
        rows = await connection.fetch(REVIEWED, cycle, organisation)
    return [
        ReviewFact(**{**dict(row), "decision": Decision(row["decision"])})
        for row in rows
    ]
