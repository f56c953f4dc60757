"""Dates of a cycle's stages, changed by the one organisation whose cycle it is.

The law: what has begun stays, and so do the three instants of the feedback window,
which raters were told: that window is extended, and nothing else.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from service.audit.actions import record as audit
from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import Stale
from service.records import rules
from service.records.frameworks import Stage
from service.records.postponing import postpone
from service.records.queries import cycle_of, instants

OF_FEEDBACK: Final = frozenset(
    {Stage.FEEDBACK_OPENS, Stage.FEEDBACK_CLOSES, Stage.FEEDBACK_RELEASES}
)
LOCK: Final = "SELECT version FROM cycle WHERE id = $1 FOR UPDATE"


def movable(stages: Mapping[str, datetime], now: datetime) -> list[Stage]:
    """Return the stages whose dates can still be changed, in the order of the year."""
    return [
        stage
        for stage in Stage
        if stage in stages and stage not in OF_FEEDBACK and stages[stage] > now
    ]


async def reschedule(
    cycle: UUID,
    wanted: Mapping[Stage, datetime],
    *,
    version: int,
    caller: SignedIn,
    now: datetime,
) -> None:
    """Have stages of the organisation's own cycle begin at other instants."""
    with within_reach(EVERYONE):  # To see whether others take part.
        async with transaction() as connection:
            await cycle_of(cycle, [caller.organisation])
            await check_own(cycle, caller)
            if await connection.fetchval(LOCK, cycle) != version:
                raise Stale("Somebody changed the cycle: read it again.")
            was = await instants(cycle)
            moved = {
                stage: at
                for stage, at in wanted.items()
                if stage not in OF_FEEDBACK and was.get(stage) not in {None, at}
            }
            if not moved:
                return
            rules.check_moves(was, {s.value: at for s, at in moved.items()}, now)
            await postpone(cycle, moved)
            await audit(
                caller,
                "reschedule",
                "cycle",
                cycle,
                now=now,
                organisation=caller.organisation,
                before={stage.value: was[stage] for stage in moved},
                after={stage.value: at for stage, at in moved.items()},
            )


async def check_own(cycle: UUID, caller: SignedIn) -> None:
    """Refuse a cycle in which other organisations take part."""
    if not await is_own(cycle, caller):
        raise rules.CycleOfMany(
            "Other organisations take part in this cycle: ask whoever runs the service."
        )


async def is_own(cycle: UUID, caller: SignedIn) -> bool:
    """Say whether a cycle is the caller's organisation's and nobody else's."""
    with within_reach(EVERYONE):
        found = await cycle_of(cycle)
    return set(found["organisations"]) == {caller.organisation}
