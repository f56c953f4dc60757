"""How an objective came to say what it says: its versions, its steps, what differs.

The law: what was drafted before it was put to others stays with those who drafted it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from asyncpg import Record
from pydantic import Field

from service.auth.caller import Caller, Person
from service.db import transaction
from service.db.together import together
from service.errors import NotFound
from service.objectives.agreement.queries import AGREEMENTS, agreements_from
from service.objectives.agreement.schemas import AgreementOut
from service.objectives.audience import (
    acting,
    given,
    naming,
    needed_for,
    seen_of,
    sees_drafts,
)
from service.objectives.content import Difference, differences
from service.objectives.presenting import PersonOut, Shown, Sight
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import outstanding
from service.objectives.stages import Stage
from service.objectives.standing import Standing

VERSIONS: Final = """
SELECT version, content, digest, person, reason, at
FROM objective_version WHERE objective = $1 AND version >= $2 ORDER BY version
"""
STEPS: Final = """
SELECT revision, version, step, contribution, was, became, person, reason, at
FROM objective_step WHERE objective = $1 AND revision >= $2
ORDER BY revision, contribution, step
"""
PUT_TO_OTHERS: Final = """
SELECT version, revision FROM objective_step
WHERE objective = $1 AND step = 'propose' ORDER BY revision LIMIT 1
"""
ALL: Final = {
    "versions": VERSIONS,
    "steps": STEPS,
    "put": PUT_TO_OTHERS,
    "agreements": AGREEMENTS.replace("ANY ($1)", "$1"),
}


@dataclass(frozen=True, slots=True)
class Since:
    """From where on a caller may read how an objective came about."""

    version: int = 0
    revision: int = 0


class DifferenceOut(Shown):
    """One thing that is not the same in two versions."""

    field: Annotated[str, Field(examples=["contributions"])]
    organisation: Annotated[
        str | None, Field(description="Of the contribution or value that differs.")
    ]
    person: PersonOut | None
    before: Annotated[Any, Field(description="Null: it was not there.")]
    after: Annotated[Any, Field(description="Null: it is not there any more.")]


class VersionOut(Shown):
    """One statement of what was to be agreed, and what it changed."""

    version: int
    at: datetime
    person: Annotated[
        PersonOut | None, Field(description="Who stated it; null for an HR system.")
    ]
    reason: str
    digest: Annotated[str, Field(description="SHA-256 of what it says, hex.")]
    says: dict[str, Any]
    changes: Annotated[
        list[DifferenceOut], Field(description="What differs from the version before.")
    ]


class StepOut(Shown):
    """Somebody moved the objective, or a contribution, on."""

    revision: int
    version: int
    step: str
    contribution: UUID | None
    was: str | None
    became: str
    person: PersonOut | None
    reason: str
    at: datetime


async def versions(
    fact: ObjectiveFact, standing: Standing, sight: Sight, caller: Caller, day: date
) -> list[VersionOut]:
    """Return every version that the caller may read, the first one first."""
    since = await _since(fact, standing, caller)
    async with transaction() as connection:
        rows = await connection.fetch(VERSIONS, fact.id, since.version)
    said = await _linked([json.loads(row["content"]) for row in rows], caller, day)
    sight = await naming(sight, _people(rows, said))
    return _versions([dict(row) for row in rows], said, since, standing, sight)


def _versions(
    rows: Sequence[Mapping[str, Any]],
    said: Sequence[dict[str, Any]],
    since: Since,
    standing: Standing,
    sight: Sight,
) -> list[VersionOut]:
    return [
        VersionOut(
            version=row["version"],
            at=row["at"],
            person=acting(row["person"], standing, sight),
            reason=row["reason"] if row["version"] > since.version else "",
            digest=row["digest"],
            says=seen_part(says, sight),
            changes=[
                _difference(each, sight) for each in differences(before or {}, says)
            ]
            if before
            else [],
        )
        for row, before, says in zip(rows, [None, *said], said, strict=False)
    ]


async def whole(
    fact: ObjectiveFact, standing: Standing, sight: Sight, caller: Caller, day: date
) -> tuple[list[VersionOut], list[StepOut], list[AgreementOut], Sight]:
    """Return versions, steps, agreements and how far they are seen, by few statements.

    What an earlier version was aligned to costs two more.
    """
    found = await together(
        {name: sql.replace("$2", "0") for name, sql in ALL.items()}, fact.id
    )
    drafts = sees_drafts(fact, standing, caller)
    first = next(iter(found["put"]), None) if not drafts else None
    since = Since(**first) if first else Since()
    rows = [_typed(row) for row in found["versions"] if row["version"] >= since.version]
    taken = [_typed(row) for row in found["steps"] if row["revision"] >= since.revision]
    said = await _linked([row["content"] for row in rows], caller, day, fact, sight)
    agreed = found["agreements"]
    acted = {*(row["person"] for row in taken), *(UUID(a["person"]) for a in agreed)}
    sight = await naming(sight, {*_people(rows, said), *acted})
    return (
        _versions(rows, said, since, standing, sight),
        _steps(taken, standing, sight),
        agreements_from(agreed, [fact], standing, sight)[fact.id],
        sight,
    )


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row that came as JSON with its person as an id."""
    return {**row, "person": UUID(row["person"]) if row["person"] else None}


