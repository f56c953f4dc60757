"""Who has to do with an objective on a day, and so who sees it.

The law: until it is put to others only those see it who set it or administer for them;
from then on its parties do, and whoever is no party cannot tell that it is there.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from service.access.queries import pairs_in_force
from service.access.rules import Role, pair
from service.auth.caller import Caller, Machine, Operator, Person, SignedIn
from service.db import transaction
from service.directory.queries import details_of
from service.errors import NotFound
from service.objectives import queries, rules
from service.objectives.presenting import PersonOut, Sight
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import Capacity, Needed, Part
from service.objectives.stages import ContributionState
from service.objectives.standing import Standing, standing_on
from service.records.queries import RecordFact

OF_PERSON: Final = """
WITH people AS (
    SELECT $1::uuid AS person
    UNION SELECT person FROM reporting_line
    WHERE manager = $1 AND kind IN ('line', 'functional')
        AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2))
SELECT o.id FROM shared_objective o JOIN people USING (person)
UNION SELECT c.objective FROM contribution c JOIN people USING (person)
UNION SELECT w.objective FROM objective_owner w JOIN people USING (person)
"""
GIVEN: Final = """
SELECT a.objective, a.capacity, a.contribution
FROM objective_agreement a JOIN shared_objective o ON o.id = a.objective
WHERE a.objective = ANY ($1) AND a.objective_version >= o.terms
    AND NOT EXISTS (SELECT FROM objective_dispute d
        WHERE d.objective = a.objective AND d.capacity = a.capacity
            AND d.contribution IS NOT DISTINCT FROM a.contribution
            AND d.version >= a.objective_version
            AND d.outcome IS DISTINCT FROM 'dropped')
"""


async def standing_of(facts: Sequence[ObjectiveFact], day: date) -> Standing:
    """Return how things stand on a day for the people of these objectives."""
    people = {person for fact in facts for person in concerned(fact)}
    gone = {code for fact in facts for code in fact.gone}
    return await standing_on(people, day, former=gone)


async def sharing_on(
    day: date, facts: Sequence[ObjectiveFact]
) -> Collection[tuple[str, str]]:
    """Return the pairs that share data on a day, if any has left one of these."""
    if not any(fact.former for fact in facts):
        return frozenset()
    return await pairs_in_force(day)


def concerned(fact: ObjectiveFact) -> set[UUID]:
    """Return the subject, the accountable owners, and whoever contributes or did."""
    return {
        fact.person,
        *(person for owner in fact.content.owners for person in owner),
        *(
            part.person
            for part in fact.contributions
            if part.state != ContributionState.DECLINED
        ),
    }


def involved(fact: ObjectiveFact, standing: Standing) -> set[UUID]:
    """Return everybody concerned who sees it, and the managers who answer for each."""
    there = there_for(fact, standing)
    without = [p for p in fact.contributions if p.live or p.organisation in there]
    people = concerned(replace(fact, contributions=tuple(without)))
    return people | {
        of[person]
        for of in (standing.managers, standing.functional)
        for person in people
        if person in of
    }


def there_for(fact: ObjectiveFact, standing: Standing) -> frozenset[str]:
    """Return the organisations for which an objective is there.

    Whoever has left sees on while they share data with all who are in it.
    """
    if not fact.shared:
        return frozenset({fact.organisation})
    return fact.present | {
        code
        for code in fact.former
        if all(pair(code, other) in standing.sharing for other in fact.present)
    }


def sees(fact: ObjectiveFact, standing: Standing, caller: Caller) -> bool:
    """Say whether an objective is there, for this caller."""
    if sees_drafts(fact, standing, caller):
        return True
    if not fact.shared:
        return False
    there = there_for(fact, standing)
    if isinstance(caller, Machine):
        return not there.isdisjoint(caller.organisations)
    return isinstance(caller, Person) and (
        _administers(caller, there) or caller.id in involved(fact, standing)
    )


def sees_drafts(fact: ObjectiveFact, standing: Standing, caller: Caller) -> bool:
    """Say whether a caller also sees what it said before it was put to others."""
    return sets(fact.person, fact.organisation, standing, caller) or (
        isinstance(caller, Person) and _administers(caller, {fact.organisation})
    )


def _administers(caller: Person, organisations: Collection[str]) -> bool:
    return (
        isinstance(caller, SignedIn)
        and Role.HR_ADMINISTRATOR in caller.roles
        and caller.organisation in organisations
    )


def check_sets(fact: ObjectiveFact, standing: Standing, caller: Caller) -> None:
    """Refuse whoever sees an objective and does not set it.

    The subject's line manager does, and their organisation's HR system for them.
    """
    if not sets(fact.person, fact.organisation, standing, caller):
        raise rules.NotYours(
            "The subject's line manager changes the objective: ask them."
        )


def sets(subject: UUID, organisation: str, standing: Standing, caller: Caller) -> bool:
    """Say whether a caller sets a subject's objectives."""
    if isinstance(caller, Machine):
        return organisation in caller.organisations
    if isinstance(caller, Operator):
        return True
    return isinstance(caller, Person) and standing.managers.get(subject) == caller.id


