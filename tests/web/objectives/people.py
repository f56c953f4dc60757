"""Browsers of everybody who has to do with an objective, and of who has not."""

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from html import unescape
from uuid import UUID

import httpx

from tests.objectives.asking import an_administrator
from tests.objectives.joint import Joint
from tests.web.visiting import Visitor, visiting

PARTIES = ("subject", "manager", "partner", "partner manager", "administrator")
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
TAGS = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", re.DOTALL)


@dataclass
class Browsers:
    """Opens a browser for somebody, by what they are in the objective."""

    joint: Joint
    stack: AsyncExitStack

    async def of(self, who: str) -> Visitor:
        """Give the browser of a party, or of a `stranger`."""
        return await self.person(*await self._named(who))

    async def person(self, person: UUID, code: str) -> Visitor:
        return await self.stack.enter_async_context(visiting(person, code))

    async def _named(self, who: str) -> tuple[UUID, str]:
        joint = self.joint
        if who == "administrator":
            return await an_administrator(joint.hmt), "hmt"
        return {
            "subject": (joint.subject, "hmt"),
            "manager": (joint.hmt.head, "hmt"),
            "partner": (joint.partner, "dft"),
            "partner manager": (joint.dft.head, "dft"),
            "colleague": (joint.hmt.people[1], "hmt"),
            "stranger": (joint.moj.head, "moj"),
        }[who]


def words(answer: httpx.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(TAGS.sub(" ", answer.text)).split())


def hidden(answer: httpx.Response) -> dict[str, str]:
    """The fields of a page's form that nobody sees, but for its token."""
    found = HIDDEN.findall(answer.text)
    return {name: unescape(value) for name, value in found if name != "_csrf"}


def went_to(answer: httpx.Response, path: str) -> None:
    """The form was taken, and leads to another page."""
    assert answer.status_code == 303, words(answer)
    assert answer.headers["location"] == path


def refused(answer: httpx.Response, *sentences: str) -> None:
    """The form came back with these sentences, and says so in its title."""
    assert answer.status_code == 422, words(answer)
    assert "<title" in answer.text
    assert "Error: " in answer.text.partition("</title>")[0]
    for sentence in sentences:
        assert sentence in words(answer), words(answer)
