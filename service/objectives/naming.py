"""The people of an objective, found by the names that a caller gives them.

The law: whoever is named is looked up in the organisation they are named for, and of a
partner's people nobody learns whether it was the name or the posting that was wrong.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from service.access.queries import check_all_shared
from service.access.rules import NotShared
from service.directory.queries import check_member, person_named
from service.directory.rules import UnknownPerson
from service.errors import Fault, Unprocessable
from service.objectives import rules
from service.objectives.content import Content, Contributed
from service.objectives.drafting import (
    BadAlignment,
    BadEnd,
    UnknownStandard,
    content_of,
)
from service.objectives.priorities import UnknownPriority
from service.objectives.schemas import Named, ObjectiveIn, OwnerIn
from service.records.queries import RecordFact
from service.records.rules import WrongCycleState
from service.records.weights import (
    HeavierThanHeaviest,
    UnknownElement,
    WeightOverMaximum,
    WeightsOverWhole,
)


class NobodyNamed(Unprocessable):
    """Nobody in the lead organisation is known by this name."""

    slug = "objective-person-unknown"


WRONG_STATEMENTS: Final = (
    NotShared,
    NobodyNamed,
    WrongCycleState,
    rules.BadShares,
    rules.TooFewOrganisations,
    rules.BadContributors,
    rules.BadOwners,
    rules.BadValues,
    rules.BadKind,
    rules.NoLineManager,
    BadAlignment,
    BadEnd,
    UnknownPriority,
    UnknownStandard,
    UnknownElement,
    WeightsOverWhole,
    WeightOverMaximum,
    HeavierThanHeaviest,
)
"""How what a caller states can be refused."""


async def from_names(
    on: RecordFact, wanted: ObjectiveIn, now: datetime, *, whole: bool
) -> Content:
    """Find the people a caller named; of partners only while data is shared.

    Unless it is `whole`, a draft whose shares do not sum to 100 yet will do.
    """
    organisations = {on.organisation, *(c.organisation for c in wanted.contributions)}
    await check_all_shared(organisations, now.date())
    if whole:
        rules.check_stated([(c.organisation, c.share) for c in wanted.contributions])
    contributions = tuple(
        [
            Contributed(
                c.organisation,
                await _contributor(number, c.person, c.organisation, on.organisation),
                c.role,
                c.share,
                c.commitment,
            )
            for number, c in enumerate(wanted.contributions, start=1)
        ]
    )
    owners = await _owners(on, wanted)
    return content_of(wanted, contributions, owners, wanted.parent)


async def _contributor(number: int, named: Named, organisation: str, lead: str) -> UUID:
    """Find a contributor; of a partner's, do not tell unknown from not in post."""
    try:
        return await _person(named, organisation)
    except UnknownPerson:
        if organisation == lead:
            raise _nobody(lead, f"contributions/{number - 1}/person") from None
        raise rules.not_in_post(number, organisation) from None


async def _owners(on: RecordFact, wanted: ObjectiveIn) -> tuple[tuple[UUID, ...], ...]:
    if wanted.accountable_owners is not None:
        return tuple(
            [
                await _owner(number, owner, on.organisation)
                for number, owner in enumerate(wanted.accountable_owners)
            ]
        )
    if wanted.accountable_owner is None:
        return ((on.person,),)
    try:
        return ((await _person(wanted.accountable_owner, on.organisation),),)
    except UnknownPerson:
        raise _nobody(on.organisation, "accountable_owner") from None


async def _owner(number: int, wanted: OwnerIn, lead: str) -> tuple[UUID, ...]:
    try:
        return tuple([await _person(n, wanted.organisation) for n in wanted.people])
    except UnknownPerson:
        if wanted.organisation == lead:
            raise _nobody(lead, f"accountable_owners/{number}") from None
        raise rules.owner_not_in_post(number) from None


def _nobody(organisation: str, field: str) -> NobodyNamed:
    detail = (
        f"Nobody in {organisation} is known by this name: correct it, or have your HR"
        " system's extract imported."
    )
    return NobodyNamed(detail, faults=[Fault(detail, pointer=f"#/{field}")])


async def _person(named: Named, organisation: str) -> UUID:
    if named.id is not None:
        await check_member(named.id, [organisation])
        return named.id
    if named.source_system is None or named.external_id is None:
        raise UnknownPerson("Name the person by source_system and external_id, or id.")
    name = named.source_system, named.external_id
    return (await person_named(*name, organisations=[organisation])).person
