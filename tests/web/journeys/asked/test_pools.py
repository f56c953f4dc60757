"""The pool of raters: proposed by the subject, vetoed by the line manager."""

import pytest

from service.directory.queries import details_of
from service.feedback.nominating import nominations
from tests.scoring import Scene
from tests.web.browser import in_a_browser
from tests.web.journeys.walking import Walking

pytestmark = [in_a_browser, pytest.mark.slow]


async def test_the_subject_proposes_and_the_line_manager_vetoes(
    walking: Walking, scene: Scene
) -> None:
    known = await details_of([scene.people[name] for name in ("dwp1", "moj1", "dft1")])
    dwp1, moj1 = known[scene.people["dwp1"]], known[scene.people["moj1"]]
    on = scene.records["fresh"]
    async with walking.of(scene.people["fresh"], "hmt", "subject") as walk:
        await walk.to("/records", "Your appraisal records")
        await walk.page.locator(f'a[href="/records/{on.id}"]').first.click()
        await walk.at("Your record, 2026")
        await walk.follow("Colleagues who can be asked")
        await walk.at("Colleagues who can give feedback on you")
        await walk.write(q=f"{dwp1.given_name} {dwp1.family_name}")
        await walk.press("Search")
        await walk.at("Colleagues who can give feedback on you")
        await walk.choose(people=f"dwp:{scene.people['dwp1']}")
        await walk.press("Add to the pool")
        await walk.reads("They are in the pool now", dwp1.family_name)
        await walk.write(email="jo@nowhere.example")
        await walk.press("Add this address")
        await walk.is_told("is the domain of no member")
        await walk.write(email=moj1.email)
        await walk.press("Add this address")
        await walk.reads(moj1.email)
        await walk.at("Colleagues who can give feedback on you")
    async with walking.of(scene.people["hmt-head"], "hmt", "manager") as walk:
        await walk.to(f"/records/{on.id}/raters", "Colleagues who can give feedback on")
        await walk.follow(f"Veto {dwp1.given_name} {dwp1.family_name}")
        await walk.at("Veto Sam ")
        await walk.press("Veto")
        await walk.is_told("Say in a few words why")
        await walk.write(reason="A feud.")
        await walk.press("Veto")
        await walk.at("Colleagues who can give feedback on")
        await walk.reads("Vetoed by the line manager", "A feud.")
    states = {each.person: each.state for each in await nominations(on, None)}
    assert states[scene.people["dwp1"]] == "vetoed"
