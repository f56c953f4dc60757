"""Pull scores: read a page, record to whom it was disclosed, one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.access.rules import within
from service.audit.actions import disclose
from service.auth.caller import Machine
from service.db import transaction
from service.directory.queries import check_member, person_named
from service.errors import NotFound
from service.hr import queries
from service.hr.schemas import CollaborationScore
from service.records.queries import cycle_of

PURPOSE = "appraisal record"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which scores a page is of."""

    organisation: str | None = None
    cycle: UUID | None = None
    person: str | None = None
    """An id, or source:external_id."""
    changed_since: datetime | None = None


async def page(
    wanted: Wanted,
    *,
    after: UUID | None,
    limit: int,
    issuer: str,
    machine: Machine,
    now: datetime,
) -> tuple[list[CollaborationScore], bool]:
    """Return up to `limit` scores after a position, and whether more follow."""
    scope = within(machine.organisations, wanted.organisation)
    async with transaction():
        if wanted.cycle is not None:
            await cycle_of(wanted.cycle, scope)
        person = None
        if wanted.person is not None:
            person = await _person(wanted.person, scope)
        found = await queries.scores(
            scope,
            issuer,
            cycle=wanted.cycle,
            person=person,
            changed_since=wanted.changed_since,
            after=after,
            limit=limit + 1,
        )
        shown = found[:limit]
        await _disclose(shown, machine, now)
    return shown, len(found) > limit


async def _person(name: str, organisations: list[str]) -> UUID:
    """Return the person a machine named; another organisation's is not there."""
    source, colon, external_id = name.partition(":")
    if not colon:
        try:
            person = UUID(name)
        except ValueError:
            raise NotFound(f"No person {name}.") from None
        await check_member(person, organisations)
        return person
    return (await person_named(source, external_id, organisations=organisations)).person


async def _disclose(
    shown: list[CollaborationScore], machine: Machine, now: datetime
) -> None:
    if shown:
        people = [score.person.id for score in shown]
        await disclose(machine, "scores", people, now=now, purpose=PURPOSE)


async def one(
    score: UUID, *, issuer: str, machine: Machine, now: datetime
) -> CollaborationScore:
    """Return one published score of the machine's organisations."""
    async with transaction():
        found = await queries.scores(machine.organisations, issuer, score=score)
        if not found:
            raise NotFound(f"No score {score}.")
        await _disclose(found, machine, now)
    return found[0]
