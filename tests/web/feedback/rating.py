"""A rater with a browser, and what they fill in."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx
from litestar import Litestar

from service.feedback.form.items import BEHAVIOURS
from tests.feedback.stored import request_of
from tests.scoring import Scene
from tests.web.visiting import Visitor, visiting

WHOLE: Mapping[str, str] = {
    **dict.fromkeys(BEHAVIOURS, "3"),
    "shares_early": "4",
    "trades_off": "not_observed",
    "credits": "5",
    "credits_example": "All three departments stood in the note.",
    "keep_doing": "Keep writing the weekly note.",
    "months": "9",
    "frequency": "most_weeks",
    "basis": "general",
    "version": "0",
    "action": "send",
}
"""A form as a browser sends it; nothing in it tells who wrote it."""
SENT = {
    **dict.fromkeys(BEHAVIOURS, 3),
    "shares_early": 4,
    "trades_off": None,
    "credits": 5,
}
"""The same as it is stored."""
HINTED = {"keep_doing": "As on 3 March in Leeds, keep writing notes."}
"""Words that may tell who wrote them."""
SUMMARY = re.compile(r'govuk-error-summary__list">(.*?)</ul>', re.DOTALL)
TAGS = re.compile(r"<[^>]*>")
VERSION = re.compile(r'name="version" value="(\d+)"')
CHECKED = re.compile(r'name="(\w+)" type="radio" value="([\w-]+)" checked')
BOX = re.compile(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>')


@dataclass
class Rating:
    """Somebody's browser, at one request."""

    visitor: Visitor
    request: UUID
    path: str

    async def get(self, step: str = "") -> httpx.Response:
        return await self.visitor.get(self.path + step)

    async def send(self, step: str = "", **fields: str) -> httpx.Response:
        return await self.visitor.post(self.path + step, fields)

    async def fill_in(self, **changes: str) -> httpx.Response:
        """Send a whole form, with changes; what is empty is as a browser sends it."""
        return await self.visitor.post(self.path, {**WHOLE, **changes})


@asynccontextmanager
async def a_rating(
    scene: Scene, app: Litestar, rater: str = "dwp1", subject: str = "hmt1"
) -> AsyncIterator[Rating]:
    request = await request_of(scene, rater, subject)
    organisation = scene.records[rater].organisation
    async with visiting(scene.people[rater], organisation, app=app) as visitor:
        yield Rating(visitor, request, f"/feedback/{request}")


def led_to(answer: httpx.Response) -> str:
    """Where a form that was taken leads."""
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def summary(answer: httpx.Response) -> list[str]:
    """The sentences of the error summary, in its order."""
    (listed,) = SUMMARY.findall(answer.text)
    return [words(each) for each in listed.split("</li>") if words(each)]


def words(text: str) -> str:
    return html.unescape(" ".join(TAGS.sub(" ", text).split()))


def version_in(answer: httpx.Response) -> str:
    (version,) = VERSION.findall(answer.text)
    return str(version)


def filled_in(answer: httpx.Response) -> dict[str, str]:
    """What a form shows as filled in."""
    boxes = {name: html.unescape(text) for name, text in BOX.findall(answer.text)}
    shown = {**dict(CHECKED.findall(answer.text)), **boxes}
    if months := re.search(r'name="months"[^>]* value="([^"]*)"', answer.text):
        shown["months"] = html.unescape(months[1])
    return {name: value for name, value in shown.items() if value}
