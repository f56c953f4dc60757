"""Every rule of a single objective, held to many at once.

The law: all that the rules need to know is loaded in a number of statements that does
not grow with the number of objectives; then each is judged by itself, by the same rules
as one alone.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from service.access import rules as sharing
from service.access.queries import pairs_in_force
from service.db import transaction
from service.directory.queries import (
    functional_managers_on,
    held_on,
    line_managers_on,
)
from service.directory.rules import Held, UnknownPerson
from service.errors import Refusal
from service.objectives import rules
from service.objectives.assigning.naming import People, Sought, people_named
from service.objectives.content import Content, Contributed
from service.objectives.drafting import (
    check_framework,
    check_owners_known,
    check_said,
    is_weighed,
    owning_of,
)
from service.objectives.rules import ContributionRole, Needed
from service.objectives.schemas import Named, OwnerIn
from service.records.frameworks import load
from service.records.queries import RecordFact, cycles
from service.records.rules import CycleState, WrongCycleState

LOCK_RECORDS: Final = (
    "SELECT FROM appraisal_record WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE"
)
WEIGHTS: Final = """
SELECT record, element, weight FROM shared_objective
WHERE record = ANY ($1) AND weight IS NOT NULL AND stage <> 'withdrawn'
ORDER BY id
"""
BREATH: Final = 200
"""Objectives judged or written down before other requests have their turn."""
Weights = dict[str | None, list[int]]
Posts = Mapping[UUID, Sequence[Held]]
InPost = Callable[[UUID], bool]


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody is asked to contribute."""

    organisation: str
    person: Named | None
    """None: the person whose record it is."""
    role: ContributionRole
    share: int
    commitment: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One objective that is asked for, its people by names."""

    on: RecordFact
    says: Content
    """Without people."""
    parts: Sequence[Part]
    owners: Sequence[OwnerIn] | None
    """None: the person whose record it is."""
    whole: bool
    """Whether it is put to others at once."""
    id: UUID = field(default_factory=uuid4)

    @property
    def organisations(self) -> frozenset[str]:
        """Return who is party to it."""
        return frozenset([self.on.organisation, *(p.organisation for p in self.parts)])


@dataclass(slots=True)
class Case:
    """One objective while it is judged."""

    wanted: Wanted
    content: Content
    owning: Mapping[UUID, str] = field(default_factory=dict)
    """For which organisation each accountable owner owns it."""
    contributions: Mapping[UUID, Contributed] = field(default_factory=dict)
    """By the ids that they will have."""
    needed: Needed = field(default_factory=dict)
    """Who must agree, once it is put to others."""
    refusal: Refusal | None = None

    @property
    def people(self) -> set[UUID]:
        """Return who contributes, and who is accountable."""
        return {part.person for part in self.content.contributions} | {
            person for owner in self.content.owners for person in owner
        }


async def judge(wanted: Sequence[Wanted], *, now: datetime) -> list[Case]:
    """Hold each to the rules, in order; a case that breaks one has its refusal."""
    cases = [Case(each, each.says) for each in wanted]
    day = now.date()
    pairs = await pairs_in_force(day)
    year = {row["id"]: row for row in await cycles(None)}
    await _each(cases, lambda case: _check_stated(case.wanted, year, pairs, day))
    await _people_in_post(cases, day)
    everybody = {person for case in _standing(cases) for person in case.people}
    weights = await _weights([*_standing(cases)])
    await _each(cases, lambda case: _weigh(case, year, weights[case.wanted.on.id]))
    managers = await line_managers_on(everybody, day)
    functional = await functional_managers_on(everybody, day)
    await _each(cases, lambda case: _ask(case, managers, functional))
    return cases


async def _each(cases: Sequence[Case], rule: Callable[[Case], None]) -> None:
    """Hold those that still stand to a rule, and let others work in between."""
    for number, case in enumerate(cases):
        if number % BREATH == 0:
            await asyncio.sleep(0)
        if case.refusal is None:
            try:
                rule(case)
            except Refusal as refusal:
                case.refusal = refusal


def _standing(cases: Sequence[Case]) -> Iterator[Case]:
    return (case for case in cases if case.refusal is None)


def _check_stated(
    wanted: Wanted,
    year: Mapping[UUID, Mapping[str, Any]],
    pairs: Collection[tuple[str, str]],
    day: date,
) -> None:
    """Refuse what needs no person to be looked up, before anybody is."""
    state = year[wanted.on.cycle]["state"]
    if state != CycleState.OPEN:
        raise WrongCycleState(f"The cycle is {state}: nothing is added.")
    sharing.check_all_shared(wanted.organisations, pairs, day)
    owners = [owner.organisation for owner in wanted.owners or ()]
    check_owners_known(owners, wanted.organisations)
    stated = [(part.organisation, part.share) for part in wanted.parts]
    check_said(wanted.says, stated, whole=wanted.whole)


async def _people_in_post(cases: Sequence[Case], day: date) -> None:
    """Find the people of the cases that still stand; refuse who is not in post."""
    sought = {each for case in _standing(cases) for each in _sought(case)}
    people = await people_named(sought)
    found = {person for each in sought if (person := people.find(each)) is not None}
    subjects = {case.wanted.on.person for case in _standing(cases)}
    held = await held_on(found | subjects, day)

    def hold(case: Case) -> None:
        _find(case, people, held)
        case.owning = owning_of(case.wanted.on.person, case.content, held)

    await _each(cases, hold)


async def find_people(cases: Sequence[Case]) -> None:
    """Put people, in post or not, in the place of their names, in cases that stand."""
    people = await people_named({s for c in _standing(cases) for s in _sought(c)})
    await _each(cases, lambda case: _find(case, people, None))


def _sought(case: Case) -> Iterator[Sought]:
    lead = case.wanted.on.organisation
    for part in case.wanted.parts:
        if part.person is not None:
            yield Sought(lead, part.organisation, part.person)
    for owner in case.wanted.owners or ():
        for person in owner.people:
            yield Sought(lead, owner.organisation, person)


def _find(case: Case, people: People, held: Posts | None) -> None:
    """Put the people that were found in the place of their names.

    With `held`, who is in no post is refused in the same pass as who is unknown.
    """
    wanted = case.wanted
    lead = wanted.on.organisation
    parts = tuple(
        Contributed(
            part.organisation,
            wanted.on.person
            if part.person is None
            else _found(
                Sought(lead, part.organisation, part.person),
                people,
                _in_post(held, {part.organisation}),
                rules.not_in_post(number, part.organisation),
            ),
            part.role,
            part.share,
            part.commitment,
        )
        for number, part in enumerate(wanted.parts, start=1)
    )
    owners: tuple[tuple[UUID, ...], ...] = ((wanted.on.person,),)
    if wanted.owners is not None:
        owners = tuple(
            tuple(
                _found(
                    Sought(lead, owner.organisation, person),
                    people,
                    _in_post(held, wanted.organisations),
                    rules.owner_not_in_post(number),
                )
                for person in owner.people
            )
            for number, owner in enumerate(wanted.owners)
        )
    case.content = replace(wanted.says, contributions=parts, owners=owners)
    case.contributions = {uuid4(): part for part in parts}


def _in_post(held: Posts | None, organisations: Collection[str]) -> InPost:
    """Return what says whether somebody holds a post in any of these."""
    return lambda person: (
        held is None
        or any(post.organisation in organisations for post in held.get(person, ()))
    )


def _found(sought: Sought, people: People, in_post: InPost, otherwise: Refusal) -> UUID:
    """Return who was found; of a partner's, do not tell unknown from not in post."""
    person = people.find(sought)
    if person is not None and in_post(person):
        return person
    ours = sought.organisation == sought.seen_from
    if people.known(sought) is not None or not ours:
        raise otherwise
    named = sought.named
    name = named.id or f"{named.source_system}:{named.external_id}"
    raise UnknownPerson(
        f"Nobody in {sought.organisation} is known as {name}: correct it, or have"
        " their HR system's extract imported.",
        faults=otherwise.faults,
    )


