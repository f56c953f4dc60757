"""A moderation panel: opened by HR, sat on by its members, read by the subject."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest

from service.scores.moderation.queries import events_of
from tests.feedback.results.living import clock
from tests.scores.moderation.sitting import (
    OVERALL,
    PUBLISHED,
    WHY,
    YEAR_END,
    House,
    a_house,
)
from tests.scoring import undone
from tests.web.browser import in_a_browser
from tests.web.journeys.walking import Walk, Walking

pytestmark = [in_a_browser, pytest.mark.slow]


@pytest.fixture(scope="module")
async def house(opened: None) -> AsyncIterator[House]:
    async with undone():
        yield await a_house()


@pytest.fixture
async def db(house: House) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture(autouse=True)
def at_the_year_s_end(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch, YEAR_END)


async def test_from_the_judgement_to_what_the_panel_made_of_it(
    walking: Walking, house: House, turn_clock: Callable[[datetime], None]
) -> None:
    record = house.records["p3"].id
    at = f"/moderation/records/{record}"
    async with walking.of(house.people["s2"], "hmt", "manager") as walk:
        await walk.to(at, "Judgement of Sam ")
        await walk.press("State it")
        await walk.is_told("Select your judgement", "Enter a reason")
        await walk.choose(level="achieving")
        await walk.write(reason=WHY)
        await walk.press("State it")
        await walk.at("Judgement of Sam ")
        await walk.reads("Achieving", WHY)
    async with walking.of(house.people["hr"], "hmt", "hr") as walk:
        await open_panel(walk, house)
    turn_clock(OVERALL)
    async with walking.of(house.people["s1"], "hmt", "member") as walk:
        await walk.to("/moderation", "Panels")
        await walk.follow("Overall panel")
        await walk.at("Overall panel")
        await walk.follow("ecords before the panel")
        await walk.at("Records before the panel")
        await walk.page.locator(f'a[href$="/records/{record}"]').click()
        await walk.at("Sam ")
        await walk.choose(after="exceeding")
        await walk.press("Record it for the panel")
        await walk.is_told("Enter a reason")
        await walk.write(reason="Seen beside the others.")
        await walk.press("Record it for the panel")
        await walk.at("Records before the panel")
        await walk.reads("Exceeding")
    (event,) = await events_of([record])
    assert (event.before, event.after) == ("achieving", "exceeding")
    turn_clock(PUBLISHED)
    async with walking.of(house.people["p3"], "hmt", "subject") as walk:
        await walk.to(at, "Judgement of Sam ")
        await walk.reads("Seen beside the others.", "Before", "After")


async def open_panel(walk: Walk, house: House) -> None:
    """Open the overall panel and name two people to it."""
    await walk.to("/moderation", "Panels")
    await walk.follow("Open a panel")
    await walk.at("Open a panel")
    await walk.press("Open the panel")
    await walk.is_told("Select which panel it is")
    await walk.choose(level="overall")
    await walk.press("Open the panel")
    for name in ("s1", "head"):
        await walk.follow("Name somebody to the panel")
        await walk.page.locator("#q").fill("Sam")
        await walk.press("Search")
        await walk.at("Name somebody to the panel")
        await walk.choose(person=str(house.people[name]))
        await walk.write(until="1/1/2028")
        await walk.press("Name them")
    await walk.reads("What is before the panel is for its members to see.")
    await walk.look("panel")
