"""Opens pages of the gallery in Chromium, as those to whom they are shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page

from service.auth.authentication import remember_nothing
from tests.web.browser import DESK, Site
from tests.web.everywhere.gallery import STRANGER, Visit
from tests.web.everywhere.scene import World


@asynccontextmanager
async def showing(
    site: Site, world: World, visit: Visit, *, width: int = DESK, scripts: bool = True
) -> AsyncIterator[Page]:
    """Open the page of a visit at its time."""
    world.at(visit.at)
    remember_nothing(site.app.state)
    person = None if visit.who == STRANGER else world.people[visit.who]
    code = world.organisations.get(visit.who, "")
    async with site.page(person, code, width=width, scripts=scripts) as page:
        if visit.by_link:
            await page.context.add_cookies(
                [
                    {
                        "name": name,
                        "value": value,
                        "url": site.address.replace("http:", "https:"),
                        "secure": True,
                    }
                    for name, value in world.cookies.items()
                ]
            )
        answer = await page.goto(visit.path)
        assert answer is not None
        assert answer.status == 200, (visit, answer.status)
        yield page
