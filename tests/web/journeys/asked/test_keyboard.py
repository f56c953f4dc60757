"""A rater without a mouse: every key is pressed, and what is in focus can be seen."""

import pytest
from playwright.async_api import Page, expect

from service.feedback.form.items import BEHAVIOURS
from tests.feedback.stored import request_of, state_of
from tests.scoring import Scene
from tests.web.browser import DESK, PHONE, in_a_browser
from tests.web.journeys.walking import Walking, Window

pytestmark = [in_a_browser, pytest.mark.slow]
MOST = 90
"""Presses of Tab until what is wanted is in focus: all that a page has, and more."""
VISIBLE = """() => {
    const seen = document.activeElement;
    const of = seen.labels && seen.type === 'radio'
        ? getComputedStyle(seen.labels[0], '::before') : getComputedStyle(seen);
    const box = seen.getBoundingClientRect();
    return (of.outlineStyle !== 'none' && parseFloat(of.outlineWidth) > 0
        || of.boxShadow !== 'none') && box.bottom > 0 && box.top < innerHeight;
}"""


@pytest.fixture(
    params=[Window(PHONE, scripts=True), Window(DESK, scripts=True)], ids=str
)
def window(request: pytest.FixtureRequest) -> Window:
    """Only scripts can tell whether what is in focus can be seen."""
    found: Window = request.param
    return found


async def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until an element of this selector is in focus, and can be seen."""
    for _ in range(MOST):
        await page.keyboard.press("Tab")
        assert await page.evaluate(VISIBLE), await in_focus(page)
        if await page.locator(f":is({wanted}):focus").count():
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


async def in_focus(page: Page) -> str:
    said: str = await page.evaluate("document.activeElement.outerHTML")
    return said


async def choose(page: Page, name: str, steps: int) -> None:
    """Go to a question, and to one of its answers by the arrows."""
    await tab_to(page, f'input[name="{name}"]')
    await page.keyboard.press("Space")
    for _ in range(steps):
        await page.keyboard.press("ArrowDown")


async def test_the_form_is_sent_with_keys_alone(walking: Walking, scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    async with walking.of(scene.people["dwp1"], "dwp", "keys") as walk:
        page = walk.page
        await walk.to("/", "thing")
        await tab_to(page, f'a[href="/feedback/{request}"]')
        await page.keyboard.press("Enter")
        await walk.at("Feedback on Sam ")
        await tab_to(page, ".govuk-skip-link")
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_be_focused()
        await tab_to(page, 'button[value="send"]')
        await page.keyboard.press("Enter")
        await walk.is_told("Enter how many months")
        await tab_to(page, 'a[href="#months"]')
        await page.keyboard.press("Enter")
        await expect(page.locator("#months")).to_be_focused()
        await page.keyboard.type("9")
        await choose(page, "frequency", 1)
        await choose(page, "basis", 1)
        for name in BEHAVIOURS:
            await choose(page, name, 2)
        await tab_to(page, 'button[value="send"]')
        await page.keyboard.press("Enter")
        await walk.at("Feedback sent")
    assert await state_of(request) == "submitted"
