"""What the feed tells of, as each thing's own resource gives it.

The law: nothing is told of that is not there for the organisation that is told.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from service.auth.caller import Machine
from service.changes.rules import Stream
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.hr import queries as hr
from service.hr.feed.queries import PEOPLE, THERE
from service.hr.feed.schemas import PersonEntry
from service.hr.schemas import CollaborationScore
from service.objectives.audience import sight_of, standing_of, there_for
from service.objectives.presenting import ObjectiveOut
from service.objectives.queries import objectives
from service.records.presenting import record_out
from service.records.queries import records_by_id
from service.records.schemas import RecordOut

Data = CollaborationScore | RecordOut | ObjectiveOut | PersonEntry
TYPES: Final[Mapping[Stream, str]] = MappingProxyType(
    {
        Stream.SCORES: "score",
        Stream.RECORDS: "record",
        Stream.OBJECTIVES: "objective",
        Stream.PEOPLE: "person",
    }
)
"""Of what a stream tells of; a row of another type is about none."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for things, and when."""

    machine: Machine
    issuer: str
    day: date


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing as one organisation has it."""

    organisation: str
    id: UUID
    version: int
    data: Data
    people: frozenset[UUID]
    """Of whom it tells."""


async def these(
    stream: Stream, ids: Collection[UUID], asking: Asking
) -> dict[tuple[str, UUID], Entity]:
    """Return what of these is there for the machine's organisations, by each of them.

    A number of statements that does not grow with what is asked for.
    """
    if not ids:
        return {}
    found = await READ[stream](ids, asking)
    return {(each.organisation, each.id): each for each in found}


async def all_there(
    stream: Stream, after: tuple[UUID, str] | None, limit: int, asking: Asking
) -> tuple[list[Entity], tuple[UUID, str] | None]:
    """Return what there is after a key, and the key to go on from, if more is there."""
    after_id, after_code = after or (None, None)
    async with transaction() as connection:
        keys = await connection.fetch(
            f"SELECT id, organisation FROM ({THERE[stream]}) AS there"  # noqa: S608 - our own
            " WHERE ($3::uuid IS NULL OR (id, organisation) > ($3, $4))"
            # Only objectives ask for the day, and every parameter must have a type.
            " AND $2::date IS NOT NULL ORDER BY id, organisation LIMIT $5",
            sorted(asking.machine.organisations),
            asking.day,
            after_id,
            after_code,
            limit + 1,
        )
    shown = [(row["organisation"], row["id"]) for row in keys[:limit]]
    found = await these(stream, {id_ for _, id_ in shown}, asking)
    last = (shown[-1][1], shown[-1][0]) if len(keys) > limit else None
    return [found[key] for key in shown if key in found], last


async def _scores(ids: Collection[UUID], asking: Asking) -> list[Entity]:
    found = await hr.scores(
        asking.machine.organisations, asking.issuer, among=ids, limit=len(ids)
    )
    return [
        Entity(
            each.organisation,
            each.id,
            each.version,
            each,
            frozenset({each.person.id}),
        )
        for each in found
    ]


async def _records(ids: Collection[UUID], asking: Asking) -> list[Entity]:
    return [
        Entity(
            fact.organisation,
            fact.id,
            fact.version,
            record_out(fact),
            frozenset({fact.person}),
        )
        for fact in await records_by_id(ids)
        if fact.organisation in asking.machine.organisations
    ]


async def _objectives(ids: Collection[UUID], asking: Asking) -> list[Entity]:
    machine = asking.machine
    with within_reach(EVERYONE):  # With whom partners share is looked up.
        async with transaction():
            facts = await objectives(ids, sorted(machine.organisations))
            standing = await standing_of(facts, asking.day)
            sight = await sight_of(facts, standing, machine, asking.day)
    found = []
    for fact in facts:
        data = ObjectiveOut.of(fact, sight)
        found += [
            Entity(code, fact.id, fact.revision, data, _shown(data))
            for code in there_for(fact, standing) & machine.organisations
        ]
    return found


def _shown(objective: ObjectiveOut) -> frozenset[UUID]:
    owners = [
        person for owner in objective.accountable_owners for person in owner.people
    ]
    taking_part = [part.person for part in objective.contributions]
    return frozenset(person.id for person in [*owners, *taking_part] if person)


async def _people(ids: Collection[UUID], asking: Asking) -> list[Entity]:
    async with transaction() as connection:
        rows = await connection.fetch(
            PEOPLE, sorted(asking.machine.organisations), sorted(ids)
        )
    return [
        Entity(
            row["organisation"],
            row["id"],
            row["version"],
            PersonEntry(**{name: row[name] for name in PersonEntry.model_fields}),
            frozenset({row["id"]}),
        )
        for row in rows
    ]


Read = Callable[[Collection[UUID], Asking], Awaitable[Sequence[Entity]]]
READ: Final[Mapping[Stream, Read]] = MappingProxyType(
    {
        Stream.SCORES: _scores,
        Stream.RECORDS: _records,
        Stream.OBJECTIVES: _objectives,
        Stream.PEOPLE: _people,
    }
)
