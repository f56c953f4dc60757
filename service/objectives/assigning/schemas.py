"""Templates, what is assigned to many, and copies, as callers send and see them."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from service.edge.paging import Page
from service.objectives.presenting import Shown
from service.objectives.rules import ContributionRole
from service.objectives.schemas import (
    Asked,
    ContributionIn,
    Named,
    Organisation,
    OwnerIn,
    SaidIn,
    Share,
    Text,
)
from service.objectives.stages import Stage

MOST_RECORDS: Final = 10_000
"""In one call."""
MOST_PARTNERS: Final = 49
"""The lead contribution comes to them."""
Begun = Annotated[
    Literal["draft", "proposed"],
    Field(description="A draft is its line manager's alone until it is proposed."),
]


class LeadIn(Asked):
    """What the person contributes on whose record it is."""

    share: Share
    commitment: Text


class PartIn(Asked):
    """What a partner organisation contributes, whoever does it for them."""

    organisation: Organisation
    role: Literal[ContributionRole.MAJOR, ContributionRole.SUPPORTING]
    share: Share
    commitment: Text


class TemplateIn(SaidIn):
    """What an objective says, but for the people who take part."""

    lead: LeadIn
    partners: Annotated[tuple[PartIn, ...], Field(max_length=MOST_PARTNERS)] = ()

    @model_validator(mode="after")
    def _names_partners_once(self) -> Self:
        codes = [part.organisation for part in self.partners]
        if len(set(codes)) < len(codes):
            raise ValueError("give each partner organisation one part")
        return self


class PartnerIn(Asked):
    """Who contributes for a partner; the rest, left out, is as `partners` has it."""

    organisation: Organisation
    person: Named
    role: Literal[ContributionRole.MAJOR, ContributionRole.SUPPORTING] | None = None
    share: Share | None = None
    commitment: Text | None = None


Partners = Annotated[tuple[PartnerIn, ...], Field(max_length=MOST_PARTNERS)]


class OnRecordIn(Asked):
    """One record, and what is not the same there as on the others."""

    record: Annotated[
        str,
        Field(
            min_length=1,
            max_length=161,
            description="The record's id, or source:external_record_id.",
        ),
    ]
    organisation: Annotated[
        Organisation | None,
        Field(description="Where a name is in two of the caller's."),
    ] = None
    contributions: Annotated[
        Partners | None, Field(description="Instead of those that all have in common.")
    ] = None
    accountable_owner: Annotated[
        Named | None,
        Field(description="Left out, it is the person whose record it is."),
    ] = None
    accountable_owners: Annotated[list[OwnerIn] | None, Field(max_length=20)] = None
    """Instead of `accountable_owner`: several, or two people who share a job."""

    @model_validator(mode="after")
    def _names_owners_once(self) -> Self:
        if self.accountable_owner is not None and self.accountable_owners is not None:
            raise ValueError("give accountable_owner or accountable_owners, not both")
        return self


class BulkIn(Asked):
    """One objective, and the records it is assigned to."""

    objective: TemplateIn | None = None
    template: Annotated[
        UUID | None, Field(description="A stored one, instead of `objective`.")
    ] = None
    contributions: Annotated[
        Partners, Field(description="Of partners, on every record.")
    ] = ()
    parent: Annotated[
        UUID | None, Field(description="The objective that all are aligned to.")
    ] = None
    stage: Begun = "proposed"
    records: Annotated[list[OnRecordIn], Field(min_length=1, max_length=MOST_RECORDS)]

    @model_validator(mode="after")
    def _says_it_once(self) -> Self:
        if (self.objective is None) == (self.template is None):
            raise ValueError("give objective or template, and not both")
        return self


class CopyIn(Asked):
    """Where an objective is copied to, and as what."""

    record: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=161,
            description="A record's id, or source:external_record_id. Left out, it is"
            " the same person's.",
        ),
    ] = None
    cycle: Annotated[
        UUID | None, Field(description="Of that record. Left out, it is the next one.")
    ] = None
    continues: Annotated[
        bool,
        Field(
            description="The same objective goes on, which ends after its cycle does."
        ),
    ] = False
    stage: Begun = "draft"
    contributions: Annotated[
        list[ContributionIn] | None,
        Field(
            min_length=1,
            max_length=50,
            description="Given anew, such as when somebody has left; with the lead's.",
        ),
    ] = None
    accountable_owners: Annotated[
        list[OwnerIn] | None, Field(min_length=1, max_length=20)
    ] = None

    @model_validator(mode="after")
    def _names_one_record(self) -> Self:
        if self.record is not None and self.cycle is not None:
            raise ValueError("give record or cycle, not both")
        return self


class AssignedOut(Shown):
    """One objective that was assigned."""

    record: UUID
    objective: UUID
    stage: Stage


class BulkOut(Shown):
    """What was assigned, in the order of the records asked for."""

    template: Annotated[UUID, Field(description="Links all of them.")]
    items: list[AssignedOut]


class TemplateOut(Shown):
    """A template, as it is stored."""

    id: UUID
    organisation: str
    version: Annotated[int, Field(description="Counts its changes; its ETag.")]
    created_at: datetime
    says: TemplateIn


class TemplatePage(Page[TemplateOut]):
    """One page of templates."""