async def _since(fact: ObjectiveFact, standing: Standing, caller: Caller) -> Since:
    """Return from where on they may read it; the reason for that draft is not."""
    if sees_drafts(fact, standing, caller):
        return Since()
    async with transaction() as connection:
        row = await connection.fetchrow(PUT_TO_OTHERS, fact.id)
    return Since(**dict(row)) if row else Since()


async def _linked(
    said: Sequence[dict[str, Any]],
    caller: Caller,
    day: date,
    fact: ObjectiveFact | None = None,
    sight: Sight | None = None,
) -> list[dict[str, Any]]:
    """Return what was said without the links that the caller does not see.

    What differs is told of these: a link to what they do not see never changes. Of what
    `fact` names today `sight` tells whether they do.
    """
    parents = {UUID(says["parent"]) for says in said if says["parent"]}
    known = fact.links if fact and sight else frozenset[UUID]()
    found = await seen_of(parents - known, caller, day)
    linked = sight.linked & known if sight else frozenset[UUID]()
    seen = {None, *map(str, found | linked)}
    return [
        {**says, "parent": says["parent"] if says["parent"] in seen else None}
        for says in said
    ]


def _people(
    rows: Sequence[Record] | Sequence[Mapping[str, Any]],
    said: Sequence[Mapping[str, Any]],
) -> set[UUID | None]:
    """Return who stated versions, and who takes part in any."""
    taking = {part["person"] for says in said for part in says["contributions"]}
    return {*map(UUID, taking), *(row["person"] for row in rows)}


def seen_part(says: Mapping[str, Any], sight: Sight) -> dict[str, Any]:
    """Return what an objective says, less the people who are not seen."""
    seen = sight.organisations
    shown = dict(says)
    if seen is not None:
        shown.pop("owners")
        shown["contributions"] = [
            part if part["organisation"] in seen else {**part, "person": None}
            for part in says["contributions"]
        ]
    return shown


def _difference(found: Difference, sight: Sight) -> DifferenceOut:
    seen = sight.organisations
    hidden = seen is not None and (
        found.field == "owners"
        or (found.person is not None and found.organisation not in seen)
    )
    return DifferenceOut(
        field=found.field,
        organisation=found.organisation,
        person=(
            None
            if found.person is None or found.organisation is None
            else PersonOut.of(found.person, found.organisation, sight)
        ),
        before=_without_person(found.before) if hidden else found.before,
        after=_without_person(found.after) if hidden else found.after,
    )


def _without_person(value: object) -> dict[str, Any] | None:
    return {**value, "person": None} if isinstance(value, dict) else None


def version(among: Sequence[VersionOut], number: int) -> VersionOut:
    """Return one version; refuse a number that there is not."""
    for each in among:
        if each.version == number:
            return each
    raise NotFound(f"The objective has no version {number}.")


async def steps(
    fact: ObjectiveFact, standing: Standing, sight: Sight, caller: Caller
) -> list[StepOut]:
    """Return the steps of the objective and its contributions, the first one first."""
    since = await _since(fact, standing, caller)
    async with transaction() as connection:
        rows = await connection.fetch(STEPS, fact.id, since.revision)
    sight = await naming(sight, [row["person"] for row in rows])
    return _steps([dict(row) for row in rows], standing, sight)


def _steps(
    rows: Sequence[Mapping[str, Any]], standing: Standing, sight: Sight
) -> list[StepOut]:
    return [
        StepOut(**{**row, "person": acting(row["person"], standing, sight)})
        for row in rows
    ]


async def waiting_for(
    person: Person, facts: Sequence[ObjectiveFact], standing: Standing
) -> list[ObjectiveFact]:
    """Return those of the objectives that wait for a person's agreement."""
    proposed = [fact for fact in facts if fact.stage == Stage.PROPOSED]
    before = await given([fact.id for fact in proposed])
    found = []
    for fact in proposed:
        needed = needed_for(fact, standing)
        left = outstanding(needed, before[fact.id])
        if person.id in {needed[part] for part in left}:
            found.append(fact)
    return found