async def seen(id_: UUID, caller: Caller, day: date) -> tuple[ObjectiveFact, Standing]:
    """Return an objective that is there for the caller, and how it stands that day."""
    fact = await queries.objective(id_)
    standing = await standing_of([fact], day)
    if not sees(fact, standing, caller):
        raise NotFound(f"No objective {id_}.")
    return fact, standing


async def of_person(person: Person, day: date) -> tuple[list[ObjectiveFact], Standing]:
    """Return what a person is party to, as themselves or for whom they answer."""
    async with transaction() as connection:
        rows = await connection.fetch(OF_PERSON, person.id, day)
    facts = await queries.objectives([row["id"] for row in rows], None)
    standing = await standing_of(facts, day)
    return [fact for fact in facts if sees(fact, standing, person)], standing


async def of_record(
    on: RecordFact, caller: Caller, day: date
) -> tuple[list[ObjectiveFact], Standing]:
    """Return what shows on a record and is there for the caller."""
    facts = await queries.objectives(await queries.ids_on_record(on.id), None)
    standing = await standing_of(facts, day)
    return [fact for fact in facts if sees(fact, standing, caller)], standing


async def sight_of(
    facts: Sequence[ObjectiveFact], standing: Standing, caller: Caller, day: date
) -> Sight:
    """Return what a caller who sees these objectives sees of people and links.

    A person who is party sees who takes part; everyone else their organisation's own.
    """
    links = {id_ for fact in facts for id_ in fact.links}
    linked = await seen_of(links, caller, day)
    return sight_among(facts, standing, caller, linked)


def sight_among(
    facts: Sequence[ObjectiveFact],
    standing: Standing,
    caller: Caller,
    linked: frozenset[UUID],
) -> Sight:
    """Return what a caller sees of people; `linked` is what they see of the links."""
    if isinstance(caller, Machine):
        return Sight(caller.organisations, {}, linked, caller.organisations)
    if not isinstance(caller, Person):
        return Sight(None, standing.names, linked)
    own = frozenset({caller.organisation} if isinstance(caller, SignedIn) else ())
    party = all(caller.id in involved(fact, standing) for fact in facts)
    whose = _whose(facts, standing, caller) if party else own
    return Sight(whose, standing.names, linked, own)


def _whose(
    facts: Sequence[ObjectiveFact], standing: Standing, party: Person
) -> frozenset[str] | None:
    """Return whose people a party sees: not of whoever went and does not share with it.

    Of several objectives it sees in none whom it does not see in one.
    """
    own = (
        party.organisation
        if isinstance(party, SignedIn)
        else standing.organisations.get(party.id, "")
    )
    gone = {code for fact in facts for code in fact.gone} - {own}
    unseen = {code for code in gone if pair(code, own) not in standing.sharing}
    if not unseen:
        return None
    return frozenset().union({own}, gone, *(fact.present for fact in facts)) - unseen


async def seen_of(ids: Collection[UUID], caller: Caller, day: date) -> frozenset[UUID]:
    """Return those of these objectives that are there for the caller."""
    if not ids:
        return frozenset()
    facts = await queries.objectives(ids, None)
    standing = await standing_of(facts, day)
    return frozenset(fact.id for fact in facts if sees(fact, standing, caller))


async def _names(people: Collection[UUID]) -> dict[UUID, str]:
    return {
        person: f"{known.given_name} {known.family_name}"
        for person, known in (await details_of(people)).items()
    }


async def naming(sight: Sight, people: Collection[UUID | None]) -> Sight:
    """Return the sight with the names of people who once had to do with it as well."""
    unnamed = {*people} - {None, *sight.names}
    if not sight.names or not unnamed:  # Machines are told no names.
        return sight
    more = await _names([person for person in unnamed if person is not None])
    return replace(sight, names={**sight.names, **more})


def acting(person: UUID | None, standing: Standing, sight: Sight) -> PersonOut | None:
    """Present whoever acts; to those who see some organisations' people, only theirs.

    Where somebody worked who has to do with it no more is not known: they stay unshown.
    """
    if person is None:
        return None
    return PersonOut.of(person, standing.organisations.get(person, ""), sight)


def needed_for(fact: ObjectiveFact, standing: Standing) -> Needed:
    """Return who must agree to an objective, as things stand."""
    return rules.needed(
        fact.person,
        {part.id: part.person for part in fact.live},
        standing.managers,
        standing.functional,
        fact.content.ownership_model,
    )


async def given(ids: Collection[UUID]) -> dict[UUID, set[Part]]:
    """Return the agreements that count, of each objective."""
    async with transaction() as connection:
        rows = await connection.fetch(GIVEN, sorted(ids))
    found: dict[UUID, set[Part]] = {id_: set() for id_ in ids}
    for row in rows:
        found[row["objective"]].add((Capacity(row["capacity"]), row["contribution"]))
    return found
