"""Who works with whom: who shares an objective is in the pool of raters."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from service.db import transaction

COLLABORATORS: Final = """
SELECT DISTINCT mine.person AS subject, theirs.person AS colleague, o.id AS objective
FROM shared_objective o
JOIN contribution mine ON mine.objective = o.id AND mine.state = 'accepted'
JOIN contribution theirs ON theirs.objective = o.id AND theirs.state = 'accepted'
    AND theirs.person <> mine.person
WHERE o.cycle = $1 AND o.stage IN ('agreed', 'disputed', 'assessed', 'closed')
    AND mine.person = ANY ($2)
ORDER BY 1, 2, 3
"""


async def collaborators(
    cycle: UUID, subjects: Collection[UUID]
) -> dict[UUID, dict[UUID, UUID]]:
    """Return, per subject, who worked with them: colleague to one shared objective."""
    async with transaction() as connection:
        rows = await connection.fetch(COLLABORATORS, cycle, sorted(subjects))
    found: dict[UUID, dict[UUID, UUID]] = {}
    for row in rows:
        found.setdefault(row["subject"], {}).setdefault(
            row["colleague"], row["objective"]
        )
    return found
