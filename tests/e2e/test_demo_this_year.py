"""The year under way in the demo, and what those find in it whom the demo names."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.async_api import Page, async_playwright

from tests.e2e.demos import SMALL, Demo
from tests.e2e.running import ask, joinedup, json_of, overheard, serving, until
from tests.web.browser import CHROMIUM, FLAGS, PHONE, in_a_browser

pytestmark = pytest.mark.slow

SUMMER = timedelta(hours=1)
"""By so much a day of London may be longer or shorter."""
OPEN = """
SELECT w.opens_at, w.closes_at, c.state FROM cycle c
JOIN feedback_window w ON w.cycle = c.id WHERE c.id = '{}'
"""
DRAWS = """
SELECT r.organisation, count(q.id), count(m.id) FROM appraisal_record r
JOIN feedback_draw d ON d.record = r.id JOIN feedback_request q ON q.draw = d.id
LEFT JOIN feedback_mail m ON m.request = q.id AND m.about = 'invitation'
WHERE r.cycle = '{}' GROUP BY r.organisation, r.id ORDER BY 1
"""
SAID = "SELECT count(*) FROM {} t JOIN appraisal_record r ON r.id = t.record"
OBJECTIVES = "SELECT stage FROM shared_objective WHERE cycle = '{}' ORDER BY stage"
NAMES = "SELECT r.external_id FROM appraisal_record r ORDER BY r.cycle = '{}', 1"


def this_year(demo: Demo) -> str:
    return str(demo.said["this_year"]["cycle"])


def named(demo: Demo) -> dict[str, dict[str, str]]:
    return {each["seen_as"]: each for each in demo.said["this_year"]["sign_in"]}


def test_its_feedback_is_open_from_today_for_two_weeks(demo: Demo) -> None:
    begun = datetime.fromisoformat(
        json.loads((demo.data / "demo.json").read_text())["begun"]
    )
    ((opens, closes, state),) = ask(demo.data, OPEN.format(this_year(demo)))
    assert state == "open"
    assert begun - timedelta(days=1) - SUMMER < opens <= begun
    left = closes - begun
    assert timedelta(days=14) - SUMMER < left <= timedelta(days=15) + SUMMER
    assert closes.isoformat() == demo.said["this_year"]["feedback_closes"]


def test_raters_of_four_organisations_are_drawn_and_invited(demo: Demo) -> None:
    drawn = ask(demo.data, DRAWS.format(this_year(demo)))
    assert len(drawn) == 8
    assert len({organisation for organisation, _, _ in drawn}) == 4
    for _, requests, invited in drawn:
        assert requests == invited >= 5


def test_one_objective_is_agreed_and_one_waits(demo: Demo) -> None:
    stages = ask(demo.data, OBJECTIVES.format(this_year(demo)))
    assert stages == [("agreed",), ("proposed",)]


def test_nobody_has_answered_and_nothing_is_scored(demo: Demo) -> None:
    only = f" WHERE r.cycle = '{this_year(demo)}'"
    for table in ("feedback_answer", "score"):
        assert ask(demo.data, SAID.format(table) + only) == [(0,)]


def test_no_record_of_last_year_is_taken(demo: Demo) -> None:
    names = [name for (name,) in ask(demo.data, NAMES.format(this_year(demo)))]
    last, now = names[:-8], names[-8:]
    assert len(last) == demo.said["records"]
    assert {name.rpartition("-")[0] for name in now} < {*last}


def test_it_names_the_same_again(demo: Demo) -> None:
    again = json_of(demo.data, *SMALL)
    assert again["this_year"] == demo.said["this_year"]
    assert [*named(demo)] == [
        "colleague who is asked", "line manager", "HR administrator"
    ]  # fmt: skip


def test_it_prints_where_they_sign_in_and_what_they_find(demo: Demo) -> None:
    lines = joinedup(demo.data, *SMALL).stdout.splitlines()
    for each in named(demo).values():
        at = lines.index(f"  {each['name']}, {each['organisation']}, {each['seen_as']}")
        assert lines[at + 1] == f"    {each['finds']}"
        assert lines[at + 2] == f"    http://127.0.0.1:8000{line_for(each)}"


def line_for(who: dict[str, str]) -> str:
    asks = {"search": f"{who['name']} {who['organisation']}", "to": who["path"]}
    return f"/sign-in/development?{urlencode(asks)}"


def test_once_it_is_over_it_names_no_rater(demo: Demo) -> None:
    later = datetime.now().astimezone() + timedelta(days=30)
    said = json_of(demo.data, *SMALL, given={"JOINEDUP_NOW": later.isoformat()})
    people = said["this_year"]["sign_in"]
    assert people == demo.said["this_year"]["sign_in"][1:]


@pytest.fixture(scope="module")
def address(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    said = tmp_path_factory.mktemp("this_year") / "said"
    given = {"JOINEDUP_DEV_SIGN_IN": "true"}
    with serving(demo.data, said=said, given=given) as (_, address):
        yield address


def test_their_mails_are_among_the_newest(demo: Demo, address: str) -> None:
    waiting = "SELECT FROM outbox WHERE done_at IS NULL"
    until(lambda: overheard(demo.data, waiting) == [], seconds=120)
    mails = sorted((demo.data / "dev-mail").glob("*.eml"), reverse=True)[:200]
    linked = [
        mail
        for mail in mails
        if f"{address}/feedback-links/" in mail.read_text().replace("=\n", "")
    ]
    asked = sum(row[1] for row in ask(demo.data, DRAWS.format(this_year(demo))))
    assert len(linked) == asked


@asynccontextmanager
async def signed_in(address: str, who: dict[str, str]) -> AsyncIterator[Page]:
    """Sign in on a phone as somebody the demo names, by the line it gives."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS)
        )
        page = await browser.new_page(viewport={"width": PHONE, "height": 900})
        await page.goto(address + line_for(who))
        await page.get_by_role("radio").first.check()
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(lambda url: "/sign-in" not in url)
        yield page
        await browser.close()


