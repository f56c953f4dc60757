"""A rater who cannot sign in: a phone, a mailbox and a link."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx

from tests.factories import FEEDBACK_OPEN
from tests.feedback.inviting import linked
from tests.feedback.inviting.mailed import deliver, text
from tests.jobs.catcher import Catcher
from tests.web.feedback.rating import led_to, words
from tests.web.visiting import Visitor

HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', re.DOTALL)


@dataclass
class Linked:
    """moj1 on a phone, with nothing but their mailbox; they are asked about hmt1."""

    visitor: Visitor
    catcher: Catcher
    request: UUID
    path: str
    turn_clock: Callable[[datetime], None]
    now: datetime = FEEDBACK_OPEN

    def at(self, now: datetime) -> None:
        self.now = now
        self.turn_clock(now)

    async def get(self, step: str = "") -> httpx.Response:
        return await self.visitor.get(self.path + step)

    async def send(self, step: str, **fields: str) -> httpx.Response:
        return await self.visitor.post(self.path + step, fields)

    async def mailed_code(self) -> str:
        """Read the code that was asked for."""
        (mail,) = await deliver(self.catcher, self.now)
        (code,) = linked.CODE.findall(text(mail))
        return str(code)

    async def come_in(self) -> None:
        assert led_to(await self.send("/codes")) == f"{self.path}/code"
        code = await self.mailed_code()
        assert led_to(await self.send("/code", code=code)) == f"{self.path}/form"


def drawn(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """A page without what names its request and guards its forms."""
    own = {"x-request-id", "content-length", "set-cookie"}
    headers = [each for each in answer.headers.multi_items() if each[0] not in own]
    return answer.status_code, words(answer.text), headers


def hidden(answer: httpx.Response) -> dict[str, str]:
    """What the first form of a page carries with it."""
    first = answer.text.split("</form>")[0].rpartition("<form")[2]
    found = HIDDEN.findall(first)
    return {name: html.unescape(value) for name, value in found if name != "_csrf"}
