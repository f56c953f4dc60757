"""A shared objective: set by a line manager step by step, agreed by a partner's."""

from uuid import UUID

import pytest

from service.jobs.rules import NoticeKind
from service.objectives.queries import objective
from service.objectives.stages import Stage
from service.settings import settings
from tests.factories import IN_THE_YEAR
from tests.objectives.joint import Joint, a_joint_department
from tests.web.browser import in_a_browser
from tests.web.journeys import mails
from tests.web.journeys.walking import Walk, Walking

pytestmark = [in_a_browser, pytest.mark.slow]
TITLE = "One form for flood repair grants"


@pytest.fixture(autouse=True)
def in_the_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINEDUP_NOW", IN_THE_YEAR.isoformat())
    settings.cache_clear()


@pytest.fixture
async def joint(db: None) -> Joint:
    return await a_joint_department()


async def test_a_manager_sets_one_and_the_partner_s_manager_agrees(
    walking: Walking, joint: Joint
) -> None:
    async with walking.of(joint.hmt.head, "hmt", "manager") as walk:
        id_ = await set_one(walk, joint)
    assert (await objective(id_)).stage == Stage.PROPOSED
    link = await mails.link_to(
        joint.dft.head,
        NoticeKind.AGREEMENT_WANTED,
        id_,
        walking.site.address,
        IN_THE_YEAR,
    )
    async with walking.of(joint.dft.head, "dft", "partner manager") as walk:
        await walk.to(link, TITLE)
        await walk.reads("Waiting for you", "£12,000")
        await walk.follow("Agree to this objective")
        await walk.at("Agree")
        await walk.reads("Data, monthly.")
        await walk.write(comment="Gladly.")
        await walk.press("Agree")
        await walk.at(TITLE)
        await walk.reads("Gladly.")
        await walk.follow("See its history")
        await walk.at("History")


async def set_one(walk: Walk, joint: Joint) -> UUID:
    """Go from home to sent, by every step; return the objective."""
    await walk.to("/", "Nothing to do")
    await walk.follow("Your people")
    await walk.at("Your people")
    await walk.page.locator(f'a[href="/records/{joint.on.id}"]').first.click()
    await walk.at("Sam ")
    await walk.follow("Set a shared objective")
    await walk.at("What is to be achieved?")
    await walk.write(title=TITLE, outcome="One form, by the year's end.")
    await walk.press("Save and continue")
    await walk.is_told("Enter how it is measured", "Enter what they will do")
    await walk.write(measures="Read every quarter.", commitment="Two analysts.")
    await walk.choose(ownership_model="shared_responsibility")
    await walk.press("Save and continue")
    await walk.at("Who takes part?")
    id_ = UUID(walk.page.url.split("/")[4])
    await walk.follow("Find somebody to work with")
    await walk.at("Find people to work with")
    await walk.write(q="sam dft")
    await walk.press("Search")
    await walk.look("people found")
    await walk.page.locator(f'a[href*="person={joint.partner}"]').click()
    await walk.at("contribute")
    await walk.write(commitment="Data.", share="40")
    await walk.choose(role="major")
    await walk.press("Add to the objective")
    await walk.at("Who takes part?")
    await walk.follow("Continue to shares and roles")
    await walk.at("Shares and roles")
    await walk.write(share_0="60", share_1="30", commitment_1="Data, monthly.")
    await walk.choose(owner=str(joint.partner))
    await walk.press("Save and continue")
    await walk.is_told("The shares sum to 90")
    await walk.write(share_1="40")
    await walk.press("Save and continue")
    await walk.at("What it costs and brings")
    await walk.write(money_in_0="£12,000", people_in_1="2.5", gains_1="Fewer forms.")
    await walk.press("Save and continue")
    await walk.at("Where it counts")
    await walk.choose(kind="delivery_objective")
    await walk.press("Save and continue")
    await walk.at("Check your answers")
    await walk.reads("60%, Lead", "40%, Major", "£12,000", "Fewer forms.")
    await walk.press("Send for agreement")
    await walk.at(TITLE)
    await walk.reads("Still to agree")
    return id_
