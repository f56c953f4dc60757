"""Read what was decided on the score of a record, and what appeals there are.

The law: for whom there is no decision to make, read or settle there is no score; its
figure is shown to those alone who see it on the record too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import NotFound, Stale
from service.hr import queries
from service.hr.attachment.about import NAME
from service.hr.schemas import CollaborationScore
from service.scores.deciding import actions, rules
from service.scores.deciding.case import Case, look
from service.scores.deciding.rules import Capacity

SCORE: Final = f"""
SELECT s.id, {NAME.format("s.person")} AS name, c.year
FROM score s JOIN cycle c ON c.id = s.cycle
WHERE s.record = $1 AND s.published_at IS NOT NULL
"""  # noqa: S608 - our own
RECORD: Final = "SELECT record FROM score WHERE id = $1"
SEE_IT: Final = frozenset(
    {Capacity.SUBJECT, Capacity.LINE_MANAGER, Capacity.HR_ADMINISTRATOR}
)
"""Who sees the record that the score is on."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A score in the hands of somebody who has to do with it."""

    record: UUID
    name: str
    """The subject's."""
    years: str
    case: Case
    score: CollaborationScore | None
    """None: whoever looks sees no figure."""

    @property
    def decides(self) -> bool:
        """Say whether whoever looks may decide, if it is not under appeal."""
        try:
            rules.check_decides(self.case.capacity, self.case.fact.state)
        except (rules.NotYourDecision, rules.NothingToDecide):
            return False
        return True

    @property
    def settles(self) -> bool:
        """Say whether whoever looks may settle an appeal."""
        try:
            rules.settles_as(self.case.asking, self.case.around)
        except rules.NotYoursToSettle:
            return False
        return True

    @property
    def appeals(self) -> bool:
        """Say whether whoever looks may appeal now."""
        fact, until = self.case.fact, actions.appealable_until(self.case)
        decision = fact.stance.decision
        try:
            rules.check_appeals(self.case.capacity, fact.state)
            against = decision.id if decision else None
            rules.check_first(fact.run, against, fact.appeals)
            rules.check_in_time(until, self.case.now)
        except (
            rules.NotYourAppeal,
            rules.NothingToAppeal,
            rules.AppealedAlready,
            rules.AppealTooLate,
        ):
            return False
        return not fact.stance.under_appeal


async def read(
    record: UUID,
    what: str,
    *,
    caller: SignedIn,
    issuer: str,
    now: datetime,
) -> Decided:
    """Return what was said about the score on a record; `what` is what is audited."""
    with within_reach(EVERYONE):  # Managers may work elsewhere.
        async with transaction() as connection:
            row = await connection.fetchrow(SCORE, record)
            if row is None:
                raise NotFound(f"No score on record {record}.")
            case = await actions.read(row["id"], what, caller=caller, now=now)
            score = None
            if case.capacity in SEE_IT:
                organisations = [case.fact.organisation]
                (score,) = await queries.scores(
                    organisations, issuer, score=case.fact.id
                )
    years = f"{row['year']}-{(row['year'] + 1) % 100:02}"
    return Decided(record, row["name"] or "", years, case, score)


async def record_of(score: UUID, *, caller: SignedIn, now: datetime) -> UUID:
    """Return the record that a score is on, to whoever has to do with it."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            await look(score, caller=caller, now=now)
            found: UUID = await connection.fetchval(RECORD, score)
    return found


def unchanged_since(version: int) -> Callable[[int], None]:
    """Return what refuses somebody who has read another version than there is."""

    def check(found: int) -> None:
        if found != version:
            raise Stale("Somebody has changed it since you opened this page.")

    return check
