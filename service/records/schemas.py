"""Cycles and records as callers send and see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.edge.paging import Page
from service.records.rules import CycleState


class CycleOut(BaseModel):
    """One appraisal year, as far as the client's organisations take part."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    framework: str
    framework_version: int
    year: Annotated[int, Field(description="The year it begins in.")]
    state: CycleState
    organisations: list[str]
    stages: Annotated[
        dict[str, datetime], Field(description="When each stage begins, in UTC.")
    ]
    version: int


class CyclePage(Page[CycleOut]):
    """The cycles there are."""


class PersonName(BaseModel):
    """A person, by the id that an HR system knows them by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source_system: Annotated[str, Field(max_length=40, examples=["workday"])]
    external_id: Annotated[str, Field(max_length=120, examples=["10023456"])]


class RecordIn(BaseModel):
    """Which person's appraisal, in which cycle, an HR system's record is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cycle: UUID
    person: PersonName


class RecordOut(BaseModel):
    """What this service attaches to one appraisal of an HR system."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    organisation: str
    cycle: UUID
    source_system: str
    external_id: str
    person: UUID
    version: int


class RecordPage(Page[RecordOut]):
    """One page of records."""
