"""Reading and showing objectives over HTTP, the same for every route that does.

The law: who may not see it gets the answer of one that is not there, and what a machine
is shown is written down as a disclosure before it leaves.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response

from service.audit.actions import disclose
from service.auth.caller import Machine, SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.edge.conditional import unless_known, version_tag
from service.objectives.audience import (
    involved,
    seen,
    sight_of,
    standing_of,
)
from service.objectives.presenting import ObjectiveOut, Sight
from service.objectives.queries import ObjectiveFact
from service.objectives.standing import Standing
from service.settings import settings

PURPOSE: Final = "shared objectives"
SHOWS_NO_MANAGERS: Final = frozenset({"objectives", "contributions"})
"""What tells a machine of who takes part, and of nobody who answers for them."""


@asynccontextmanager
async def looked_at(
    id_: UUID, caller: Machine | SignedIn, what: str
) -> AsyncIterator[tuple[ObjectiveFact, Standing, Sight]]:
    """Give an objective that is there for the caller, and how far they see into it."""
    now = settings().clock()
    with within_reach(EVERYONE):  # Who answers for partners' people is looked up.
        async with transaction():
            fact, standing = await seen(id_, caller, now.date())
            sight = await sight_of([fact], standing, caller, now.date())
            more = () if what in SHOWS_NO_MANAGERS else involved(fact, standing)
            await told_of([fact], caller, what, _own(more, standing, caller))
            yield fact, standing, sight


def _own(
    people: Collection[UUID], standing: Standing, caller: Machine | SignedIn
) -> set[UUID]:
    """Return those whom a machine is shown, as far as they are of its organisations."""
    return {
        person
        for person in people
        if isinstance(caller, Machine)
        and standing.organisations.get(person) in caller.organisations
    }


async def told_of(
    facts: Sequence[ObjectiveFact],
    caller: Machine | SignedIn,
    what: str,
    more: Collection[UUID] = (),
) -> None:
    """Disclose to a machine about whom of its own people it is told, and who `more`."""
    if isinstance(caller, Machine):
        people = {
            person
            for fact in facts
            for person, organisation in _taking_part(fact)
            if organisation in caller.organisations
        }
        now = settings().clock()
        await disclose(caller, what, people | {*more}, now=now, purpose=PURPOSE)


def _taking_part(fact: ObjectiveFact) -> list[tuple[UUID, str]]:
    return [
        (fact.person, fact.organisation),
        *((part.person, part.organisation) for part in fact.contributions),
        *fact.owning.items(),
    ]


def shown(
    request: Request[Any, Any, Any], fact: ObjectiveFact, sight: Sight
) -> Response[bytes]:
    """Answer with an objective, with its ETag."""
    content = ObjectiveOut.of(fact, sight).model_dump_json().encode()
    return unless_known(request, content, etag=version_tag(fact.revision))


async def done(
    fact: ObjectiveFact, caller: Machine | SignedIn, *, status: int = 201
) -> Response[bytes]:
    """Answer a change with the objective as it stands now, with its ETag."""
    day = settings().clock().date()
    with within_reach(EVERYONE):
        async with transaction():
            standing = await standing_of([fact], day)
            sight = await sight_of([fact], standing, caller, day)
            await told_of([fact], caller, "objectives")
    return Response(
        ObjectiveOut.of(fact, sight).model_dump_json().encode(),
        status_code=status,
        media_type="application/json",
        headers={"ETag": version_tag(fact.revision)},
    )
