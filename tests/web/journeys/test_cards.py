"""A record's card in an HR portal's page: there, and in nobody else's."""

from functools import partial

import httpx
import pytest
from playwright.async_api import FrameLocator, Page, Route, expect

from service.hr.cards.actions import register
from service.settings import settings
from tests.factories import OPERATOR, a_token
from tests.objectives.assessing.assessed import AT_THE_END
from tests.objectives.joint import Joint, a_joint_department
from tests.web.browser import Site, in_a_browser
from tests.web.journeys.walking import Walking

pytestmark = [in_a_browser, pytest.mark.slow]
PORTAL, OTHER = "https://hr.hmt.example", "https://elsewhere.example"
HERE = "https://appraisal.example"
"""The service as portals reach it: a browser shows no unsafe frame in a safe page."""


@pytest.fixture(autouse=True)
def at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINEDUP_NOW", AT_THE_END.isoformat())
    settings.cache_clear()


@pytest.fixture
async def joint(db: None) -> Joint:
    return await a_joint_department()


async def test_only_the_registered_portal_frames_a_card(
    walking: Walking, joint: Joint
) -> None:
    await register("hmt", PORTAL, caller=OPERATOR, now=settings().clock())
    await joint.agreed()
    link = await a_link(walking.site, joint)
    async with walking.of(None, name="portal") as walk:
        await walk.page.route(f"{HERE}/**", partial(through, walking.site))
        shown = await framed(walk.page, PORTAL, link)
        heading = shown.get_by_role("heading", level=1)
        await expect(heading).to_have_text("Work across departments")
        await expect(shown.locator("main")).to_contain_text("One front door")
        await walk.look("card")
        blocked = await framed(walk.page, OTHER, link)
        await expect(blocked.locator("main")).to_have_count(0)
        await walk.look("blocked")
    seen = walking.site.seen
    (said,) = seen.complaints
    assert "frame-ancestors" in said
    portals = {url for url in seen.elsewhere if not url.startswith(HERE)}
    assert portals == {f"{PORTAL}/", f"{OTHER}/"}
    seen.complaints.clear()
    seen.elsewhere.clear()


async def a_link(site: Site, joint: Joint) -> str:
    """What the portal's own server asks for."""
    async with httpx.AsyncClient(base_url=site.address) as client:
        token = await a_token(client, "hmt")
        given = await client.post(
            f"/v1/records/{joint.on.id}/cards",
            headers={**token, "Idempotency-Key": str(joint.on.id)},
        )
    assert given.status_code == 201, given.text
    return str(given.json()["url"]).replace(site.address, HERE)


async def framed(page: Page, portal: str, link: str) -> FrameLocator:
    """Open a page of a portal that frames a card."""
    frame = f'<iframe src="{link}" title="Card" width="95%" height="700"></iframe>'

    async def serve(route: Route) -> None:
        await route.fulfill(body=f"<h1>Portal</h1>{frame}", content_type="text/html")

    await page.route(f"{portal}/", serve)
    await page.goto(f"{portal}/")
    return page.frame_locator("iframe")


async def through(site: Site, route: Route) -> None:
    """Lead a request to the service on to where it listens."""
    url = route.request.url.replace(HERE, site.address)
    await route.fulfill(response=await route.fetch(url=url))