async def _weights(cases: Sequence[Case]) -> dict[UUID, Weights]:
    """Return what weighs on each record, which nobody else then changes."""
    weighed = sorted({c.wanted.on.id for c in cases if is_weighed(c.content)})
    async with transaction() as connection:
        await connection.execute(LOCK_RECORDS, weighed)
        rows = await connection.fetch(WEIGHTS, weighed)
    found: dict[UUID, Weights] = defaultdict(dict)
    for row in rows:
        found[row["record"]].setdefault(row["element"], []).append(row["weight"])
    return found


def _weigh(
    case: Case, year: Mapping[UUID, Mapping[str, Any]], weights: Weights
) -> None:
    """Hold it to the framework, and count it for those on the same record after it."""
    cycle, says = year[case.wanted.on.cycle], case.content
    check_framework(load(cycle["framework"]), cycle["year"], says, weights)
    if says.weight is not None:
        weights.setdefault(says.element, []).append(says.weight)


def _ask(
    case: Case, managers: Mapping[UUID, UUID], functional: Mapping[UUID, UUID]
) -> None:
    if not case.wanted.whole:
        return
    case.needed = rules.needed(
        case.wanted.on.person,
        {id_: part.person for id_, part in case.contributions.items()},
        managers,
        functional,
        case.content.ownership_model,
    )
    rules.check_everyone(case.needed)
