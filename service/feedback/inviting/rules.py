"""When a rater is mailed, and how often a code may be asked for and tried.

Pure. The law: reminders follow the calendar in London alone, whatever others did.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from service.errors import Conflict, NotAllowed, Unprocessable
from service.feedback.life import OPEN, WAITING, State
from service.records.frameworks import LONDON

CODE_LASTS: Final = timedelta(minutes=10)
TRIES: Final = 5
"""Of one code."""
BETWEEN_CODES: Final = timedelta(minutes=5)
CODES_A_DAY: Final = 10
"""With five tries each, guessing for four weeks finds a code once in 700 times."""
SESSION_LASTS: Final = timedelta(minutes=30)
THANKED_WITHIN: Final = timedelta(days=7)
"""Of closing: what closed longer ago closed before there were thanks."""


class About(StrEnum):
    """What a rater is mailed about: each once for a request, but extensions."""

    INVITATION = "invitation"
    REMINDER_7 = "reminder_7"
    REMINDER_3 = "reminder_3"
    REMINDER_1 = "reminder_1"
    EXTENSION = "extension"
    THANKS = "thanks"


REMINDERS: Final[Mapping[int, About]] = MappingProxyType(
    {1: About.REMINDER_1, 3: About.REMINDER_3, 7: About.REMINDER_7}
)
"""By the days before closing; the last first."""


class CodeTooSoon(Conflict):
    """A new code was asked for too soon after the last one, or too often today."""

    slug = "feedback-code-too-soon"


class WrongCode(Unprocessable):
    """The code is not the one sent last, or it has expired or been tried too often."""

    slug = "feedback-code-wrong"


class CodeWanted(NotAllowed):
    """The link's code has not been typed, or too long ago."""

    slug = "feedback-code-wanted"


def reminder_due(closes_at: datetime, now: datetime) -> tuple[About, datetime] | None:
    """Return the reminder that is due and since when; those before it are past.

    So many days before closing is the same time of day in London, whether or not the
    clocks change in between.
    """
    if now >= closes_at:
        return None
    local = closes_at.astimezone(LONDON)
    for days, about in REMINDERS.items():
        since = (local - timedelta(days=days)).astimezone(UTC)
        if since <= now:
            return about, since
    return None


def is_wanted(about: About, state: State, closes_at: datetime, now: datetime) -> bool:
    """Say whether a mail that was queued is still to be sent.

    An invitation is, whatever its rater has done by now: whether it came back must not
    depend on that.
    """
    if about == About.THANKS:
        return state == State.SUBMITTED
    if about == About.INVITATION:
        gone = (State.WITHDRAWN, State.EXPIRED)
        return now < closes_at and state not in gone
    if about == About.EXTENSION:
        return now < closes_at and state in OPEN
    due = reminder_due(closes_at, now)
    return state in WAITING and due is not None and due[0] == about
