"""Thanks as read, of many objectives at once."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from service.db.together import together
from service.objectives.presenting import PersonOut, Sight
from service.objectives.recognition.schemas import RecognitionOut

RECOGNITIONS: Final = """
SELECT organisation, id, objective, contribution, contributor,
    contributor_organisation, person, works_in, text, quarter, given_at
FROM objective_recognition WHERE objective = ANY ($1)
ORDER BY given_at, id
"""


async def recognitions_of(
    ids: Collection[UUID], sight: Sight
) -> dict[UUID, list[RecognitionOut]]:
    """Return the thanks of each of these objectives, the first first, in one query."""
    rows = await together({"found": RECOGNITIONS}, sorted(ids))
    return recognitions_from(rows["found"], ids, sight)


def recognitions_from(
    rows: Collection[Mapping[str, Any]], ids: Collection[UUID], sight: Sight
) -> dict[UUID, list[RecognitionOut]]:
    """Present rows of `RECOGNITIONS`, by objective."""
    found: dict[UUID, list[RecognitionOut]] = {id_: [] for id_ in ids}
    for row in rows:
        found[UUID(row["objective"])].append(_shown(row, sight))
    return found


def _shown(row: Mapping[str, Any], sight: Sight) -> RecognitionOut:
    theirs = row["contributor_organisation"]
    contributor = PersonOut.of(UUID(row["contributor"]), theirs, sight)
    return RecognitionOut.model_validate(
        {
            **row,
            "person": PersonOut.of(UUID(row["person"]), row["works_in"], sight),
            "contributor": contributor,
            "text": row["text"] if contributor else None,
        }
    )
