"""What people decided about scores that hang on one form."""

from typing import Final
from uuid import UUID

from service.db import transaction
from service.feedback.signals.rules import Decision

DECISIONS: Final = """
SELECT v.record, v.decision FROM feedback_score_review v
JOIN appraisal_record r ON r.id = v.record
WHERE r.cycle = $1
"""


async def decisions(cycle: UUID) -> dict[UUID, Decision]:
    """Return what was decided in a cycle, by record."""
    async with transaction() as connection:
        rows = await connection.fetch(DECISIONS, cycle)
    return {row["record"]: Decision(row["decision"]) for row in rows}


async def withheld(cycle: UUID) -> list[UUID]:
    """Return the records of a cycle whose scores are to be withheld."""
    decided = await decisions(cycle)
    return [record for record in decided if decided[record] is Decision.WITHHOLD]
