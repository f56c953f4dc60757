"""Officers' pages in a browser: they fit a phone, and axe finds nothing."""

import pytest
from playwright.async_api import Page

from tests.web.browser import DESK, Site, too_wide, violations, with_axe
from tests.web.hr.conftest import Office
from tests.web.hr.test_who import HR, PAGES

OF_THE_SHELL = "region: "
"""What stands above a page's own content is looked at with the shell."""


async def found_in(page: Page) -> list[str]:
    found = await violations(page)
    return [each for each in found if not each.startswith(OF_THE_SHELL)]


@with_axe
@pytest.mark.slow
async def test_officers_pages_fit_and_are_accessible(
    office: Office, served: Site
) -> None:
    for role in {HR if HR in roles else min(roles) for roles in PAGES.values()}:
        async with served.page(office.people[role], "hmt") as page:
            for path in [path for path, roles in PAGES.items() if role in roles]:
                answer = await page.goto(path)
                assert answer is not None
                assert answer.status == 200, path
                assert await found_in(page) == [], path
                assert await too_wide(page) == [], path
    assert served.seen.quiet, served.seen


@with_axe
@pytest.mark.slow
async def test_forms_that_were_wrong_are_accessible(
    office: Office, served: Site
) -> None:
    async with served.page(office.people[HR], "hmt", width=DESK) as page:
        for path in (
            "/hr/roles/new?q=Sam",
            "/hr/clients/new",
            "/hr/break-glass/new",
            f"/hr/cycles/{office.cycle}/extend-feedback",
            "/hr/people-import",
        ):
            await page.goto(path)
            await page.locator("main form[method=post] button").click()
            assert (await page.title()).startswith("Error: "), path
            assert await found_in(page) == [], path
        for path in ("", "/dates"):
            await page.goto(f"/hr/cycles/{office.cycle}{path}")
            assert await found_in(page) == []
    assert served.seen.quiet, served.seen
