"""A submitted form as it leaves the room that knows its rater: three ways to see it.

The law: none of them names a person, and no two can be joined by what stands in them.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Form:
    """One rater's answers on one record, under a pseudonym of this cycle."""

    organisation: str
    """The subject's."""
    record: UUID
    rater: str
    rater_organisation: str
    answers: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Counted:
    """One form that counts, by nobody: under no name that stands on another form."""

    organisation: str
    """The subject's."""
    record: UUID
    response: UUID
    rater_organisation: str
    on_shared: bool
    """It rests on an objective that rater and subject share."""
    answers: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Tie:
    """One rater's answers on one subject, both under pseudonyms of one kind."""

    subject: str
    """As they would be as a rater."""
    rater: str
    answers: Mapping[str, int | None]
    on_last_day: bool
    """Whether it was sent on the window's last day; not known after release."""


def pseudonym(rater: UUID, window: UUID, key: bytes) -> str:
    """Return what stands for a rater in one window: HMAC-SHA256 under `key`, hex."""
    return hmac.digest(key, window.bytes + rater.bytes, "sha256").hex()
