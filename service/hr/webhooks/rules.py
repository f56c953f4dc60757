"""What a webhook hears of, what state it is in, and when an event is tried again.

The law: an event is tried until it is taken or the webhook is disabled, and a receiver
is never asked sooner than it says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from service.auth.caller import Scope
from service.errors import Conflict, Unprocessable

MOST_WEBHOOKS: Final = 10
"""That one client can have."""
MOST_SECRETS: Final = 3
"""That sign at once while one is replaced by another."""
MOST_REPLAYED: Final = 5_000
"""Changes that one call queues again."""
BETWEEN_CHALLENGES: Final = timedelta(seconds=30)
"""So that nobody has us knock at a stranger's door without end."""
KEPT_FOR: Final = timedelta(days=30)
"""How long an attempt is on the log: as long as what was sent is."""

DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=6),
    timedelta(hours=8),
    timedelta(hours=10),
    timedelta(hours=12),
    timedelta(hours=14),
    timedelta(hours=16),
)
"""How long to wait after each attempt that failed; after the last, it is over."""
ATTEMPTS: Final = len(DELAYS) + 1
SPREAD: Final = 0.1
"""By how much of itself a delay is lengthened at most: never shortened."""
LONGEST_WAIT: Final = timedelta(days=1)
"""A receiver that asks to be left alone for longer is asked again after this."""
GONE: Final = 410


class Subject(StrEnum):
    """What a webhook can hear of: the streams of the feed, and the steps of cycles."""

    SCORES = "scores"
    RECORDS = "records"
    OBJECTIVES = "objectives"
    PEOPLE = "people"
    CYCLES = "cycles"

    @property
    def scope(self) -> Scope:
        """Return what a client must be allowed to read to hear of it."""
        return Scope(f"{self.value}:read")


class WebhookState(StrEnum):
    """What becomes of a webhook's events."""

    PENDING = "pending"
    """None yet: its address has not shown that it holds the secret."""
    ACTIVE = "active"
    DISABLED = "disabled"
    """None any more; it may be verified again."""


class Step(StrEnum):
    """What moves a webhook on."""

    VERIFY = "verify"
    DISABLE = "disable"


STEPS: Final[Mapping[tuple[WebhookState, Step], WebhookState]] = MappingProxyType(
    {
        (WebhookState.PENDING, Step.VERIFY): WebhookState.ACTIVE,
        (WebhookState.ACTIVE, Step.VERIFY): WebhookState.ACTIVE,
        (WebhookState.DISABLED, Step.VERIFY): WebhookState.ACTIVE,
        (WebhookState.ACTIVE, Step.DISABLE): WebhookState.DISABLED,
    }
)


class WebhookReason(StrEnum):
    """Why a webhook was disabled."""

    GONE = "gone"
    """Its address answered 410."""
    NOT_TAKEN = "not_taken"
    """An event was not taken for three days."""


class TooManyWebhooks(Conflict):
    """The client has as many webhooks as it may."""

    slug = "too-many-webhooks"


class TooManySigningSecrets(Conflict):
    """The webhook has as many working secrets as it may."""

    slug = "too-many-webhook-secrets"


class ChallengeTooSoon(Conflict):
    """The address was challenged a moment ago."""

    slug = "challenge-too-soon"


class NotProven(Conflict):
    """The address has not shown that it holds the webhook's secret."""

    slug = "webhook-not-proven"


class NotActive(Conflict):
    """The webhook is not active."""

    slug = "webhook-not-active"


class NotItsSubject(Unprocessable):
    """The webhook does not hear of this."""

    slug = "webhook-not-subscribed"


@dataclass(frozen=True, slots=True)
class Event:
    """That something changed: which thing and whose, and never how it is now."""

    id: UUID
    organisation: str
    stream: str
    sequence: int
    """The number of the change in the feed; cycles have none: 0."""
    type: str
    entity: UUID
    version: int
    op: str
    at: str
    """RFC 3339."""


def after(state: WebhookState, step: Step) -> WebhookState:
    """Return the state that a step leads to."""
    try:
        return STEPS[state, step]
    except KeyError:
        raise NotActive(f"The webhook is {state}: verify it first.") from None


def delay_after(
    attempt: int, chance: float, asked: timedelta = timedelta(0)
) -> timedelta | None:
    """Return how long to wait after this attempt (from 1) failed; None: it is over.

    `asked`: what the receiver wants waited at least. `chance`, from 0 to 1, keeps
    webhooks that failed together from coming together.
    """
    if attempt >= ATTEMPTS:
        return None
    wait = max(DELAYS[attempt - 1], min(asked, LONGEST_WAIT))
    return wait * (1 + SPREAD * chance)


def wait_asked(retry_after: str | None, now: datetime) -> timedelta:
    """Read a Retry-After field (RFC 9110, 10.2.3); what is none asks for nothing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return timedelta(0)
    if moment.tzinfo is None:  # How `-0000` is read.
        moment = moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(0))
