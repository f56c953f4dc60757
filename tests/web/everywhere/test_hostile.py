"""Whatever somebody writes, pages show as words: 120 payloads in every text."""

from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import count

import pytest
from playwright.async_api import Error as PlaywrightError

from service.db import DB
from service.db.cluster import Addresses
from service.web import templating
from tests.changes.feeds import a_feed
from tests.scoring import undone
from tests.sizes import SIZES
from tests.web.browser import PHONE, Site, in_a_browser, site, too_wide
from tests.web.everywhere.conftest import Hung, a_world
from tests.web.everywhere.gallery import NO_PAGE, ROOMS, Visit, gallery
from tests.web.everywhere.hostile import LONG, write_straight
from tests.web.everywhere.looking import looking
from tests.web.everywhere.payloads import filling, payloads
from tests.web.everywhere.reading import forms, read
from tests.web.everywhere.showing import showing
from tests.web.everywhere.unharmed import harm

pytestmark = pytest.mark.slow
UNTYPED = dict.fromkeys(map(ord, "\u202e\u200b\u2028"))
"""What forms refuse already; tables get it all the same."""


@pytest.fixture(scope="module")
async def attacked(
    hung: Hung, addresses: Addresses, patch: pytest.MonkeyPatch
) -> AsyncIterator[Hung]:
    """The gallery again, in a database where everybody attacks."""
    kept = DB.config["dsn"]
    turn = count()
    async with a_feed(addresses) as there:
        await DB.close()
        await DB.open(there.application, size=4)
        try:

            def attack(_: str, longest: int) -> str:
                return filling(longest, next(turn)).translate(UNTYPED)

            world = await a_world(hung.app, patch, attack)
            await write_straight(there.owner)
            yield Hung(hung.app, world, gallery(world), there)
        finally:
            await DB.close()
            await DB.open(kept, size=4)


@pytest.fixture
async def db(attacked: Hung) -> AsyncIterator[None]:
    async with undone():
        yield


def pages(hung: Hung) -> list[Visit]:
    return [
        each for each in hung.visits if not each.leads and each.route not in NO_PAGE
    ]


def test_there_are_so_many() -> None:
    assert len({*payloads()}) == 120
    assert all(each in filling(LONG, 7) for each in payloads())


async def harmed(hung: Hung) -> tuple[list[tuple[str, list[str]]], int]:
    """The pages with something on them that runs, and on how many words stand."""
    wrong, shown = [], 0
    for visit in pages(hung):
        async with looking(hung.app, hung.world, visit) as visitor:
            answer = await visitor.get(visit.path)
        page = read(answer.text)
        shown += "xss" in " ".join(page.of("main"))
        found = harm(page)
        if answer.status_code != 200:
            found.append(f"answered {answer.status_code}")
        if found:
            wrong.append((visit.route, found))
    return wrong, shown


async def test_words_stay_words_on_every_page(attacked: Hung, db: None) -> None:
    wrong, shown = await harmed(attacked)
    assert wrong == []
    assert shown > 60


async def test_what_a_form_gives_back_is_words_too(attacked: Hung, db: None) -> None:
    wrong, given_back = [], 0
    for turn, visit in enumerate(pages(attacked)):
        async with looking(attacked.app, attacked.world, visit) as visitor:
            drawn = read((await visitor.get(visit.path)).text)
            for form in forms(drawn):
                words = {name: filling(3000, turn) for name in form.words}
                answer = await visitor.client.post(
                    form.action or visit.path, data={**form.hidden, **words}
                )
                page = read(answer.text)
                given_back += answer.status_code == 422 and "xss" in answer.text
                if answer.status_code != 303 and (found := harm(page)):
                    wrong.append((visit.route, answer.status_code, found))
    assert wrong == []
    assert given_back > 25


@pytest.mark.timeout(900)
async def test_in_each_turn_short_fields_hold_others(attacked: Hung) -> None:
    for turn in range(1, 1 + SIZES.hostile_turns):
        await write_straight(attacked.database.owner, turn * 7)
        async with undone():
            wrong, _ = await harmed(attacked)
        assert wrong == [], turn


@pytest.mark.timeout(900)  # Two cores may be shared by others.
@in_a_browser
@pytest.mark.parametrize("room", ROOMS)
async def test_a_browser_runs_nothing_of_it(
    attacked: Hung, served: Site, room: str
) -> None:
    wide = []
    for visit in ROOMS[room](attacked.world):
        if visit.leads or visit.route in NO_PAGE:
            continue
        async with showing(served, attacked.world, visit, width=PHONE) as page:
            drawn = await page.content()
            assert await page.evaluate("window.xss") is None, visit
            if found := await too_wide(page):
                wide.append((visit.path, visit.who, found))
        assert harm(read(drawn)) == [], visit
        assert served.seen.quiet, (visit, served.seen)
    assert wide == []


@pytest.fixture
def unescaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates as if every word in them were marked safe."""
    made = templating.environment.__wrapped__()
    made.autoescape = False
    monkeypatch.setattr(templating, "environment", lambda: made)


async def test_a_page_that_does_not_escape_is_found(
    attacked: Hung, db: None, unescaped: None
) -> None:
    wrong, _ = await harmed(attacked)
    assert len(wrong) > 60


@in_a_browser
async def test_a_browser_complains_of_it(
    attacked: Hung, db: None, unescaped: None
) -> None:
    (visit, *_) = [each for each in attacked.visits if each.route == "/people"]
    async with site() as opened:
        with suppress(PlaywrightError):  # The page may lead away at once.
            async with showing(opened, attacked.world, visit):
                pass
        assert not opened.seen.quiet
