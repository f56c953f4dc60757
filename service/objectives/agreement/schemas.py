"""Agreements and disputes as callers send and see them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from service.objectives.presenting import PersonOut, Shown
from service.objectives.rules import Capacity
from service.objectives.schemas import Asked, Reason, Whole
from service.objectives.stages import Outcome


class AgreementIn(Asked):
    """What a person says when they agree."""

    comment: Annotated[str, Field(max_length=4000)] = ""
    version: Annotated[
        Whole | None,
        Field(ge=1, description="Which they read: no other is agreed to by accident."),
    ] = None


class DisputeIn(Asked):
    """Why somebody does not agree; about one contribution, or the whole."""

    reason: Reason
    contribution: UUID | None = None


class SettlementIn(Asked):
    """What comes of a dispute that changes nothing: it is kept, or dropped."""

    outcome: Literal["kept", "dropped"]
    reply: Reason


class AgreementOut(Shown):
    """One agreement, to one version."""

    capacity: Capacity
    contribution: UUID | None
    organisation: Annotated[str, Field(description="Of whom it was agreed for.")]
    person: PersonOut | None
    version: int
    comment: str
    agreed_at: datetime
    counts: Annotated[
        bool, Field(description="Whether what was agreed to still stands.")
    ]
    digest: Annotated[
        str | None, Field(description="SHA-256 of the version agreed to, hex.")
    ]


class WantedOut(Shown):
    """One agreement that is still to come."""

    capacity: Capacity
    contribution: UUID | None
    organisation: str
    person: PersonOut | None


class AgreementsOut(Shown):
    """Who agreed, and who has still to."""

    given: list[AgreementOut]
    outstanding: list[WantedOut]


class DisputeOut(Shown):
    """One dispute, and what came of it."""

    id: UUID
    capacity: Capacity
    contribution: UUID | None
    organisation: str
    person: PersonOut | None
    version: int
    reason: str
    raised_at: datetime
    outcome: Outcome | None
    reply: str | None
    settled_at: datetime | None
