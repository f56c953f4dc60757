"""Shared objectives as callers see them: a machine sees no person of another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.objectives.content import Valued
from service.objectives.queries import ContributionFact, ObjectiveFact
from service.objectives.rules import ContributionRole, Kind, OwnershipModel
from service.objectives.stages import ContributionState, Stage


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller sees of the people and the links of objectives."""

    organisations: frozenset[str] | None
    """Whose people it sees; None: everybody's, as a party does."""
    names: Mapping[UUID, str]
    """What the people are called, where that is seen."""
    linked: frozenset[UUID] = frozenset()
    """The objectives that these are aligned to or go on from, of those it sees."""
    own: frozenset[str] = frozenset()
    """The organisations that it is of."""


class Shown(BaseModel):
    """What a caller is shown."""

    model_config = ConfigDict(frozen=True)


class PersonOut(Shown):
    """Somebody who takes part."""

    id: UUID
    name: Annotated[str | None, Field(description="For people who are party alone.")]

    @classmethod
    def of(cls, person: UUID, organisation: str, sight: Sight) -> Self | None:
        """Present somebody of an organisation to those who may see its people."""
        seen = sight.organisations
        if seen is not None and organisation not in seen:
            return None
        return cls(id=person, name=sight.names.get(person))


class ContributionOut(Shown):
    """What one organisation contributes."""

    id: UUID
    organisation: str
    person: Annotated[
        PersonOut | None,
        Field(description="Null where the caller sees none of that organisation's."),
    ]
    role: ContributionRole
    share: Annotated[int, Field(description="Whole percent.")]
    commitment: str
    state: ContributionState
    agreed: bool

    @classmethod
    def of(cls, part: ContributionFact, sight: Sight) -> Self:
        """Present a contribution."""
        return cls(
            id=part.id,
            organisation=part.organisation,
            person=PersonOut.of(part.person, part.organisation, sight),
            role=part.role,
            share=part.share,
            commitment=part.commitment,
            state=part.state,
            agreed=part.agreed,
        )


class OwnerOut(Shown):
    """One accountable owner: one person, or the two who share a job."""

    organisation: str
    people: list[PersonOut]


class ValueOut(Shown):
    """What one organisation puts in, and what it gains."""

    organisation: str
    puts_in: str
    money_in: Annotated[Decimal | None, Field(description="Pounds.")]
    people_in: Annotated[Decimal | None, Field(description="FTE.")]
    days_in: Annotated[int | None, Field(description="Working days.")]
    gains: str
    money_out: Annotated[Decimal | None, Field(description="Pounds.")]

    @classmethod
    def of(cls, value: Valued) -> Self:
        """Present one organisation's costs and gains."""
        return cls(
            organisation=value.organisation,
            puts_in=value.puts_in,
            money_in=value.money_in,
            people_in=value.people_in,
            days_in=value.days_in,
            gains=value.gains,
            money_out=value.money_out,
        )


class PriorityOut(Shown):
    """One entry of a published scheme of priorities."""

    scheme: str
    code: str


class ObjectiveOut(Shown):
    """A shared objective as every party sees it."""

    id: UUID
    organisation: Annotated[str, Field(description="Of the lead record.")]
    cycle: UUID
    title: str
    outcome: str
    measures: str
    ownership_model: OwnershipModel
    kind: Kind
    element: str | None
    weight: int | None
    standard: str | None
    priority: PriorityOut | None
    parent: Annotated[
        UUID | None, Field(description="Null where the caller cannot see it.")
    ]
    ends_on: date | None
    lineage: Annotated[
        UUID | None,
        Field(
            description="The same for an objective and those it goes on as; null where"
            " the caller cannot see the first of them."
        ),
    ]
    previous: Annotated[
        UUID | None, Field(description="Null where the caller cannot see it.")
    ]
    template: Annotated[
        UUID | None, Field(description="Null for whoever is not of the lead's.")
    ]
    stage: Stage
    version: Annotated[int, Field(description="Of what it says.")]
    revision: Annotated[int, Field(description="Counts every change; its ETag.")]
    accountable_owners: list[OwnerOut]
    contributions: list[ContributionOut]
    value_map: list[ValueOut]

    @classmethod
    def of(cls, fact: ObjectiveFact, sight: Sight) -> Self:
        """Present an objective as far as `sight` goes."""
        says = fact.content
        priority = says.priority
        leads = fact.organisation in sight.own
        linked = sight.linked | {fact.id}
        return cls(
            id=fact.id,
            organisation=fact.organisation,
            cycle=fact.cycle,
            title=says.title,
            outcome=says.outcome,
            measures=says.measures,
            ownership_model=says.ownership_model,
            kind=says.kind,
            element=says.element,
            weight=says.weight,
            standard=says.standard,
            priority=(
                PriorityOut(scheme=priority.scheme, code=priority.code)
                if priority
                else None
            ),
            parent=says.parent if says.parent in linked else None,
            ends_on=says.ends_on,
            lineage=fact.lineage if leads or fact.lineage in linked else None,
            previous=fact.previous if leads or fact.previous in linked else None,
            template=fact.template if leads else None,
            stage=fact.stage,
            version=fact.version,
            revision=fact.revision,
            accountable_owners=_owners(fact, sight),
            contributions=[ContributionOut.of(p, sight) for p in fact.contributions],
            value_map=[ValueOut.of(value) for value in says.value_map],
        )


def _owners(fact: ObjectiveFact, sight: Sight) -> list[OwnerOut]:
    return [
        OwnerOut(
            organisation=fact.owning[owner[0]],
            people=_people(owner, fact.owning[owner[0]], sight),
        )
        for owner in fact.content.owners
    ]


def _people(people: Sequence[UUID], organisation: str, sight: Sight) -> list[PersonOut]:
    shown = (PersonOut.of(person, organisation, sight) for person in people)
    return [person for person in shown if person is not None]
