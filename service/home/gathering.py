"""Gather what waits for one person from every room, the first due first."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from service.auth.caller import SignedIn
from service.feedback.waiting import waiting as of_feedback
from service.objectives.waiting import waiting as of_objectives
from service.scores.deciding.waiting import waiting as of_scores
from service.web.templating import HERE
from service.web.waiting import Waiting

NEVER: Final = datetime.max.replace(tzinfo=UTC)


async def gathered(caller: SignedIn, now: datetime) -> list[Waiting]:
    """Return what waits for a person; what is due on no day comes last."""
    found = [
        *await of_feedback(caller, now),
        *await of_objectives(caller, now),
        *await of_scores(caller, now.date()),
    ]
    return sorted(found, key=ends)


def ends(waits: Waiting) -> datetime:
    """Return the instant by which something is to be done: of a day, its end."""
    due = waits.due
    if due is None:
        return NEVER
    if isinstance(due, datetime):
        return due
    return datetime.combine(due + timedelta(days=1), time.min, tzinfo=HERE)
