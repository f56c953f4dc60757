"""What a text moderator decides, and when.

Pure. The law: a comment is passed or withheld as it was written, once; none is changed.
"""

import hmac
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from service.errors import Conflict

LABEL: Final = 8
"""Hex digits of what stands for a subject: enough to tell apart those of a queue."""


class Decision(StrEnum):
    """What becomes of a comment."""

    PASS = "pass"  # noqa: S105 - no password
    WITHHOLD = "withhold"


class Code(StrEnum):
    """Why a moderator withholds a comment."""

    IDENTIFIES_RATER = "identifies_rater"
    IDENTIFIES_THIRD_PARTY = "identifies_third_party"
    ABUSIVE = "abusive"
    UNLAWFUL = "unlawful"
    OFF_TOPIC = "off_topic"


class ModerationOver(Conflict):
    """Comments are decided on between the closing of a window and its release."""

    slug = "feedback-moderation-over"


class DecidedAlready(Conflict):
    """A comment is decided on once."""

    slug = "feedback-comment-decided"


def check_undecided(
    closed_at: datetime | None, releases_at: datetime, released_at: datetime | None
) -> None:
    """Refuse what comes before a window has closed, or once it was released."""
    if closed_at is None:
        raise ModerationOver("The window has not closed: raters may still amend.")
    if released_at is not None:
        raise ModerationOver(f"It was due for release at {releases_at.isoformat()}.")


def digest(text: str, key: bytes) -> str:
    """Return what shows later that a comment is as it was written: hex.

    SHA-256 under a key outside the database: without one, whoever reads the database
    could try which words were withheld.
    """
    return hmac.digest(key, text.encode(), "sha256").hex()


def label(record: UUID, moderator: UUID, key: bytes) -> str:
    """Return what stands for a subject in one moderator's queue, and in no other's."""
    return hmac.digest(key, moderator.bytes + record.bytes, "sha256").hex()[:LABEL]
