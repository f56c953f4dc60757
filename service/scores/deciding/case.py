"""The one way in which anything is said about a score.

The law: whoever says it holds the score's row first and is one for whom it is there;
they leave behind a new version of the score with its audit and its row in the feed, or
nothing at all. The score's own figures are in no statement here.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from service.access.rules import Role
from service.audit.actions import record as audit
from service.auth.caller import SignedIn
from service.changes.actions import note
from service.changes.rules import Change, Stream
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import NotFound
from service.jobs.outbox import tell
from service.jobs.rules import Notice
from service.scores.deciding import queries
from service.scores.deciding.queries import ScoreFact
from service.scores.deciding.rules import (
    Around,
    Asking,
    Capacity,
    capacity_of,
    stage_of,
)
from service.scores.deciding.stages import Stage, Step, after

LOCK: Final = "SELECT FROM score WHERE id = $1 FOR NO KEY UPDATE"
MOVE_ON: Final = """
UPDATE score SET version = version + 1, changed_at = greatest(changed_at, $2)
WHERE id = $1
"""
Check = Callable[[int], None]
"""Refuses a caller who has not read this version of the score."""


@dataclass(slots=True)
class Case:
    """A score in the hands of one of those who have to do with it."""

    fact: ScoreFact
    around: Around
    caller: SignedIn
    asking: Asking
    capacity: Capacity
    now: datetime
    day: date
    taken: tuple[Step, Mapping[str, Any]] | None = None
    """What was done, and what the audit says of it."""
    notices: list[Notice] = field(default_factory=list)

    @property
    def stage(self) -> Stage:
        """Return where it stood when its row was locked."""
        stance = self.fact.stance
        return stage_of(stance.decision, under_appeal=stance.under_appeal)

    @property
    def version(self) -> int:
        """Return the version of the score that this leaves behind."""
        return self.fact.version + 1

    def take(self, step: Step, **told: object) -> None:
        """Take a step; refuse one that cannot be taken now."""
        after(self.stage, step)
        self.taken = step, told


async def look(score: UUID, *, caller: SignedIn, now: datetime) -> Case:
    """Return a score's case to read it; to whom it is nothing, it is not there.

    Inside a transaction that sees everyone's rows: managers may work elsewhere.
    """
    day = now.date()
    fact = await queries.published_score(score)
    if fact is None:
        raise NotFound(f"No score {score}.")
    around, above = await queries.around(fact, caller.id, day)
    asking = Asking(
        id=caller.id,
        administers=Role.HR_ADMINISTRATOR in caller.roles
        and caller.organisation == fact.organisation,
        above=above,
    )
    capacity = capacity_of(asking, around)
    if capacity is None:
        raise NotFound(f"No score {score}.")
    return Case(fact, around, caller, asking, capacity, now, day)


@asynccontextmanager
async def changing(
    score: UUID, *, caller: SignedIn, now: datetime
) -> AsyncIterator[Case]:
    """Hold a score while something is said about it; save it when the block ends."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            await connection.execute(LOCK, score)
            case = await look(score, caller=caller, now=now)
            yield case
            if case.taken is not None:
                await connection.execute(MOVE_ON, score, now)
                await _leave_behind(case, *case.taken)


async def _leave_behind(case: Case, step: Step, told: Mapping[str, Any]) -> None:
    fact = case.fact
    await audit(
        case.caller,
        step,
        "score",
        fact.id,
        now=case.now,
        organisation=fact.organisation,
        before={"stage": case.stage},
        after={"stage": after(case.stage, step), "version": case.version, **told},
    )
    changed = Change(fact.organisation, Stream.SCORES, "score", fact.id, case.version)
    await note([changed], now=case.now)
    await tell(case.notices, now=case.now)
