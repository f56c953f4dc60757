"""The comments that one moderator may decide on: of records that are none of theirs.

The law: which those are follows from who could have been asked, never from who was or
from who answered: a moderator learns nothing from what is in the queue and what is not.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.db import transaction
from service.feedback.outsiders import NEAR

COMMENTS: Final = f"""
WITH RECURSIVE pending AS MATERIALIZED (
    SELECT r.id AS record, r.organisation, r.person, d.drawn_at::date AS drawn_on,
        n.cycle, n.closed_at, n.releases_at, n.released_at
    FROM feedback_window n
    JOIN feedback_draw d ON d."window" = n.id
    JOIN appraisal_record r ON r.id = d.record
    WHERE n.closed_at IS NOT NULL AND r.organisation <> $1
        AND (n.released_at IS NULL OR $3::uuid IS NOT NULL)
        AND ($3::uuid IS NULL
            OR r.id = (SELECT record FROM feedback_text WHERE id = $3))
        AND EXISTS (SELECT FROM data_sharing g
            WHERE g.valid_from <= $2 AND g.valid_to > $2
                AND (g.organisation, g.partner) IN (
                    (r.organisation, $1), ($1, r.organisation)))
), {NEAR}
SELECT t.id, t.record, t.response, t.field, t.sealed, p.organisation, p.cycle,
    p.closed_at, p.releases_at, p.released_at
FROM pending p JOIN feedback_text t ON t.record = p.record
WHERE p.record NOT IN (SELECT record FROM near)
    AND ($3::uuid IS NULL AND NOT EXISTS (
            SELECT FROM feedback_moderation m WHERE m.comment = t.id)
        OR t.id = $3)
"""  # noqa: S608 - our own
"""Outside both reporting lines: the moderator's organisation is that of nobody above
the subject and of nobody in the pool, whom a draw could have taken, since the draw."""


@dataclass(frozen=True, slots=True)
class Pending:
    """One comment, as it stands."""

    id: UUID
    record: UUID
    response: UUID
    field: str
    sealed: bytes
    organisation: str
    """The subject's."""
    cycle: UUID
    closed_at: datetime
    releases_at: datetime
    released_at: datetime | None


async def pending(organisation: str, day: date) -> list[Pending]:
    """Return what waits for a decision by a moderator of this organisation."""
    return await _fetch(organisation, day, None)


async def comment_for(organisation: str, day: date, comment: UUID) -> Pending | None:
    """Return one comment, decided or not, if a moderator from there may see it."""
    found = await _fetch(organisation, day, comment)
    return found[0] if found else None


async def _fetch(organisation: str, day: date, comment: UUID | None) -> list[Pending]:
    async with transaction() as connection:
        rows = await connection.fetch(COMMENTS, organisation, day, comment)
    return [Pending(**dict(row)) for row in rows]
