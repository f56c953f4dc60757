"""Who may give feedback on whom, and within which instants.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from service.access.rules import NotShared, check_shared
from service.errors import Conflict, Fault, NotAllowed, Unprocessable
from service.feedback.form.items import FEWEST_OBSERVED

MONTHS: Final = 12
"""Of working together that a year can hold."""
HEAVY: Final = 8
"""Requests in a window beyond which somebody is asked for too much."""


class Origin(StrEnum):
    """Why somebody is in the pool that raters are drawn from."""

    OBJECTIVE = "objective"
    SUBJECT = "subject"
    MANAGER = "manager"
    CARRIED = "carried"


class NotOpen(Conflict):
    """The feedback window is not open."""

    slug = "feedback-not-open"


class NotLater(Unprocessable):
    """A feedback window can only be extended, never shortened."""

    slug = "feedback-window-not-later"


class WindowOfMany(NotAllowed):
    """The feedback window belongs to several organisations."""

    slug = "feedback-window-of-many"


class NotEligible(Unprocessable):
    """The person may not give feedback on the subject."""

    slug = "feedback-not-eligible"


class PoolTooSmall(Conflict):
    """Too few eligible colleagues are in the pool to draw raters from."""

    slug = "feedback-pool-too-small"


class PoolFull(Conflict):
    """As many colleagues as may be are proposed already."""

    slug = "feedback-pool-full"


class AlreadyDrawn(Conflict):
    """The record's raters have been drawn, once."""

    slug = "feedback-already-drawn"


class NotYourPart(NotAllowed):
    """The subject objects, their line manager vetoes, and neither for the other."""

    slug = "feedback-not-your-part"


class ObjectedAlready(Conflict):
    """The subject objects to one colleague at most."""

    slug = "feedback-objected-already"


class NoReason(Unprocessable):
    """It needs a reason."""

    slug = "feedback-no-reason"


class BadAnswers(Unprocessable):
    """The answers do not fit the form."""

    slug = "feedback-answers-invalid"


class NotYetReleased(Conflict):
    """Feedback is released together, once, at its instant."""

    slug = "feedback-not-yet-released"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many are drawn and who may be, from the cycle's framework."""

    aim: int
    least: int
    most: int
    other_organisations: int
    outside_percent: int
    minimum_contact_months: int
    own_organisation_may_rate: bool


@dataclass(frozen=True, slots=True)
class Grounds:
    """How a colleague stands to a subject on one day: what eligibility is judged on."""

    person: UUID
    mailbox: str | None
    """The same for two addresses of one mailbox, as far as that shows."""
    organisation: str | None
    """Where they mainly work; None: they hold no posting."""
    home: frozenset[str]
    """The organisation that keeps the subject's record, and the one they sit in."""
    keeper: str
    """The organisation that keeps the subject's record."""
    is_subject: bool
    """The same person, or another record of them: two records of one mailbox."""
    in_line: bool
    """They stand above or below the subject, in any line, however far."""
    competes: bool
    """They are moderated together: the same organisation keeps a record of both in the
    cycle, and both hold the same grade."""
    shares: bool
    """Their organisation shares data with the subject's."""


def check_open(opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Refuse what comes before the window opens or at its closing instant or later."""
    if now < opens_at:
        raise NotOpen(f"The window opens at {opens_at.isoformat()}.")
    if now >= closes_at:
        raise closed(closes_at)


def closed(closes_at: datetime) -> NotOpen:
    """Return the refusal of what comes late."""
    return NotOpen(f"The window closed at {closes_at.isoformat()}.")


def check_extends(
    before: Mapping[str, datetime], wanted: Mapping[str, datetime]
) -> None:
    """Refuse to bring the closing forward or to leave it, or to release earlier."""
    if wanted["closes_at"] <= before["closes_at"]:
        raise _not_later("closes_at", before["closes_at"])
    if wanted["releases_at"] < before["releases_at"]:
        raise _not_later("releases_at", before["releases_at"])
    if wanted["releases_at"] < wanted["closes_at"]:
        raise _not_later("releases_at", wanted["closes_at"])


def _not_later(name: str, than: datetime) -> NotLater:
    detail = f"Give a later instant than {than.isoformat()}."
    return NotLater(detail, faults=[Fault(detail, pointer=f"#/{name}")])


def check_eligible(grounds: Grounds, limits: Limits, day: date) -> None:
    """Refuse whoever may not rate the subject, saying why.

    Two organisations that share no data on `day` are refused as everywhere else.
    """
    if grounds.is_subject:
        raise NotEligible("Nobody gives feedback on themselves.")
    if grounds.organisation is None:
        raise NotEligible("You hold no posting today.")
    if grounds.in_line:
        raise NotEligible("Nobody gives feedback on their own manager or report.")
    if grounds.organisation in grounds.home and not limits.own_organisation_may_rate:
        raise NotEligible("Feedback comes from other organisations.")
    if grounds.competes:
        raise NotEligible("Nobody gives feedback on whom they are moderated with.")
    if not grounds.shares:
        check_shared(grounds.keeper, {grounds.organisation}, (), day)


def is_eligible(grounds: Grounds, limits: Limits, day: date) -> bool:
    """Say whether somebody may rate the subject on a day."""
    try:
        check_eligible(grounds, limits, day)
    except (NotEligible, NotShared):
        return False
    return True


def check_contact(months: int | None, limits: Limits) -> None:
    """Refuse a rater who has worked with the subject for too short a time."""
    if months is None or not 0 <= months <= MONTHS:
        detail = f"Give the months of the year worked together: 0 to {MONTHS}."
        fault = Fault(detail, pointer="#/contact/months")
        raise BadAnswers(detail, faults=[fault])
    if months < limits.minimum_contact_months:
        detail = (
            f"Feedback needs at least {limits.minimum_contact_months} months of working"
            f" together in the year; you gave {months}: decline instead."
        )
        raise NotEligible(detail, faults=[Fault(detail, pointer="#/contact/months")])


def check_reason(reason: str) -> None:
    """Refuse to do without a reason what needs one."""
    if not reason.strip():
        detail = "Say in a few words why, such as: worked together too briefly."
        raise NoReason(detail, faults=[Fault(detail, pointer="#/reason")])


def check_room(proposed: int, limits: Limits) -> None:
    """Refuse more proposals, by whomever, than there can be raters."""
    if proposed > limits.most:
        raise PoolFull(
            f"The subject and the manager propose at most {limits.most} colleagues"
            f" together; these would be {proposed}: leave some out."
        )


def is_valid_form(answers: Mapping[str, int | None]) -> bool:
    """Say whether a form has enough observed items to count."""
    return sum(value is not None for value in answers.values()) >= FEWEST_OBSERVED
