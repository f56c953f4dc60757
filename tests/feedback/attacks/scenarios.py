"""Lives of one cycle, drawn at random: which raters do what, when and in what order."""

import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
from litestar import Litestar

from service.db import transaction
from service.feedback.form.items import BEHAVIOURS, EXTREMES
from service.feedback.inviting.queueing import CODE
from service.feedback.inviting.tokens import token_of
from service.jobs.worker import deliver_next
from tests.factories import FEEDBACK_OPEN
from tests.feedback.inviting import linked
from tests.feedback.inviting.mailed import text, ways
from tests.feedback.over_http import FORM, Callers
from tests.jobs.catcher import Catcher
from tests.scoring import Scene
from tests.web.visiting import Visitor, visiting

MAY_ACT = ("dwp1", "dwp2", "moj1", "moj2", "dft2", "hmt6", "more1", "more4", "more7")
"""Whoever may: all others look on."""
WHAT = ("list", "open", "save", "submit", "hints", "decline")
OFTEN = (2, 3, 5, 6, 2, 1)
BY_LINK = 1 / 3
"""Of the acts: through the link that was mailed, with its code."""
ON_PAGES = 1 / 2
"""Of the acts: in a browser, by the link or signed in."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DAYS = 18
"""Of the window in which anybody acts."""
VERSION = re.compile(r'name="version" value="(\d+)"')
REQUESTS = """
SELECT w.request, w.rater, r.person AS subject FROM feedback_rater w
JOIN appraisal_record r ON r.id = w.record ORDER BY w.rater, r.person
"""


@dataclass(frozen=True)
class Act:
    """Something that one rater does with a request of their own."""

    rater: str
    request: UUID
    what: str
    at: datetime
    level: int
    """Of the answers, if any."""
    by_link: bool = False
    on_pages: bool = False


@dataclass
class Links:
    """Where the links lead that raters were mailed, and the codes they are mailed."""

    paths: Mapping[UUID, str]
    catcher: Catcher
    browsers: Mapping[str, Visitor]
    """Of those who act, who have signed in; that of "" has not."""
    opened: int = 0
    """How often somebody came in by one."""


Acted = Callable[[Act], Awaitable[None]]
Clock = Callable[[datetime], None]


async def requests_of(scene: Scene) -> list[tuple[str, UUID, str]]:
    """Everybody's requests: rater, request and subject."""
    async with transaction() as connection:
        rows = await connection.fetch(REQUESTS)
    found = (
        (scene.name_of(row["rater"]), row["request"], scene.name_of(row["subject"]))
        for row in rows
    )
    return sorted(found, key=lambda each: (each[0], each[2]))


