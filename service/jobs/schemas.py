"""Notices as people see them."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.edge.paging import Page
from service.jobs.rules import NoticeKind, Told


class NoticeOut(BaseModel):
    """Something that a person was told."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    kind: NoticeKind
    about: Annotated[
        UUID,
        Field(
            description="An objective; of `assigned_in_bulk`, their template, and of"
            " `window_extended`, the cycle; of `feedback_released`, the record; of"
            " `score_…`, the score; of `break_glass_…`, what was asked for; of"
            " `webhook_disabled`, the webhook."
        ),
    ]
    count: Annotated[int, Field(description="How many objectives it is about.")]
    due_on: Annotated[date | None, Field(description="By when it is wanted.")]
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, told: Told) -> Self:
        """Present a notice to whom it was told."""
        return cls(**{name: getattr(told, name) for name in cls.model_fields})


class NoticePage(Page[NoticeOut]):
    """One page of notices."""
