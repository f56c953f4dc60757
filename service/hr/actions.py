"""Pull scores: read some, and record to whom they were disclosed, in one statement."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from service.access.rules import within
from service.auth.caller import Machine
from service.directory.queries import check_member, person_named
from service.errors import NotFound
from service.hr import queries
from service.hr.queries import Line, Question, Written
from service.hr.telling import Telling
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

    @property
    def everything(self) -> bool:
        """Whether nothing narrows it down."""
        return self == Wanted()


async def page(
    wanted: Wanted,
    line: Line,
    *,
    after: UUID | None,
    limit: int,
    issuer: str,
    machine: Machine,
    now: datetime,
) -> Written:
    """Return up to `limit` scores after a position, as they are sent."""
    question = replace(await question_of(wanted, machine), after=after)
    to = Telling(uuid4(), machine, PURPOSE, now)
    return await queries.page(question, line, issuer, limit, to)


async def question_of(wanted: Wanted, machine: Machine) -> Question:
    """Return what is asked for by ids; what is another organisation's is not there."""
    scope = within(machine.organisations, wanted.organisation)
    if wanted.cycle is not None:
        await cycle_of(wanted.cycle, scope)
    person = None
    if wanted.person is not None:
        person = await _person(wanted.person, scope)
    return Question(
        scope, wanted.cycle, person=person, changed_since=wanted.changed_since
    )


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


async def one(score: UUID, *, issuer: str, machine: Machine, now: datetime) -> bytes:
    """Return one published score of the machine's organisations, as it is sent."""
    scope, to = machine.organisations, Telling(uuid4(), machine, PURPOSE, now)
    found = await queries.document(score, scope, issuer, to)
    if found is None:
        raise NotFound(f"No score {score}.")
    return found
