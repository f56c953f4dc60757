"""Shared objectives as callers send and see them."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.objectives.rules import (
    ContributionRole,
    Kind,
    ObjectiveFact,
    OwnershipModel,
    Stage,
)

Text = Annotated[str, Field(min_length=1, max_length=4000)]


class Named(BaseModel):
    """A person, by the id that an HR system knows them by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source_system: Annotated[str, Field(max_length=40, examples=["workday"])]
    external_id: Annotated[str, Field(max_length=120, examples=["10023456"])]


class ContributionIn(BaseModel):
    """What one organisation's person is asked to contribute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Annotated[str, Field(max_length=40, examples=["hmt"])]
    person: Named
    role: ContributionRole
    share: Annotated[int, Field(ge=1, le=100, description="Whole percent.")]
    commitment: Text


class ObjectiveIn(BaseModel):
    """What a caller states to draft a shared objective."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, Field(min_length=1, max_length=200)]
    outcome: Text
    measures: Text
    ownership_model: OwnershipModel
    kind: Kind = Kind.DELIVERY_OBJECTIVE
    accountable_owner: Named | None = None
    """Left out, it is the person whose record holds the objective."""
    contributions: Annotated[list[ContributionIn], Field(min_length=2, max_length=50)]


class AgreementIn(BaseModel):
    """What a person says when they agree."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    comment: Annotated[str, Field(max_length=4000)] = ""


class ContributionOut(BaseModel):
    """What a machine sees of a contribution: never a person."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    organisation: str
    role: ContributionRole
    share: int
    commitment: str
    agreed: bool


class ObjectiveOut(BaseModel):
    """A shared objective as every party's HR system sees it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    organisation: Annotated[str, Field(description="Of the lead record.")]
    cycle: UUID
    title: str
    outcome: str
    measures: str
    ownership_model: OwnershipModel
    kind: Kind
    stage: Stage
    version: int
    contributions: list[ContributionOut]

    @classmethod
    def of(cls, fact: ObjectiveFact) -> Self:
        """Present an objective without naming anybody."""
        return cls(
            id=fact.id,
            organisation=fact.organisation,
            cycle=fact.cycle,
            title=fact.title,
            outcome=fact.outcome,
            measures=fact.measures,
            ownership_model=OwnershipModel(fact.ownership_model),
            kind=Kind(fact.kind),
            stage=Stage(fact.stage),
            version=fact.version,
            contributions=[
                ContributionOut(
                    id=part.id,
                    organisation=part.organisation,
                    role=ContributionRole(part.role),
                    share=part.share,
                    commitment=part.commitment,
                    agreed=part.agreed,
                )
                for part in fact.contributions
            ],
        )
