"""The people of an objective, found by the names that a caller gives them.

The law: whoever is named is looked up in the organisation they are named for, and of a
partner's people nobody learns whether it was the name or the posting that was wrong:
whatever else may be wrong is refused before anybody is looked up, or after all are seen
to be in post.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.access.queries import check_all_shared
from service.access.rules import NotShared
from service.directory.queries import (
    check_member,
    discoverable,
    held_on,
    person_named,
)
from service.directory.rules import UnknownPerson
from service.errors import Fault, Refusal, Unprocessable
from service.objectives import rules
from service.objectives.content import Content, Contributed
from service.objectives.drafting import (
    BadAlignment,
    BadEnd,
    UnknownStandard,
    check_owners_known,
    check_said,
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


@dataclass(frozen=True, slots=True)
class _Sought:
    """A person as somebody names them, and where they are to be in post."""

    named: Named
    organisation: str
    """Whose people they are looked for among."""
    posts_in: Collection[str]
    """In any of these."""
    field: str
    """Where they are named."""
    otherwise: Refusal
    """Of who is not in post, or not to be known of."""


async def from_names(
    on: RecordFact,
    wanted: ObjectiveIn,
    now: datetime,
    *,
    whole: bool,
    kept: Collection[UUID] = (),
) -> Content:
    """Find the people a caller named; of partners only while data is shared.

    Unless it is `whole`, a draft whose shares do not sum to 100 yet will do. Whoever is
    named already (`kept`) may stay, even if they may not be found any more.
    """
    organisations = {on.organisation, *(c.organisation for c in wanted.contributions)}
    await check_all_shared(organisations, now.date())
    stated = _stated_owners(on, wanted)
    check_owners_known([owner.organisation for owner in stated], organisations)
    shares = [(c.organisation, c.share) for c in wanted.contributions]
    check_said(content_of(wanted, (), (), wanted.parent), shares, whole=whole)
    parts, owners = _parts(wanted), _owners(wanted, stated, organisations)
    sought = [*parts, *(one for owner in owners for one in owner)]
    people = iter(await _in_post(sought, on.organisation, kept, now.date()))
    contributions = tuple(
        Contributed(c.organisation, next(people), c.role, c.share, c.commitment)
        for c in wanted.contributions
    )
    owning = tuple(tuple(next(people) for _ in owner) for owner in owners)
    if wanted.accountable_owner is None and wanted.accountable_owners is None:
        owning = ((on.person,),)
    return content_of(wanted, contributions, owning, wanted.parent)


def _stated_owners(on: RecordFact, wanted: ObjectiveIn) -> list[OwnerIn]:
    if wanted.accountable_owner is not None:
        people = [wanted.accountable_owner]
        return [OwnerIn(organisation=on.organisation, people=people)]
    return wanted.accountable_owners or []


def _parts(wanted: ObjectiveIn) -> list[_Sought]:
    return [
        _Sought(
            part.person,
            part.organisation,
            {part.organisation},
            f"contributions/{number - 1}/person",
            rules.not_in_post(number, part.organisation),
        )
        for number, part in enumerate(wanted.contributions, start=1)
    ]


def _owners(
    wanted: ObjectiveIn, stated: Sequence[OwnerIn], organisations: Collection[str]
) -> list[list[_Sought]]:
    several = wanted.accountable_owner is None
    return [
        [
            _Sought(
                person,
                owner.organisation,
                organisations,
                f"accountable_owners/{number}" if several else "accountable_owner",
                rules.owner_not_in_post(number),
            )
            for person in owner.people
        ]
        for number, owner in enumerate(stated)
    ]


async def _in_post(
    sought: Sequence[_Sought], lead: str, kept: Collection[UUID], day: date
) -> list[UUID]:
    """Return who was found, in order; refuse the first who is not or not in post.

    Of all that may be wrong with who is named, only the lead's own people are told
    apart: of a partner's, one who is hidden, left or unknown is refused alike.
    """
    found = [await _person(each.named, each.organisation) for each in sought]
    people = {person for person in found if person is not None}
    seen = await discoverable(people, lead) | people.intersection(kept)
    held = await held_on(seen, day)
    there = []
    for each, person in zip(sought, found, strict=True):
        if person is None and each.organisation == lead:
            raise _nobody(lead, each.field)
        posts = held.get(person, ()) if person is not None else ()
        if person is None or not any(p.organisation in each.posts_in for p in posts):
            raise each.otherwise
        there.append(person)
    return there


def _nobody(organisation: str, field: str) -> NobodyNamed:
    detail = (
        f"Nobody in {organisation} is known by this name: correct it, or have your HR"
        " system's extract imported."
    )
    return NobodyNamed(detail, faults=[Fault(detail, pointer=f"#/{field}")])


async def _person(named: Named, organisation: str) -> UUID | None:
    """Return whom an organisation knows, or ever knew, by a name."""
    try:
        if named.id is not None:
            await check_member(named.id, [organisation])
            return named.id
        name = named.source_system or "", named.external_id or ""
        return (await person_named(*name, organisations=[organisation])).person
    except UnknownPerson:
        return None