def a_scenario(seed: str, requests: list[tuple[str, UUID, str]]) -> list[Act]:
    """Acts on a few requests, in any order, at any time before the window closes."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    able = [(rater, request) for rater, request, _ in requests if rater in MAY_ACT]
    # Mostly about those who are looked at: subjects that look on themselves.
    near = [(rater, request) for rater, request, about in requests
            if rater in MAY_ACT and about in {"hmt1", "wide"}]  # fmt: skip
    chosen = chance.sample(near, chance.randint(1, 6))
    chosen += chance.sample(able, chance.randint(0, 3))
    acts = [
        Act(
            rater,
            request,
            what,
            _instant(chance),
            chance.randint(1, 5),
            by_link=chance.random() < BY_LINK,
            on_pages=chance.random() < ON_PAGES,
        )
        for rater, request in chosen
        for what in chance.choices(WHAT, OFTEN, k=chance.randint(1, 4))
    ]
    return sorted(acts, key=lambda act: act.at)


def _instant(chance: random.Random) -> datetime:
    return FEEDBACK_OPEN + timedelta(seconds=chance.randrange(DAYS * 86_400))


@asynccontextmanager
async def links_of(
    catcher: Catcher, scene: Scene, app: Litestar
) -> AsyncIterator[Links]:
    """The links of all who were invited when nobody could sign in, and browsers."""
    async with transaction() as connection:
        rows = await connection.fetch("SELECT request, salt FROM feedback_link")
    paths = {row["request"]: f"/feedback-links/{token_of(row['salt'])}" for row in rows}
    async with AsyncExitStack() as browsers:
        opened = {"": await browsers.enter_async_context(visiting(None, app=app))}
        for name in MAY_ACT:
            at = scene.records[name].organisation
            one = visiting(scene.people[name], at, app=app)
            opened[name] = await browsers.enter_async_context(one)
        yield Links(paths, catcher, opened)


async def live(
    acts: list[Act],
    callers: Callers,
    links: Links,
    clock: Clock,
    acted: Acted | None = None,
) -> None:
    """Have raters act, each at its time; `acted` hears of whatever was submitted."""
    for browser in links.browsers.values():
        browser._seen_at = LONG_AGO  # A life that was undone has set it.
    for act in acts:
        clock(act.at)
        if act.on_pages:
            done = await do_on_pages(act, links)
        else:
            done = await (do_by_link(act, callers, links) if act.by_link
                          else do(act, callers))  # fmt: skip
        assert done.status_code < 500, done.text
        sent = str(done.headers.get("location", "")).endswith("/sent")
        if acted and act.what == "submit" and (sent or done.status_code == 204):
            await acted(act)


async def do(act: Act, callers: Callers) -> httpx.Response:
    """What does not fit where a request stands is refused, as in life."""
    path = f"/v1/feedback-requests/{act.request}"
    if act.what == "list":
        return await callers.get(act.rater, "/v1/feedback-requests")
    if act.what == "open":
        return await callers.get(act.rater, path)
    if act.what == "hints":
        return await callers.get(act.rater, f"{path}/response/hints")
    if act.what == "decline":
        body = {"reason": "We met once."}
        return await callers.ask(act.rater, "POST", f"{path}/decline", body)
    saved = await callers.get(act.rater, f"{path}/response")
    tag = {"if_match": saved.headers.get("etag", '"0"')}
    if act.what == "save":
        to = f"{path}/response"
        return await callers.ask(act.rater, "PUT", to, form(act.level), **tag)
    return await callers.ask(act.rater, "POST", f"{path}/response/submission", **tag)


async def do_by_link(act: Act, callers: Callers, links: Links) -> httpx.Response:
    """The same by the link, where every step but a look takes a code."""
    client, path = callers.client, f"/v1{links.paths[act.request]}"
    if act.what == "list":
        return await client.get(path)
    asked = await client.post(f"{path}/codes")
    if asked.status_code != 204:
        return asked
    code = await mailed_code(act, links.catcher)
    came = await client.post(f"{path}/sessions", json={"code": code})
    assert came.status_code == 200, came.text
    links.opened += 1
    session = {"Feedback-Session": came.json()["session"]}
    saved = await client.get(f"{path}/response", headers=session)
    method, more, body = {
        "open": ("POST", "/openings", None),
        "hints": ("GET", "/response/hints", None),
        "save": ("PUT", "/response", form(act.level)),
        "submit": ("POST", "/submission", None),
        "decline": ("POST", "/decline", {"reason": "We met once."}),
    }[act.what]
    tag = {"If-Match": saved.headers.get("etag", '"0"')}
    return await client.request(
        method, path + more, json=body, headers={**session, **tag}
    )


async def do_on_pages(act: Act, links: Links) -> httpx.Response:
    """The same in a browser, which the form's version and token come from."""
    browser, path = links.browsers[act.rater], f"/feedback/{act.request}"
    at_form = path
    if act.by_link:
        browser, path = links.browsers[""], links.paths[act.request]
        at_form = f"{path}/form"
    if act.what == "list":
        return await browser.get(path if act.by_link else "/feedback")
    if act.by_link:
        came = await come_in(act, browser, path, links)
        if came.status_code != 303:
            return came
    if act.what == "hints":
        return await browser.get(f"{path}/check")
    if act.what == "decline":
        return await browser.post(f"{path}/decline", {"reason": "We met once."})
    page = await browser.get(at_form)
    if act.what == "open" or page.status_code != 200:
        return page
    fields = {**page_form(act.level), "version": version_in(page)}
    action = "save" if act.what == "save" else "send"
    return await browser.post(at_form, {**fields, "action": action})


async def come_in(
    act: Act, browser: Visitor, path: str, links: Links
) -> httpx.Response:
    """Ask for a code and type it."""
    asked = await browser.post(f"{path}/codes")
    if asked.status_code != 303:
        return asked
    code = await mailed_code(act, links.catcher)
    came = await browser.post(f"{path}/code", {"code": code})
    assert came.status_code == 303, came.text
    links.opened += 1
    return came


async def mailed_code(act: Act, catcher: Catcher) -> str:
    """Have the code alone delivered, to whom it is for."""
    only = {CODE: ways(catcher)[CODE]}
    assert await deliver_next(only, lambda: act.at, lambda: 0.5)
    (code,) = linked.CODE.findall(text(catcher.mails[-1]))
    return str(code)


def form(level: int, **more: object) -> dict[str, object]:
    """A whole form with one answer to everything."""
    says = "They sent us the draft in May."
    examples = dict.fromkeys(BEHAVIOURS, says) if level in EXTREMES else {}
    answers = dict.fromkeys(BEHAVIOURS, level)
    return {**FORM, "answers": answers, "examples": examples, **more}


def page_form(level: int) -> dict[str, str]:
    """The same, as a browser sends it."""
    answers = dict.fromkeys(BEHAVIOURS, str(level))
    said = "They sent us the draft in May." if level in EXTREMES else ""
    examples = {f"{item}_example": said for item in BEHAVIOURS}
    contact = {"months": "9", "frequency": "most_weeks", "basis": "general"}
    return {**answers, **examples, **contact, "looked": "true"}


def version_in(page: httpx.Response) -> str:
    """The draft that a form was drawn from; of a request that is over, none."""
    found = VERSION.search(page.text)
    return found[1] if found else "0"
