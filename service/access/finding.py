"""Who finds whom: people find partners' people, a machine its own organisations'.

The law: nobody finds anybody of an organisation with which theirs has no agreement in
force, and what was found is recorded in the transaction that found it.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.access.queries import open_to
from service.access.rules import within
from service.audit.actions import disclose, record
from service.auth.caller import Machine, SignedIn
from service.db import transaction
from service.directory import searching
from service.directory.queries import open_on
from service.directory.searching import Found, Sight

PURPOSE: Final = "directory search"


async def sight_of(caller: Machine | SignedIn, day: date) -> Sight:
    """Return whose people a caller may find; of organisations that have ended, nobody.

    A person's own organisation and those that share with it; a machine's own alone.
    """
    if isinstance(caller, Machine):
        return Sight(await open_on(caller.organisations, day))
    own = {caller.organisation}
    there = await open_to(caller.organisation, day)
    return Sight(there & own, there - own)


async def find(
    query: str,
    caller: Machine | SignedIn,
    *,
    organisation: str | None,
    after: tuple[int, UUID] | None,
    limit: int,
    now: datetime,
) -> tuple[list[Found], bool]:
    """Return up to `limit` people after a position, and whether more follow."""
    async with transaction():
        sight = await sight_of(caller, now.date())
        found = await searching.search(
            query,
            sight,
            now.date(),
            limit=limit + 1,
            after=after,
            organisations=within(sight.organisations, organisation),
        )
        shown = found[:limit]
        await _told(caller, shown, now)
    return shown, len(found) > limit


async def one(
    name: str, caller: Machine | SignedIn, *, organisation: str | None, now: datetime
) -> Found:
    """Return the person whom an id or source:external_id names."""
    async with transaction():
        sight = await sight_of(caller, now.date())
        found = await searching.seen(
            name,
            sight,
            now.date(),
            organisations=within(sight.organisations, organisation),
        )
        await _told(caller, [found], now)
    return found


async def _told(
    caller: Machine | SignedIn, found: Collection[Found], now: datetime
) -> None:
    """Record of whom the caller was told; what they looked for may be a name."""
    people = [each.person for each in found]
    if not people:
        return
    if isinstance(caller, Machine):
        await disclose(caller, "people", people, now=now, purpose=PURPOSE)
        return
    await record(
        caller,
        "person.find",
        "person",
        people[0] if len(people) == 1 else "*",
        now=now,
        organisation=caller.organisation,
        after={"people": people},
    )
