"""A collaboration score as an HR system reads it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.edge.paging import Page
from service.scores.composing.composite import Name, Why
from service.scores.deciding.rules import Capacity, Outcome
from service.scores.rules import Band, Confidence, Reason, State

Figure = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]


class PersonName(BaseModel):
    """A person, by their id in the HR system and here."""

    model_config = ConfigDict(frozen=True)

    source_system: str | None
    external_id: str | None
    id: UUID


class RecordName(BaseModel):
    """An appraisal record, by its id in the HR system."""

    model_config = ConfigDict(frozen=True)

    source_system: str
    external_id: str


class Period(BaseModel):
    """The appraisal year, first and last day."""

    model_config = ConfigDict(frozen=True)

    start: date
    end: Annotated[
        date,
        Field(description="The last day, part of the year; an episode's `end` is not."),
    ]


class Posting(BaseModel):
    """One posting in the period, and its working days."""

    model_config = ConfigDict(frozen=True)

    posting: str
    start: date
    end: Annotated[
        date, Field(description="The day after its last: itself no part of it.")
    ]
    exposure_days: int


class Scale(BaseModel):
    """What values and bands there are."""

    model_config = ConfigDict(frozen=True)

    min: int = 0
    max: int = 100
    bands: list[Band] = [*Band]


class Interval(BaseModel):
    """Where the score most likely lies: never narrower than the evidence allows."""

    model_config = ConfigDict(frozen=True)

    low: Figure
    high: Figure
    level: float


class RaterBands(BaseModel):
    """How many gave feedback, in bands; never a count."""

    model_config = ConfigDict(frozen=True)

    band: str
    organisations: str


class ComponentReason(StrEnum):
    """Why a part of a score, or the composite of them, has no value."""

    BELOW_MINIMUM_EXPOSURE = Reason.BELOW_MINIMUM_EXPOSURE
    BELOW_MINIMUM_ORGANISATIONS = Reason.BELOW_MINIMUM_ORGANISATIONS
    BELOW_MINIMUM_RATERS = Reason.BELOW_MINIMUM_RATERS
    CYCLE_NOT_ESTIMABLE = Reason.CYCLE_NOT_ESTIMABLE
    NOT_CONNECTED = Reason.NOT_CONNECTED
    LOW_RELIABILITY = Reason.LOW_RELIABILITY
    NO_OBJECTIVES = Why.NO_OBJECTIVES
    NOT_ASSESSED = Why.NOT_ASSESSED
    PART_MISSING = Why.PART_MISSING
    TOO_FEW_PEOPLE = Why.TOO_FEW_PEOPLE
    STANDARD_NOT_MET = Why.STANDARD_NOT_MET


class Component(BaseModel):
    """One part of the score, or the composite of its parts.

    A missing part is neither zero nor made up for by another: there is no composite
    then. 50 is the middle of a composite, and 10 are one standard deviation of people.
    """

    model_config = ConfigDict(frozen=True)

    name: Name
    value: Figure | None
    interval: Interval | None
    weight: Annotated[Share, Field(description="In the composite.")]
    coverage: Annotated[Share, Field(description="Share of it that there is.")]
    reason: Annotated[
        ComponentReason | None, Field(description="Why it has no value.")
    ] = None
    points: Annotated[
        int | None,
        Field(description="Composite: by the framework's own sum, on its scale."),
    ] = None
    level: Annotated[
        str | None, Field(description="Composite: by the framework's own rule.")
    ] = None


class MethodName(BaseModel):
    """The versioned formula, and where its parameters are published."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: int
    url: str


class Decision(BaseModel):
    """What a named human made of the score as evidence."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    reason: Annotated[
        str | None,
        Field(description="In their words; null only where they accepted the score."),
    ]
    by_role: Capacity
    at: datetime


class CollaborationScore(BaseModel):
    """How well a person worked across departments in a cycle: evidence, not a marking.

    Without a number, `state` and `reason` say why. Missing is never zero.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    person: PersonName
    organisation: str
    record: RecordName
    cycle: UUID
    period: Period
    episodes: list[Posting]
    state: State
    under_appeal: bool
    reason: Reason | None
    value: Figure | None
    band: Band | None
    scale: Scale
    interval: Interval | None
    reliability: Annotated[float, Field(ge=0, le=1)] | None
    confidence: Confidence | None
    raters: RaterBands | None
    components: list[Component]
    method: MethodName
    inputs_digest: Annotated[str, Field(description="SHA-256, hex.")]
    decision: Annotated[
        Decision | None,
        Field(description="The one that stands; without one nothing is final."),
    ]
    version: int
    changed_at: datetime
    deleted_at: datetime | None
    signature: Annotated[
        str,
        Field(
            description="Detached JWS (RFC 7515, appendix F) over the RFC 8785 form of"
            " the row without it."
        ),
    ]


class ScorePage(Page[CollaborationScore]):
    """One page of scores."""


class MethodComparison(BaseModel):
    """What this method would have changed in a cycle that another was published by."""

    model_config = ConfigDict(frozen=True)

    cycle: UUID
    against: str
    against_version: int
    people: Annotated[int | None, Field(description="Rounded; null: too few to say.")]
    changed_bands: Share | None
    changed_states: Share | None
    compared_at: datetime


class MethodOut(BaseModel):
    """A version of a scoring method, with everything its numbers depend on."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: int
    digest: Annotated[str, Field(description="SHA-256 of code and parameters, hex.")]
    parameters: dict[str, object]
    comparisons: list[MethodComparison]


def number(value: Decimal | None) -> float | None:
    """Return a stored figure for JSON; one that is missing stays missing."""
    return None if value is None else float(value)
