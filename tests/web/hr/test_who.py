"""Which officers each page serves, and that everybody else is refused."""

import re

import pytest

from service.access.rules import Role
from tests.web.counting import MOST, asked
from tests.web.hr.conftest import Office
from tests.web.visiting import heading, title, visiting

HR, MODERATOR = Role.HR_ADMINISTRATOR, Role.TEXT_MODERATOR
CENTRAL, AUDITOR = Role.CENTRAL_TEAM, Role.AUDITOR
OFFICER = Role.DATA_PROTECTION_OFFICER
PAGES = {
    "/hr": {*Role},
    "/hr/people-import": {HR},
    "/hr/cycles": {HR},
    "/hr/cycles/new": {HR},
    "/hr/cycles/new?framework=uk-scs-2025&year=2028": {HR},
    "/hr/progress": {HR},
    "/hr/roles": {HR},
    "/hr/roles/new": {HR},
    "/hr/roles/new?q=Sam": {HR},
    "/hr/clients": {HR},
    "/hr/clients/new": {HR},
    "/hr/webhooks": {HR},
    "/hr/webhooks/new": {HR},
    "/hr/exports": {HR},
    "/hr/undelivered": {HR},
    "/hr/break-glass": {HR, OFFICER},
    "/hr/break-glass/new": {HR},
    "/hr/reviews": {MODERATOR, AUDITOR},
    "/comments": {MODERATOR},
    "/moderation": {*Role, "nobody"},
    "/moderation/panels/new": {HR},
    "/moderation/views": {CENTRAL, AUDITOR},
    "/audit": {AUDITOR, OFFICER},
    "/audit/disclosures": {AUDITOR, OFFICER},
}


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_serves_its_officers_and_refuses_all_others(
    office: Office, path: str
) -> None:
    for name, person in office.people.items():
        async with visiting(person, "hmt") as visitor:
            got = await visitor.get(path)
        served = name in PAGES[path]
        assert got.status_code == (200 if served else 403), (name, got.text)
        if not served:
            assert heading(got) == "You cannot do this"
    async with visiting(None) as stranger:
        got = await stranger.get(path)
        assert got.status_code == 303
        assert got.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_is_whole_in_both_languages(office: Office, path: str) -> None:
    one = min(map(str, PAGES[path]))
    async with visiting(office.people[one], "hmt") as visitor:
        for language in ("en", "cy"):
            got = await visitor.get(path, headers={"accept-language": language})
            assert got.status_code == 200, got.text
            assert title(got) == f"{heading(got)} - Joined-up Appraisal"
            assert f'<html lang="{language}"' in got.text
            assert not re.search(r"\s(style|on\w+)=", got.text)
            assert got.headers["cache-control"] == "no-store"
        assert len(await asked(visitor, path)) <= MOST


async def test_the_index_leads_each_role_to_what_it_may_do(office: Office) -> None:
    for role in Role:
        async with visiting(office.people[role], "hmt") as visitor:
            page = await visitor.get("/hr")
            main = page.text.partition('id="main-content"')[2].partition("<footer")[0]
            links = set(
                re.findall(r'<dt[^>]*><a class="govuk-link" href="([^"]+)"', main)
            )
            assert links
            for link in links:
                assert (await visitor.get(link)).status_code == 200, (role, link)