async def forms_on(page: Page) -> list[Any]:
    links = await page.locator("main a[href^='/feedback/']").all()
    return [await link.get_attribute("href") for link in links]


@in_a_browser
async def test_the_rater_it_names_opens_a_form_and_keeps_a_draft(
    demo: Demo, address: str
) -> None:
    rater = named(demo)["colleague who is asked"]
    async with signed_in(address, rater) as page:
        forms = await forms_on(page)
        assert rater["finds"].startswith(f"{len(forms)} form")
        await page.goto(address + forms[0])
        await page.get_by_label("For how many months").fill("9")
        await page.get_by_role("button", name="Save and come back later").click()
        await page.goto(f"{address}/feedback")
        assert "Draft" in await page.locator("main").inner_text()

    other = named(demo)["line manager"]
    assert other["organisation"] != rater["organisation"]
    async with signed_in(address, other) as page:
        answer = await page.goto(address + forms[0])
        assert answer is not None
        assert answer.status == 404


@in_a_browser
async def test_the_line_manager_it_names_has_one_of_this_year_to_agree(
    demo: Demo, address: str
) -> None:
    async with signed_in(address, named(demo)["line manager"]) as page:
        await page.get_by_role("link", name="Agree “").click()
        await page.get_by_role("heading", level=1).wait_for()
        assert "/objectives/" in page.url


@in_a_browser
async def test_hr_sees_how_far_this_year_has_come(demo: Demo, address: str) -> None:
    async with signed_in(address, named(demo)["HR administrator"]) as page:
        # Other tests open cycles of their own in this data, later than the demo's.
        await page.goto(f"{address}/hr/progress?cycle={this_year(demo)}")
        year = datetime.now().astimezone().year
        said = await page.locator("main").inner_text()
        assert f"Cycle {year}" in said or f"Cycle {year - 1}" in said
        assert await page.locator("tbody tr").count() in {1, 2}
