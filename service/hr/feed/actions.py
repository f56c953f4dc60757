"""Read on in the feed: look, ask the rules, read what it tells of, write down to whom.

The law: one transaction a page, and no page for whom the rules refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from service.audit.actions import disclose
from service.auth.caller import Machine, Scope
from service.changes.position import here
from service.changes.rules import Op, Position, Stream
from service.db import transaction
from service.hr.feed import queries
from service.hr.feed.entities import TYPES, Asking, Entity, all_there, these
from service.hr.feed.rules import (
    READS,
    Row,
    check_leads_on,
    is_behind,
    moved_on,
)
from service.hr.feed.schemas import FeedDigest, FeedItem
from service.objectives.feed import keep_step

PURPOSE: Final = "appraisal record"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a page begins."""

    at: Position
    pulling: bool = False
    """Whether a full pull is under way: the position is that of before it began."""
    after: tuple[UUID, str] | None = None
    """The last thing pulled."""


@dataclass(frozen=True, slots=True)
class Told:
    """A page, where the next begins, and whether something stands there already."""

    items: Sequence[FeedItem]
    then: Where
    more: bool


async def page(
    stream: Stream,
    where: Where | None,
    *,
    limit: int,
    issuer: str,
    start: str,
    machine: Machine,
    now: datetime,
) -> Told:
    """Return up to `limit` changes from somewhere on; without, all there is first.

    `start` is the address of a full pull, where a refused reader goes on.
    """
    asking = Asking(machine, issuer, now.date())
    needed = {Scope.CHANGES_READ, READS[stream]}
    await _be_told(stream, machine, now)
    async with transaction():
        if where is None:
            where = Where(await here(stream, machine.organisations), pulling=True)
        rows_wanted = 0 if where.pulling else limit
        seen = await queries.look(stream, where.at, machine, needed, rows_wanted)
        check_leads_on(where.at, seen, now, start)
        if where.pulling:
            told, people = await _pulled(stream, where, limit, asking)
            told = replace(told, more=told.more or is_behind(where.at, seen))
        else:
            there = await these(stream, _about(stream, seen.rows), asking)
            shown = [there.get((row.organisation, row.entity)) for row in seen.rows]
            then = Where(moved_on(where.at, seen.rows))
            items = [*map(_change, seen.rows, shown)]
            told = Told(items, then, is_behind(then.at, seen))
            people = {person for each in shown if each for person in each.people}
        if people:
            await disclose(machine, stream, people, now=now, purpose=PURPOSE)
    return told


async def _be_told(stream: Stream, machine: Machine, now: datetime) -> None:
    """Have the feed tell what came about by the day alone; it is numbered then."""
    if stream is Stream.OBJECTIVES:
        await keep_step(machine.organisations, now=now)


async def _pulled(
    stream: Stream, where: Where, limit: int, asking: Asking
) -> tuple[Told, set[UUID]]:
    """Return a page of all there is; behind the last come the changes since."""
    found, last = await all_there(stream, where.after, limit, asking)
    items = [
        FeedItem(
            organisation=each.organisation,
            sequence=None,
            type=TYPES[stream],
            id=each.id,
            version=each.version,
            op=Op.UPSERT,
            changed_at=None,
            data=each.data,
        )
        for each in found
    ]
    then = Where(where.at, pulling=last is not None, after=last)
    people = {person for each in found for person in each.people}
    return Told(items, then, last is not None), people


def _about(stream: Stream, rows: Sequence[Row]) -> set[UUID]:
    return {
        row.entity for row in rows if row.op is Op.UPSERT and row.type == TYPES[stream]
    }


def _change(row: Row, there: Entity | None) -> FeedItem:
    """Present a change as things stand: what is gone since is gone already."""
    event = row.type not in TYPES.values()
    upsert = row.op is Op.UPSERT and (event or there is not None)
    holds = there if upsert else None
    return FeedItem(
        organisation=row.organisation,
        sequence=row.sequence,
        type=row.type,
        id=row.entity,
        version=holds.version if holds else row.version,
        op=Op.UPSERT if upsert else Op.DELETE,
        changed_at=row.changed_at,
        data=holds.data if holds else None,
    )


async def digest(stream: Stream, *, machine: Machine, now: datetime) -> FeedDigest:
    """Return what the copies of the machine's organisations must come to."""
    needed = {Scope.CHANGES_READ, READS[stream]}
    await _be_told(stream, machine, now)
    async with transaction():
        at = await here(stream, machine.organisations)
        await queries.look(stream, at, machine, needed, 0)
        standings = await queries.standings(stream, machine.organisations, now.date())
    return FeedDigest(stream=stream, organisations=standings)
