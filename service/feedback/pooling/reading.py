"""Look at the pool of a record: all that its page says, in one statement.

The law: it looks the same before and after the draw, but that it cannot be changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import NotFound
from service.feedback.life import State
from service.feedback.nominating import FORMER, fact_from, pool_of
from service.feedback.parts import part_as
from service.feedback.pooling.presenting import pool_out
from service.feedback.queries import limits_in
from service.feedback.rules import Limits, Origin
from service.feedback.schemas import NominationOut
from service.objectives.collaborating import COLLABORATORS
from service.records.queries import RecordFact
from service.records.whose import record_for

WORKED: Final = COLLABORATORS.replace("$1", "r.cycle").replace("$2", "ARRAY[r.person]")
POOL: Final = f"""
SELECT n.id, n.origin, n.state, n.person, n.email, n.objective, n.reason,
    w.closed_at, coalesce(w.opens_at, opens.starts_at) AS opens_at,
    coalesce(w.closes_at, closes.starts_at) AS closes_at,
    EXISTS (SELECT FROM feedback_draw d WHERE d.record = r.id) AS drawn,
    EXISTS (SELECT FROM ({WORKED}) AS worked
        WHERE NOT EXISTS (SELECT FROM feedback_nomination h
            WHERE h.record = r.id AND h.person = worked.colleague))
    OR EXISTS ({FORMER}) AS lacks,
    (SELECT d.given_name || ' ' || d.family_name FROM person_details d
        WHERE d.person = r.person ORDER BY d.valid_to DESC NULLS FIRST,
        d.valid_from DESC, d.organisation, d.id LIMIT 1) AS subject,
    (SELECT l.manager FROM reporting_line l
        WHERE l.person = r.person AND l.kind = 'line' AND l.valid_from <= $2
            AND (l.valid_to IS NULL OR l.valid_to > $2)
        ORDER BY l.valid_from, l.organisation, l.id LIMIT 1) AS manager
FROM appraisal_record r
JOIN cycle_stage opens ON opens.cycle = r.cycle AND opens.stage = 'feedback_opens'
JOIN cycle_stage closes ON closes.cycle = r.cycle AND closes.stage = 'feedback_closes'
LEFT JOIN feedback_window w ON w.cycle = r.cycle
LEFT JOIN feedback_nomination n ON n.record = r.id
WHERE r.id = $1 ORDER BY n.id
"""  # noqa: S608 - statements of our own
ADDED: Final = frozenset({Origin.SUBJECT, Origin.MANAGER, Origin.CARRIED})
"""Whom somebody proposed, now or a year ago: there is a limit to them."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The pool of a record, as its page shows it."""

    record: UUID
    subject: str
    part: Origin
    """As what whoever looks has a part in it: subject, or manager."""
    items: Sequence[NominationOut]
    limits: Limits
    opens_at: datetime
    closes_at: datetime
    drawn: bool
    changes: bool
    """Whether it can be changed still."""

    @property
    def proposed(self) -> int:
        """Return how many subject and manager have proposed."""
        return sum(
            each.origin in ADDED and each.state == State.PROPOSED for each in self.items
        )

    @property
    def objects(self) -> bool:
        """Say whether whoever looks may object to somebody still."""
        objected = any(each.state == State.OBJECTED for each in self.items)
        return self.changes and self.part is Origin.SUBJECT and not objected

    @property
    def vetoes(self) -> bool:
        """Say whether whoever looks may veto somebody."""
        return self.changes and self.part is Origin.MANAGER

    def named(self, nomination: UUID) -> NominationOut:
        """Return one of the proposals."""
        for each in self.items:
            if each.id == nomination:
                return each
        raise NotFound(f"No nomination {nomination}.")


async def look(
    record: UUID, *, caller: SignedIn, now: datetime
) -> tuple[RecordFact, Pool]:
    """Return a record's pool to its subject or their manager."""
    on = await record_for(str(record), caller, None, now.date())
    with within_reach(EVERYONE):
        async with transaction() as connection:
            rows = await connection.fetch(POOL, on.id, now.date())
            first = rows[0]
            part = part_as(on, caller, first["manager"])
            over = first["closed_at"] is not None or now >= first["closes_at"]
            changes = not first["drawn"] and not over
            if changes and first["lacks"]:
                found = await pool_of(on, caller=caller, now=now)
            else:
                found = [fact_from(row) for row in rows if row["id"] is not None]
    shown = await pool_out(found)
    return on, Pool(
        record=on.id,
        subject=first["subject"] or "",
        part=part,
        items=shown.items,
        limits=limits_in(on.framework),
        opens_at=first["opens_at"],
        closes_at=first["closes_at"],
        drawn=first["drawn"],
        changes=changes,
    )
