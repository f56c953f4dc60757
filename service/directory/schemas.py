"""People as callers find them, and whether other organisations do."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.edge.paging import Page


class PersonOut(BaseModel):
    """A person in post; nothing else of them leaves their organisation."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    title: str
    unit: str | None
    organisation: str


class PeoplePage(Page[PersonOut]):
    """One page of people, the nearest to what was asked first."""


class DiscoverabilityIn(BaseModel):
    """Whether a person is to be found by other organisations, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    discoverable: Annotated[
        bool, Field(description="False: found by nobody outside their organisation.")
    ]
    reason: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            description="Kept in the audit, which cannot forget: name nobody in it.",
            examples=["Protected post."],
        ),
    ]


class DiscoverabilityOut(BaseModel):
    """Whether a person is found by other organisations."""

    model_config = ConfigDict(frozen=True)

    person: UUID
    discoverable: bool
    version: int
