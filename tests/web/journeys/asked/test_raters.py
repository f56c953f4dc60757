"""Raters: from the mail to the form sent, and changed, at sign-in and by a code."""

import pytest
from playwright.async_api import expect

from service.directory.queries import details_of
from service.feedback.form.items import BEHAVIOURS
from tests.factories import FEEDBACK_OPEN
from tests.feedback.inviting.mailed import a_provider
from tests.feedback.stored import request_of, state_of, stored
from tests.scoring import Scene
from tests.web.browser import in_a_browser
from tests.web.journeys import mails
from tests.web.journeys.walking import Walk, Walking

pytestmark = [in_a_browser, pytest.mark.slow]
CREDIT = "All three departments stood in the note."
ANSWERS = {
    **dict.fromkeys(BEHAVIOURS, "3"),
    "credits": "5",
    "trades_off": "not_observed",
}


async def answer(walk: Walk, **changes: str) -> None:
    """Fill in the whole form; an example is asked for when an answer wants one."""
    example = walk.page.locator("#credits_example")
    await expect(example).to_be_hidden()
    await walk.write(months="9")
    await walk.choose(frequency="most_weeks", basis="general")
    await walk.choose(**{**ANSWERS, **changes})
    await expect(example).to_be_visible()
    await walk.write(credits_example=CREDIT)


async def test_from_the_mail_by_signing_in_to_sent_and_changed(
    walking: Walking, scene: Scene
) -> None:
    await a_provider("dwp")
    request = await request_of(scene, "dwp1", "hmt1")
    link = await mails.invitation(request, walking.site.address, FEEDBACK_OPEN)
    known = (await details_of([scene.people["dwp1"]]))[scene.people["dwp1"]]
    async with walking.of(None, name="rater") as walk:
        await walk.to(link, "Which department do you work for?")
        await walk.follow("Sign in as anybody (development)")
        await walk.at("Sign in as anybody")
        await walk.write(search=f"{known.family_name} dwp")
        await walk.press("Find")
        await walk.choose(who=f"dwp {scene.people['dwp1']}")
        await walk.press("Sign in")
        await walk.at("Feedback on Sam ")
        await walk.press("Send feedback")
        await walk.is_told("Enter how many months")
        await walk.write(months="9")
        await walk.choose(frequency="most_weeks", shares_early="2")
        await walk.press("Save and come back later")
        await walk.at("Saved, not sent yet")
        await walk.page.goto("/")
        await walk.at("thing")
        await walk.page.goto("/feedback")
        await walk.at("Feedback you are asked for")
        await walk.page.locator(f'a[href="/feedback/{request}"]').click()
        await walk.at("Feedback on Sam ")
        kept = walk.page.locator('input[name="shares_early"][value="2"]')
        await expect(kept).to_be_checked()
        await answer(walk)
        await walk.look("filled in")
        await walk.press("Send feedback")
        await walk.at("Feedback sent")
        assert await state_of(request) == "submitted"
        await walk.follow("Look at it or change it")
        await walk.reads("You have sent this feedback.")
        await walk.choose(resolves="2")
        await walk.press("Send feedback")
        await walk.at("Feedback sent")
        await walk.press("Sign out")
        await walk.at("You have signed out")
        await walk.to(link, "Which department do you work for?")
    (kept_answers,) = await stored(scene, "hmt1")
    assert (kept_answers["resolves"], kept_answers["trades_off"]) == (2, None)


async def test_from_the_mail_by_a_code_to_sent(walking: Walking, scene: Scene) -> None:
    request = await request_of(scene, "moj1", "hmt1")
    address = walking.site.address
    link = await mails.invitation(request, address, FEEDBACK_OPEN)
    async with walking.of(None, name="linked rater") as walk:
        await walk.to(link, "Give feedback on a colleague")
        await walk.reads_nothing_of("Sam")
        await walk.press("Send me a code")
        await walk.at("Enter your code")
        await walk.write(code="12")
        await walk.press("Open the form")
        await walk.is_told("The code is six digits")
        await walk.write(code=await mails.code(request, address, FEEDBACK_OPEN))
        await walk.press("Open the form")
        await walk.at("Feedback on Sam ")
        await answer(walk)
        await walk.write(keep_doing="As on 3 March in Leeds.")
        await walk.press("Send feedback")
        await walk.at("Check your words")
        await walk.press("Send as it is")
        await walk.at("Feedback sent")
    assert await state_of(request) == "submitted"


async def test_whoever_cannot_give_it_declines(walking: Walking, scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt2")
    async with walking.of(scene.people["dwp1"], "dwp", "decliner") as walk:
        await walk.to(f"/feedback/{request}", "Feedback on Sam ")
        await walk.follow("I cannot give this feedback")
        await walk.at("Why can you not give this feedback?")
        await walk.press("Decline to give it")
        await walk.is_told("Say in a few words why")
        await walk.write(reason="We met once.")
        await walk.press("Decline to give it")
        await walk.reads("Your reason is shown to nobody.")
        await walk.look("declined")
    assert await state_of(request) == "declined"
