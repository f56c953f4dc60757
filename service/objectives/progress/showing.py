"""Reading how an objective gets on over HTTP, the same for every route that does.

The law: whoever of its own a machine is shown is disclosed, though they have long left.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

from litestar import Response

from service.audit.actions import disclose
from service.auth.caller import Machine, SignedIn
from service.edge.conditional import version_tag
from service.objectives.audience import involved, sees_drafts
from service.objectives.presenting import Sight
from service.objectives.progress import queries
from service.objectives.progress.schemas import (
    IndicatorOut,
    MilestoneOut,
    ProgressOut,
    ProgressVersionOut,
)
from service.objectives.queries import ObjectiveFact
from service.objectives.showing import PURPOSE, looked_at
from service.objectives.standing import Standing
from service.settings import settings

Kept = TypeVar("Kept", MilestoneOut, IndicatorOut)


@asynccontextmanager
async def looked_into(
    objective: UUID, caller: Machine | SignedIn, what: str
) -> AsyncIterator[tuple[ObjectiveFact, Standing, Sight]]:
    """Give an objective that is there for the caller, and how far they see into it."""
    async with looked_at(objective, caller, what) as (fact, standing, sight):
        if isinstance(caller, Machine):
            acted = await queries.who_acted([objective], caller.organisations)
            former = acted - involved(fact, standing)
            if former:
                now = settings().clock()
                await disclose(caller, what, former, now=now, purpose=PURPOSE)
        yield fact, standing, sight


async def progress_seen(
    objective: UUID, caller: Machine | SignedIn, what: str
) -> ProgressOut:
    """Return how an objective gets on, as far as the caller sees it."""
    async with looked_into(objective, caller, what) as (_, _, sight):
        return (await queries.progress_of([objective], sight))[objective]


async def versions_seen(
    objective: UUID, caller: Machine | SignedIn, what: str, **of: UUID
) -> list[ProgressVersionOut]:
    """Return what one thing has said; `of` is its kind, `milestone` or `indicator`."""
    async with looked_into(objective, caller, what) as (fact, standing, sight):
        drafts = sees_drafts(fact, standing, caller)
        return await queries.versions(objective, sight, drafts=drafts, **of)


def tagged(things: Sequence[Kept], id_: UUID) -> Response[Kept]:
    """Answer with one of several things as it stands now, with its ETag."""
    thing = next(each for each in things if each.id == id_)
    return Response(thing, headers={"ETag": version_tag(thing.version)})
