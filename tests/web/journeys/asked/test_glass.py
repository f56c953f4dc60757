"""Break-glass: one person asks, another approves, and only then are there names."""

from uuid import UUID

import pytest

from service.access.rules import Role
from service.feedback.break_glass.tables import BreakGlass
from service.jobs.rules import NoticeKind
from tests.factories import FEEDBACK_OPEN
from tests.feedback.results.living import role
from tests.scoring import Scene
from tests.web.browser import in_a_browser
from tests.web.journeys import mails
from tests.web.journeys.walking import Walking

pytestmark = [in_a_browser, pytest.mark.slow]


async def test_hr_asks_the_data_protection_officer_approves_and_hr_reads(
    walking: Walking, scene: Scene
) -> None:
    hr, officer = scene.people["hmt2"], scene.people["hmt3"]
    await role(hr, Role.HR_ADMINISTRATOR, "hmt")
    await role(officer, Role.DATA_PROTECTION_OFFICER, "hmt")
    async with (
        walking.of(hr, "hmt", "hr") as asks,
        walking.of(officer, "hmt", "officer") as approves,
    ):
        await asks.to("/hr", "dministration")
        await asks.follow("Break-glass")
        await asks.at("Break-glass")
        await asks.follow("Ask who gave feedback")
        await asks.at("Ask who gave feedback")
        await asks.write(record=str(scene.records["hmt1"].id))
        await asks.press("Ask for approval")
        await asks.is_told("Enter why you need to know")
        await asks.write(reason="A complaint, case 7.")
        await asks.press("Ask for approval")
        await asks.at("Break-glass")
        await asks.reads("Waits for a data protection officer")
        await asks.reads_nothing_of("Read the names")
        link = await mails.link_to(
            officer,
            NoticeKind.BREAK_GLASS_WANTED,
            await only_opening(),
            walking.site.address,
            FEEDBACK_OPEN,
        )
        await approves.to(link, "Break-glass")
        await approves.page.locator("main table a").first.click()
        await approves.reads("A complaint, case 7.")
        await approves.press("Approve")
        await approves.at("Break-glass")
        await approves.reads("Approved")
        await asks.page.reload()
        await asks.press("Read the names")
        await asks.at("Who was asked for feedback")
        await asks.reads("Asked")
    seen = await BreakGlass.select().where(BreakGlass.asked_by == hr).first()
    assert seen is not None
    assert seen["approved_by"] == officer


async def only_opening() -> UUID:
    (row,) = await BreakGlass.select(BreakGlass.id)
    found: UUID = row["id"]
    return found
