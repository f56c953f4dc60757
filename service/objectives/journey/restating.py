"""An objective as a caller would state it again, but for one thing.

Pure. The law: what is not said otherwise stays word for word as it is.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from service.objectives.content import Content, Contributed
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import BadOwners
from service.objectives.schemas import ChangeIn, ContributionIn, Named, OwnerIn, ValueIn

LEAST: int = 1
"""Whole percent that the lead keeps while others' shares are put in."""


def stated(fact: ObjectiveFact, says: Content, **other: Any) -> ChangeIn:
    """Return a statement of `says`, which the objective says or is to say."""
    fields: dict[str, Any] = {
        "title": says.title,
        "outcome": says.outcome,
        "measures": says.measures,
        "ownership_model": says.ownership_model,
        "kind": says.kind,
        "value_map": [
            ValueIn.model_validate(value, from_attributes=True)
            for value in says.value_map
        ],
        "element": says.element,
        "weight": says.weight,
        "standard": says.standard,
        "priority": (
            {"scheme": says.priority.scheme, "code": says.priority.code}
            if says.priority
            else None
        ),
        "ends_on": says.ends_on,
        "parent": says.parent,
        "accountable_owners": _owners(fact, says),
        "contributions": [
            ContributionIn(
                organisation=part.organisation,
                person=Named(id=part.person),
                role=part.role,
                share=part.share,
                commitment=part.commitment,
            )
            for part in says.contributions
        ],
    }
    return ChangeIn(**{**fields, **other})


def _owners(fact: ObjectiveFact, says: Content) -> list[OwnerIn]:
    of = {part.person: part.organisation for part in says.contributions}
    of |= fact.owning
    if any(owner[0] not in of for owner in says.owners):
        raise BadOwners("Choose who is accountable among those on the page.")
    return [
        OwnerIn(organisation=of[owner[0]], people=[Named(id=each) for each in owner])
        for owner in says.owners
    ]


def with_partner(fact: ObjectiveFact, partner: Contributed) -> Content:
    """Return what it says with one more contributor, whose share the lead gives up."""
    says = fact.content
    parts = [_lead_shifted(fact, part, -partner.share) for part in says.contributions]
    return replace(says, contributions=(*parts, partner))


def without(fact: ObjectiveFact, person: UUID, organisation: str) -> Content:
    """Return what it says without a contributor, whose share goes back to the lead.

    Where nobody would be accountable any more, the subject is.
    """
    says = fact.content
    gone = next(
        part
        for part in says.contributions
        if (part.person, part.organisation) == (person, organisation)
    )
    parts = [
        _lead_shifted(fact, part, gone.share)
        for part in says.contributions
        if part is not gone
    ]
    left = {part.organisation for part in parts}
    return replace(
        says,
        contributions=tuple(parts),
        owners=_still(says.owners, person, fact.person),
        value_map=tuple(v for v in says.value_map if v.organisation in left),
    )


def _lead_shifted(fact: ObjectiveFact, part: Contributed, by: int) -> Contributed:
    if part.person != fact.person:
        return part
    return replace(part, share=max(LEAST, part.share + by))


def _still(
    owners: Sequence[Sequence[UUID]], gone: UUID, subject: UUID
) -> tuple[tuple[UUID, ...], ...]:
    stay = tuple(tuple(owner) for owner in owners if gone not in owner)
    return stay or ((subject,),)


def owners_named(chosen: Collection[str]) -> tuple[tuple[UUID, ...], ...]:
    """Return owners by the words of a form: two ids with a space share a job."""
    return tuple(tuple(map(UUID, each.split())) for each in chosen)
