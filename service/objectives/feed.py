"""What the feeds of its parties are told of a changed objective.

The law: whoever was ever told that an objective is there is told once when it is there
no more, and nothing of what becomes of it after that.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from service.changes.rules import Change, Op, Stream
from service.db import transaction
from service.objectives.audience import sharing_on, there_for
from service.objectives.queries import ObjectiveFact
from service.objectives.standing import Standing

TYPE: Final = "objective"
STILL_FOLLOWING: Final = """
SELECT organisation FROM (
    SELECT DISTINCT ON (organisation) organisation, op FROM change_log
    WHERE organisation = ANY ($1) AND entity = $2 AND stream = $3 AND type = $4
    ORDER BY organisation, version DESC) latest
WHERE op <> $5
"""


async def changes_of(
    before: ObjectiveFact, after: ObjectiveFact, standing: Standing, day: date
) -> list[Change]:
    """Return a row for each feed: that it changed, or that it is there no more."""
    sharing = await sharing_on(day, [before, after])
    standing = replace(standing, sharing=sharing)
    there = there_for(after, standing)
    # An agreement to share may have ended on a day on which nothing changed.
    gone = (there_for(before, standing) - there) | await _still_following(
        after.id, after.former - there
    )
    return [
        Change(
            organisation=code,
            stream=Stream.OBJECTIVES,
            type=TYPE,
            entity=after.id,
            version=after.revision,
            op=Op.DELETE if code in gone else Op.UPSERT,
        )
        for code in sorted(there | gone)
    ]


async def _still_following(id_: UUID, organisations: Collection[str]) -> frozenset[str]:
    """Return those of these whose feeds say that the objective is there."""
    if not organisations:
        return frozenset()
    async with transaction() as connection:
        rows = await connection.fetch(
            STILL_FOLLOWING,
            sorted(organisations),
            id_,
            Stream.OBJECTIVES,
            TYPE,
            Op.DELETE,
        )
    return frozenset(row["organisation"] for row in rows)
