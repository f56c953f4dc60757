"""Break-glass as callers send and see it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from service.feedback.life import State
from service.feedback.schemas import Sent, Shown


class BreakGlassIn(Sent):
    """On which record, and why."""

    record: Annotated[
        str,
        Field(
            max_length=200,
            description="The record's id, or source:external_record_id.",
        ),
    ]
    reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]


class BreakGlassOut(Shown):
    """What was asked for, and how far it has come."""

    id: UUID
    record: UUID
    reason: str
    asked_by: UUID
    asked_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    expires_at: Annotated[
        datetime | None, Field(description="An hour after the approval.")
    ]


class AskedRaterOut(Shown):
    """Somebody who was asked about the record."""

    person: UUID
    name: str | None
    organisation: Annotated[str, Field(description="Where they worked when asked.")]
    state: Annotated[
        State, Field(description="How far it went: never what they answered.")
    ]


class AskedRatersOut(Shown):
    """Who was asked about the record, by their ids."""

    items: list[AskedRaterOut]
