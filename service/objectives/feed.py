"""What the feeds of its parties are told of a changed objective.

The law: whoever was ever told that an objective is there is told once when it is there
no more, and nothing of what becomes of it after that, unless it is there again.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.changes.actions import note
from service.changes.rules import Change, Op, Stream
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.objectives.audience import sharing_on, there_for
from service.objectives.queries import ObjectiveFact, objectives
from service.objectives.standing import Standing

TYPE: Final = "objective"
STILL_FOLLOWING: Final = """
SELECT organisation FROM (
    SELECT DISTINCT ON (organisation) organisation, op FROM change_log
    WHERE organisation = ANY ($1) AND entity = $2 AND stream = $3 AND type = $4
    ORDER BY organisation, version DESC, id DESC) latest
WHERE op <> $5
"""
OUT_OF_STEP: Final = """
SELECT former.organisation, o.id, o.revision, sees.on_it AS there
FROM (SELECT DISTINCT organisation, objective FROM contribution
    WHERE state = 'left' AND ($1::varchar[] IS NULL OR organisation = ANY ($1))) former
JOIN shared_objective o ON o.id = former.objective AND o.shared_at IS NOT NULL
CROSS JOIN LATERAL (
    SELECT bool_or(present.code = former.organisation) AS present,
        bool_and(EXISTS (SELECT FROM data_sharing d
            WHERE d.organisation = least(former.organisation, present.code)
                AND d.partner = greatest(former.organisation, present.code)
                AND d.valid_from <= $2 AND d.valid_to > $2)) AS on_it
    FROM (SELECT o.organisation AS code UNION SELECT c.organisation FROM contribution c
        WHERE c.objective = o.id AND c.state NOT IN ('declined', 'left')) present) sees
LEFT JOIN LATERAL (SELECT op FROM change_log l
    WHERE l.organisation = former.organisation AND l.entity = o.id
        AND l.stream = 'objectives' AND l.type = 'objective'
    ORDER BY l.version DESC, l.id DESC LIMIT 1) told ON true
WHERE NOT sees.present AND sees.on_it <> coalesce(told.op = 'upsert', false)
ORDER BY former.organisation, o.id
"""
"""Where a day has come on which an agreement to share begins or is over, and those who
left the objective were not told so. Who sees it is `audience.there_for`."""
LINKING: Final = """
SELECT id FROM shared_objective
WHERE $1 IN (parent, previous, lineage) AND id <> $1 ORDER BY id
"""
LOCK: Final = """
SELECT FROM shared_objective WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE
"""


async def changes_of(
    before: ObjectiveFact, after: ObjectiveFact, standing: Standing, day: date
) -> list[Change]:
    """Return a row for each feed: that it changed, or that it is there no more."""
    sharing = await sharing_on(day, [before, after])
    standing = replace(standing, sharing=sharing)
    there, were = there_for(after, standing), there_for(before, standing)
    # An agreement to share may have ended on a day on which nothing changed.
    gone = (were - there) | await _still_following(after.id, after.former - there)
    changes = [
        _told(code, after, Op.DELETE if code in gone else Op.UPSERT)
        for code in sorted(there | gone)
    ]
    return changes + await _of_those_that_link(after.id, (there - were) | gone, day)


def _told(code: str, fact: ObjectiveFact, op: Op) -> Change:
    return Change(
        organisation=code,
        stream=Stream.OBJECTIVES,
        type=TYPE,
        entity=fact.id,
        version=fact.revision,
        op=op,
    )


async def _of_those_that_link(
    id_: UUID, organisations: Collection[str], day: date
) -> list[Change]:
    """Return a row for each that names an objective, where one now sees it or not.

    They show its id to nobody for whom it is not there.
    """
    if not organisations:
        return []
    with within_reach(EVERYONE):  # They may be of parties that the changer is not of.
        async with transaction() as connection:
            rows = await connection.fetch(LINKING, id_)
        facts = await objectives([row["id"] for row in rows], None) if rows else []
        standing = Standing({}, sharing=await sharing_on(day, facts))
    return [
        _told(code, fact, Op.UPSERT)
        for fact in facts
        for code in sorted(there_for(fact, standing) & {*organisations})
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


async def keep_step(organisations: Collection[str] | None, *, now: datetime) -> None:
    """Tell these organisations (None: all) what agreements to share did by their dates.

    Nothing was written on that day, so the day is looked at: by the hour, and before
    the feed is read. The objective is as it was, and so is its version.
    """
    codes = None if organisations is None else sorted(organisations)
    with within_reach(EVERYONE):
        async with transaction() as connection:
            rows = await connection.fetch(OUT_OF_STEP, codes, now.date())
            if not rows:
                return
            await connection.execute(LOCK, sorted({row["id"] for row in rows}))
            rows = await connection.fetch(OUT_OF_STEP, codes, now.date())
            facts = {
                fact.id: fact
                for fact in await objectives([row["id"] for row in rows], None)
            }
            changes = []
            for row in rows:
                code, fact = row["organisation"], facts[row["id"]]
                op = Op.UPSERT if row["there"] else Op.DELETE
                changes.append(_told(code, fact, op))
                changes += await _of_those_that_link(fact.id, [code], now.date())
            await note(changes, now=now)


async def see_to_sharing(now: datetime) -> None:
    """Tell everybody so, in the rounds of housekeeping."""
    await keep_step(None, now=now)
