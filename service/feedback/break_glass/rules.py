"""Who may open who the raters are, and for how long.

Pure. The law: it takes two people of two roles, neither of them close to the subject.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from service.access.rules import Role
from service.errors import Conflict, NotAllowed

LASTS: Final = timedelta(hours=1)
"""From the approval."""


class BothRoles(NotAllowed):
    """Whoever asks for break-glass and whoever approves it never hold both roles."""

    slug = "break-glass-both-roles"


class TooClose(NotAllowed):
    """Nobody opens break-glass about themselves, or about whoever answers to them."""

    slug = "break-glass-too-close"


class SamePerson(NotAllowed):
    """Break-glass takes two people."""

    slug = "break-glass-same-person"


class ApprovedAlready(Conflict):
    """Break-glass is approved once."""

    slug = "break-glass-approved"


class NotApproved(Conflict):
    """Break-glass is opened by a data protection officer's approval."""

    slug = "break-glass-not-approved"


class Over(Conflict):
    """Break-glass lasts for one hour from its approval."""

    slug = "break-glass-over"


def check_may_act(
    person: UUID, roles: Collection[str], subject: UUID, above: Collection[UUID]
) -> None:
    """Refuse whoever holds both roles, or is the subject or somebody above them."""
    if {Role.HR_ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER} <= {*roles}:
        raise BothRoles("You hold both roles: somebody else has to do this.")
    if person == subject or person in above:
        raise TooClose("It is about you, or whoever answers to you: ask somebody else.")


def check_two(
    asked: UUID, asked_email: str | None, approves: UUID, approves_email: str | None
) -> None:
    """Refuse one person for two, by one account or by two of one e-mail address."""
    one = asked_email is not None and approves_email is not None
    if asked == approves or (
        one and str(asked_email).lower() == str(approves_email).lower()
    ):
        raise SamePerson("Whoever asks does not approve: ask another officer.")


def expires_at(approved_at: datetime) -> datetime:
    """Return from when an approval holds no more."""
    return approved_at + LASTS


def check_open(approved_at: datetime | None, now: datetime) -> None:
    """Refuse to open what was not approved, or was approved too long ago."""
    if approved_at is None:
        raise NotApproved("It waits for a data protection officer's approval.")
    until = expires_at(approved_at)
    if now >= until:
        raise Over(f"It could be read until {until.isoformat()}: ask again.")
