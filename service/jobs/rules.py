"""What people are told, and when a delivery that failed is tried again.

The law: a notice says what waits for somebody and never who did what, or why.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

ATTEMPTS: Final = 16
"""After so many failures a delivery is given up: about three days after the first."""
FIRST_DELAY: Final = timedelta(minutes=5)
LONGEST_DELAY: Final = timedelta(hours=8)
SPREAD: Final = 0.2
"""By how much of itself a delay is shortened or lengthened at most."""


class NoticeKind(StrEnum):
    """What people are told of."""

    AGREEMENT_WANTED = "agreement_wanted"
    OBJECTIVE_AGREED = "objective_agreed"
    OBJECTIVE_CHANGED = "objective_changed"
    OBJECTIVE_SENT_BACK = "objective_sent_back"
    OBJECTIVE_DISPUTED = "objective_disputed"
    DISPUTE_SETTLED = "dispute_settled"
    OBJECTIVE_WITHDRAWN = "objective_withdrawn"
    CONTRIBUTION_DECLINED = "contribution_declined"
    CONTRIBUTION_LEFT = "contribution_left"
    OBJECTIVE_ASSESSED = "objective_assessed"
    COUNTERSIGNATURE_WANTED = "countersignature_wanted"
    ASSESSMENT_OBJECTED = "assessment_objected"
    DISSENT_LODGED = "dissent_lodged"
    RECOGNISED = "recognised"
    ASSIGNED_IN_BULK = "assigned_in_bulk"
    WINDOW_EXTENDED = "window_extended"
    BREAK_GLASS_WANTED = "break_glass_wanted"
    BREAK_GLASS_USED = "break_glass_used"
    FEEDBACK_RELEASED = "feedback_released"
    SCORE_DECISION_WANTED = "score_decision_wanted"
    SCORE_DECIDED = "score_decided"
    SCORE_APPEALED = "score_appealed"
    SCORE_APPEAL_SETTLED = "score_appeal_settled"
    SCORE_APPEAL_WITHDRAWN = "score_appeal_withdrawn"
    WEBHOOK_DISABLED = "webhook_disabled"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that one person is to be told, once."""

    person: UUID
    organisation: str
    """The person's own."""
    kind: NoticeKind
    about: UUID
    """The objective; what is assigned in bulk has a template instead, a feedback
    window its cycle, released feedback its record, break-glass itself, a decision or an
    appeal its score, a webhook itself: never what somebody was asked about."""
    key: str
    """The same person is told the same kind under the same key (200 characters) once,
    ever."""
    count: int = 1
    """How many objectives it is about."""
    due_on: date | None = None
    """By when it is wanted of them."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as stored."""

    id: UUID
    person: UUID
    kind: NoticeKind
    about: UUID
    count: int
    due_on: date | None
    created_at: datetime
    read_at: datetime | None


def delay_after(attempt: int, chance: float) -> timedelta:
    """Return how long to wait after the attempt of this number, counted from 1.

    `chance`, from 0 to 1, keeps deliveries that failed together from coming together.
    """
    doublings = min(attempt - 1, ATTEMPTS)
    delay = min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)
    return delay * (1 - SPREAD + 2 * SPREAD * chance)


def is_last(attempt: int) -> bool:
    """Say whether a delivery is given up when the attempt of this number fails."""
    return attempt >= ATTEMPTS
