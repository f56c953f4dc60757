"""What rooms above this one know of the people who sign in.

The law: this room asks, and knows no person itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.auth.tokens import Named


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom the sign-in for development offers."""

    person: UUID
    organisation: str
    name: str
    title: str
    roles: tuple[str, ...]
    """In the words of whoever looks."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Whom to ask; it lies in `app.state.directory`."""

    person_of: Callable[[Named], Awaitable[UUID | None]]
    """Finds whom an organisation knows by an identifier, unless deactivated."""
    roles_if_known: Callable[[UUID, str, date], Awaitable[frozenset[str] | None]]
    """Finds a person's roles in an organisation on a day; None: it lets them not in."""
    name_of: Callable[[UUID, str], Awaitable[str]]
    """Finds what an organisation calls a person."""
    has_domain: Callable[[str, str], Awaitable[bool]]
    """Tells whether an e-mail domain (the second) is an organisation's own."""
    people_like: Callable[[str, date], Awaitable[list[Candidate]]]
    """Finds people by words of their name, title or organisation."""
