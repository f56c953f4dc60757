"""Looks at pages of the gallery, as those to whom they are shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from service.auth.authentication import remember_nothing
from tests.feedback.over_http import forget_rates
from tests.web.everywhere.gallery import STRANGER, Visit
from tests.web.everywhere.scene import World
from tests.web.visiting import Visitor, visiting


@asynccontextmanager
async def looking(
    app: Litestar, world: World, visit: Visit, who: str | None = None
) -> AsyncIterator[Visitor]:
    """Give the browser of whoever a visit names, or of somebody else, at its time."""
    world.at(visit.at)
    remember_nothing(app.state)
    forget_rates(app)
    name = visit.who if who is None else who
    person, code = (
        (None, "")
        if name == STRANGER
        else (world.people[name], world.organisations[name])
    )
    async with visiting(person, code, app=app) as visitor:
        if visit.by_link and who is None:
            visitor.client.cookies.update(world.cookies)
        yield visitor
