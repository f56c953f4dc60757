"""What a shared objective is to be, and how people a caller named are found for it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.access.queries import check_shared
from service.directory.queries import person_named
from service.directory.rules import UnknownPerson
from service.objectives import rules
from service.objectives.rules import Kind, OwnershipModel
from service.objectives.schemas import ContributionIn, Named, ObjectiveIn
from service.records.queries import RecordFact


@dataclass(frozen=True, slots=True)
class Draft:
    """What a shared objective is to be."""

    title: str
    outcome: str
    measures: str
    ownership_model: OwnershipModel
    kind: Kind
    accountable_owner: UUID
    parts: tuple[rules.Part, ...]
    commitments: tuple[str, ...]
    """What each part commits, in the order of `parts`."""


async def from_names(on: RecordFact, wanted: ObjectiveIn, now: datetime) -> Draft:
    """Find the people a caller named; of partners only while data is shared."""
    await check_shared(
        on.organisation, {c.organisation for c in wanted.contributions}, now.date()
    )
    rules.check_stated([(c.organisation, c.share) for c in wanted.contributions])
    people = [
        await _contributor(number, c, on.organisation)
        for number, c in enumerate(wanted.contributions, start=1)
    ]
    owner = wanted.accountable_owner
    return Draft(
        title=wanted.title,
        outcome=wanted.outcome,
        measures=wanted.measures,
        ownership_model=wanted.ownership_model,
        kind=wanted.kind,
        accountable_owner=(
            await _person(owner, on.organisation) if owner else on.person
        ),
        parts=tuple(
            rules.Part(c.organisation, person, c.role, c.share)
            for c, person in zip(wanted.contributions, people, strict=True)
        ),
        commitments=tuple(c.commitment for c in wanted.contributions),
    )


async def _contributor(number: int, wanted: ContributionIn, lead: str) -> UUID:
    """Find a contributor; of a partner's, do not tell unknown from not in post."""
    try:
        return await _person(wanted.person, wanted.organisation)
    except UnknownPerson:
        if wanted.organisation == lead:
            raise
        raise rules.not_in_post(number, wanted.organisation) from None


async def _person(named: Named, organisation: str) -> UUID:
    name = named.source_system, named.external_id
    return (await person_named(*name, organisations=[organisation])).person
