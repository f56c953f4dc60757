"""What explains a published score, for those two who may read it."""

import json
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.db import transaction
from service.errors import NotFound
from service.scores.explaining import Part, Told
from service.scores.rules import Band

TOLD: Final = """
SELECT s.organisation, s.person,
    CASE s.state WHEN 'published' THEN s.explanation END AS explanation,
    CASE s.state WHEN 'indicative' THEN a.band END AS indicative
FROM score s
LEFT JOIN score_account a ON a.record = s.record AND a.run = s.run
WHERE s.id = $1 AND s.published_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class ExplanationFact:
    """Whose score it is, and what explains it."""

    organisation: str
    person: UUID
    told: Told | None
    """None without a number."""
    indicative: Band | None
    """In place of a number; for the subject and their line manager alone."""


async def explanation_of(score: UUID) -> ExplanationFact:
    """Return what explains a score, once it is published."""
    async with transaction() as connection:
        row = await connection.fetchrow(TOLD, score)
    if row is None:
        raise NotFound(f"No score {score}.")
    return ExplanationFact(
        row["organisation"],
        row["person"],
        row["explanation"] and _told(json.loads(row["explanation"])),
        row["indicative"] and Band(row["indicative"]),
    )


def _told(kept: dict[str, float | str | None]) -> Told:
    return {
        Part(name): float(figure) if isinstance(figure, int) else figure
        for name, figure in kept.items()
    }
