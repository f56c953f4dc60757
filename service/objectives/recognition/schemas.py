"""Thanks as callers send and see them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from service.objectives.presenting import PersonOut, Shown
from service.objectives.schemas import Asked


class RecognitionIn(Asked):
    """Whom to thank, by their contribution, and for what."""

    contribution: UUID
    text: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]


class RecognitionOut(Shown):
    """One organisation's thanks to a contributor of another."""

    id: UUID
    organisation: Annotated[str, Field(description="Whose thanks they are.")]
    person: Annotated[PersonOut | None, Field(description="Who thanks.")]
    contribution: UUID
    contributor_organisation: str
    contributor: PersonOut | None
    text: Annotated[
        str | None, Field(description="Null where the contributor is not seen.")
    ]
    quarter: Annotated[
        date, Field(description="First day of the quarter they are given in.")
    ]
    given_at: datetime
