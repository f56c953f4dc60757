"""Exports as callers ask for them and see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.hr.exports.rules import ExportFormat, ExportState


class ExportIn(BaseModel):
    """Which scores to put into a file, and of what format."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: ExportFormat
    organisation: Annotated[
        str | None,
        Field(
            max_length=40,
            description="Code of one of the client's; needed for a mapped layout, if"
            " the client has several.",
        ),
    ] = None
    cycle: Annotated[UUID | None, Field(description="Only this cycle's scores.")] = None
    changed_since: Annotated[
        AwareDatetime | None,
        Field(description="Only scores changed at this instant or later."),
    ] = None


class ExportOut(BaseModel):
    """A file of scores: being made, ready, or gone."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    format: ExportFormat
    organisation: str | None
    cycle: UUID | None
    changed_since: datetime | None
    state: ExportState
    problem: Annotated[str | None, Field(description="Why it failed.")]
    requested_at: datetime
    ready_at: datetime | None
    expires_at: Annotated[datetime, Field(description="When the file is deleted.")]
    score_count: int | None
    size_bytes: int | None
    sha256: Annotated[str | None, Field(description="Of the file, hex.")]
    download: Annotated[
        str | None,
        Field(
            description="Absolute address of the file, while it is there; it needs the"
            " same client's token."
        ),
    ]
