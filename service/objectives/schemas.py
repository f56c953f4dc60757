"""Shared objectives as callers state them.

The law: a day or a figure is taken as JSON writes it, and only where it can be kept.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticKnownError

from service.objectives.rules import ContributionRole, Kind, OwnershipModel

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2999, 12, 31)
"""PostgreSQL's driver takes the first and the last day of all for infinity."""
A_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
A_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
A_FIGURE: Final = re.compile(A_WHOLE.pattern + r"(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
PENNY: Final = Decimal("0.01")


def _a_day(value: object) -> object:
    """Refuse instants, and counts of seconds or days."""
    if type(value) is date or (isinstance(value, str) and A_DAY.fullmatch(value)):
        return value
    raise PydanticKnownError("date_type")


def _kept(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"It should be a date from {FIRST_DAY} to {LAST_DAY}.")
    return day


def _whole(value: object) -> object:
    if not _is_written(value, A_WHOLE):
        raise PydanticKnownError("int_type")
    return value


def _figure(value: object) -> object:
    if not _is_written(value, A_FIGURE):
        raise PydanticKnownError("decimal_type")
    return value


def _is_written(value: object, pattern: re.Pattern[str]) -> bool:
    """Say whether a number that was sent as text is one as JSON writes it."""
    if isinstance(value, str):
        return pattern.fullmatch(value) is not None
    return not isinstance(value, bool)


def _in_pence(amount: Decimal) -> Decimal:
    """Return it to the places it is stored with: nought may come with any exponent."""
    return amount.quantize(PENNY)


Day = Annotated[
    date,
    BeforeValidator(_a_day),
    AfterValidator(_kept),
    Field(description=f"From {FIRST_DAY} to {LAST_DAY}."),
]
Whole = Annotated[int, BeforeValidator(_whole)]
Figure = Annotated[Decimal, BeforeValidator(_figure)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Reason = Annotated[str, Field(min_length=1, max_length=4000)]
Organisation = Annotated[str, Field(max_length=40, examples=["hmt"])]
Code = Annotated[str, Field(min_length=1, max_length=60)]
Share = Annotated[Whole, Field(ge=1, le=100, description="Whole percent.")]
Pounds = Annotated[
    Figure, Field(max_digits=14, decimal_places=2), AfterValidator(_in_pence)
]
Staff = Annotated[
    Figure, Field(max_digits=8, decimal_places=2), AfterValidator(_in_pence)
]


class Asked(BaseModel):
    """What a caller sends: nothing that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Asked):
    """A person: by the id an HR system knows them by, or by their id here."""

    source_system: Annotated[str | None, Field(max_length=40, examples=["workday"])] = (
        None
    )
    external_id: Annotated[str | None, Field(max_length=120, examples=["10023456"])] = (
        None
    )
    id: Annotated[UUID | None, Field(description="As `GET /v1/people` gives it.")] = (
        None
    )

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        pair = self.source_system is not None and self.external_id is not None
        half = (self.source_system is None) != (self.external_id is None)
        if half or pair == (self.id is not None):
            raise ValueError("give source_system and external_id, or id")
        return self


class ContributionIn(Asked):
    """What one organisation's person is asked to contribute."""

    organisation: Organisation
    person: Named
    role: ContributionRole
    share: Share
    commitment: Text


class OwnerIn(Asked):
    """One accountable owner: one person, or the two who share a job."""

    organisation: Organisation
    people: Annotated[list[Named], Field(min_length=1, max_length=2)]


class ValueIn(Asked):
    """What one organisation puts in, and what it gains."""

    organisation: Organisation
    puts_in: Annotated[str, Field(max_length=4000)] = ""
    money_in: Annotated[Pounds | None, Field(ge=0, description="Pounds.")] = None
    people_in: Annotated[Staff | None, Field(ge=0, description="FTE.")] = None
    days_in: Annotated[
        Whole | None, Field(ge=0, le=1_000_000, description="Working days.")
    ] = None
    gains: Annotated[str, Field(max_length=4000)] = ""
    money_out: Annotated[Pounds | None, Field(description="Pounds.")] = None


class PriorityIn(Asked):
    """One entry of a published scheme; see `GET /v1/priority-schemes`."""

    scheme: Annotated[Code, Field(examples=["un-sdg-2030"])]
    code: Annotated[Code, Field(examples=["13"])]


class SaidIn(Asked):
    """What a shared objective says, but for who takes part and what it serves."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    outcome: Text
    measures: Text
    ownership_model: OwnershipModel
    kind: Kind = Kind.DELIVERY_OBJECTIVE
    value_map: Annotated[list[ValueIn], Field(max_length=50)] = []
    element: Annotated[
        Code | None, Field(description="Of the framework, which weighs it.")
    ] = None
    weight: Annotated[
        Whole | None, Field(ge=1, le=100, description="Whole percent of the record.")
    ] = None
    standard: Annotated[
        Code | None, Field(description="The framework's minimum standard it is.")
    ] = None
    priority: PriorityIn | None = None
    ends_on: Annotated[
        Day | None, Field(description="Last day, where it outlives the cycle.")
    ] = None


class ObjectiveIn(SaidIn):
    """What a shared objective says."""

    accountable_owner: Named | None = None
    """Left out, it is the person whose record holds the objective."""
    accountable_owners: Annotated[list[OwnerIn] | None, Field(max_length=20)] = None
    """Instead of `accountable_owner`: several, or two people who share a job."""
    contributions: Annotated[list[ContributionIn], Field(min_length=1, max_length=50)]
    parent: Annotated[
        UUID | None, Field(description="The objective it is aligned to.")
    ] = None

    @model_validator(mode="after")
    def _names_owners_once(self) -> Self:
        if self.accountable_owner is not None and self.accountable_owners is not None:
            raise ValueError("give accountable_owner or accountable_owners, not both")
        return self


class NewObjectiveIn(ObjectiveIn):
    """What a shared objective is to say, and whether it is put to others at once."""

    stage: Annotated[
        Literal["draft", "proposed"],
        Field(description="A draft is its line manager's alone until it is proposed."),
    ] = "proposed"


class ChangeIn(ObjectiveIn):
    """What a shared objective is to say from now on, and why."""

    reason: Annotated[str, Field(max_length=4000)] = ""


class ReasonIn(Asked):
    """Why."""

    reason: Reason
