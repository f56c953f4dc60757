"""Progress as callers send and see it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field

from service.objectives.measuring import (
    ZERO,
    ComparedWith,
    Direction,
    Indicator,
    Trend,
)
from service.objectives.presenting import PersonOut, Shown
from service.objectives.progress.rules import MilestoneState, Status
from service.objectives.schemas import Asked, Day, Text, Whole
from service.objectives.schemas import Figure as Written

EXACT: Final = 15
"""Digits that every reader of JSON keeps of a number."""


def _exact(value: object) -> object:
    if isinstance(value, float) and len(Decimal(repr(value)).as_tuple().digits) > EXACT:
        raise ValueError("send a figure of more than 15 digits as a string")
    return value


def _plain_nought(value: Decimal) -> Decimal:
    """Return nought without its exponent, which may be any."""
    return value or ZERO


Figure = Annotated[
    Written,
    BeforeValidator(_exact),
    AfterValidator(_plain_nought),
    Field(
        description="At most 12 digits before the point and 6 after it; more than 15 in"
        " all as a string."
    ),
]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Version = Annotated[int, Field(description="Counts its changes; its ETag.")]
Organisation = Annotated[str, Field(description="For which they acted.")]


class MilestoneIn(Asked):
    """What is to be there, and by when."""

    title: Title
    due_on: Day


class MilestoneChangeIn(MilestoneIn):
    """What a milestone is to say, and where it stands."""

    state: MilestoneState


class IndicatorIn(Asked):
    """What is measured, from where, to where, and what counts as a change."""

    title: Title
    unit: Annotated[str, Field(min_length=1, max_length=60, examples=["per cent"])]
    baseline: Figure
    target: Figure
    direction: Direction
    change_at: Annotated[
        Figure,
        Field(
            default_factory=lambda: ZERO,  # A default is written in JSON, a figure not.
            description="Smallest difference that counts as a change; left out, any.",
        ),
    ]
    compared_with: Annotated[
        ComparedWith, Field(description="What the last reading is held against.")
    ] = ComparedWith.BASELINE

    def indicator(self) -> Indicator:
        """Return its figures."""
        return Indicator(
            baseline=self.baseline,
            target=self.target,
            direction=self.direction,
            unit=self.unit,
            change_at=self.change_at,
            compared_with=self.compared_with,
        )


class ReadingIn(Asked):
    """What an indicator stood at on a day."""

    value: Figure
    as_of: Day
    note: Annotated[str, Field(max_length=4000)] = ""
    corrects: Annotated[
        UUID | None, Field(description="The reading that this one replaces.")
    ] = None


class StatusIn(Asked):
    """How the objective gets on."""

    status: Status
    text: Text


class DissentIn(Asked):
    """Why a partner sees the current status differently."""

    status: Annotated[
        Whole,
        Field(ge=1, description="Number of the status that was read: the current."),
    ]
    text: Text


class MilestoneOut(Shown):
    """Something that is to be there by a day."""

    id: UUID
    title: str
    due_on: date
    state: MilestoneState
    met_at: Annotated[datetime | None, Field(description="When that was said.")]
    met_by: Annotated[
        PersonOut | None, Field(description="Null for an HR system as well.")
    ]
    version: Version


class ReadingOut(Shown):
    """What an indicator stood at on a day."""

    id: UUID
    number: int
    value: Decimal
    as_of: date
    note: str
    corrects: UUID | None
    corrected_by: UUID | None
    organisation: Organisation
    person: Annotated[
        PersonOut | None, Field(description="Null for an HR system as well.")
    ]
    read_at: datetime


class IndicatorOut(Shown):
    """What is measured, and what the last reading says."""

    id: UUID
    title: str
    unit: str
    baseline: Decimal
    target: Decimal
    direction: Direction
    change_at: Decimal
    compared_with: ComparedWith
    last_reading: ReadingOut | None
    trend: Annotated[
        Trend | None, Field(description="By its own criterion; null: no reading.")
    ]
    progress: Annotated[
        Decimal | None,
        Field(
            description="Share of the way from baseline to target, cut to four places:"
            " below 0 is backwards; null without a reading, or without a way to go."
        ),
    ]
    version: Version


class DissentOut(Shown):
    """Why a partner sees one status differently."""

    id: UUID
    status: Annotated[int, Field(description="Number of the status.")]
    number: Annotated[int, Field(description="Of that organisation and status.")]
    stands: Annotated[bool, Field(description="False: the organisation amended it.")]
    organisation: str
    person: PersonOut | None
    text: str
    lodged_at: datetime


class StatusOut(Shown):
    """How an accountable owner says the objective gets on."""

    number: int
    current: bool
    status: Status
    text: str
    organisation: Organisation
    person: PersonOut | None
    reported_at: datetime
    dissents: Annotated[
        list[DissentOut], Field(description="Those that stand, one an organisation.")
    ]


class ProgressOut(Shown):
    """How an objective gets on."""

    milestones: Annotated[list[MilestoneOut], Field(description="The first due first.")]
    indicators: list[IndicatorOut]
    status: Annotated[StatusOut | None, Field(description="The one that is current.")]


class ChangeOut(Shown):
    """One thing that a version changed."""

    field: Annotated[str, Field(examples=["target"])]
    before: Any
    after: Any


class ProgressVersionOut(Shown):
    """What a milestone or an indicator said from then on."""

    version: int
    at: datetime
    organisation: Organisation
    person: Annotated[
        PersonOut | None, Field(description="Null for an HR system as well.")
    ]
    says: dict[str, Any]
    changes: list[ChangeOut]
