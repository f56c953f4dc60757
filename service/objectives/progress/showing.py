"""Reading how an objective gets on over HTTP, the same for every route that does.

The law: whoever of its own a machine is shown is disclosed, though they have long left.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from service.audit.actions import disclose
from service.auth.caller import Machine, SignedIn
from service.objectives.audience import involved
from service.objectives.presenting import Sight
from service.objectives.progress.queries import who_acted
from service.objectives.queries import ObjectiveFact
from service.objectives.showing import PURPOSE, looked_at
from service.objectives.standing import Standing
from service.settings import settings


@asynccontextmanager
async def looked_into(
    objective: UUID, caller: Machine | SignedIn, what: str
) -> AsyncIterator[tuple[ObjectiveFact, Standing, Sight]]:
    """Give an objective that is there for the caller, and how far they see into it."""
    async with looked_at(objective, caller, what) as (fact, standing, sight):
        if isinstance(caller, Machine):
            acted = await who_acted([objective], caller.organisations)
            former = acted - involved(fact, standing)
            if former:
                now = settings().clock()
                await disclose(caller, what, former, now=now, purpose=PURPOSE)
        yield fact, standing, sight
