"""A rater who cannot sign in, with nothing but their mailbox."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import httpx

from service.db import transaction
from tests.factories import FEEDBACK_OPEN
from tests.feedback.inviting.mailed import deliver, text
from tests.feedback.stored import request_of
from tests.jobs.catcher import Catcher
from tests.scoring import Scene

LINK = re.compile(r"https://joinedup\.example(/feedback-links/\S+)")
CODE = re.compile(r"Your code: (\d{6})\r?\n")
KEEP = """
DELETE FROM outbox WHERE dedupe_key NOT IN (
    SELECT id::text FROM feedback_mail WHERE request = $1)
"""


@dataclass
class Linked:
    """moj1, who is asked about hmt1 and whose organisation has no provider."""

    client: httpx.AsyncClient
    catcher: Catcher
    turn_clock: Callable[[datetime], None]
    request: UUID
    path: str = ""
    now: datetime = FEEDBACK_OPEN
    headers: dict[str, str] = field(default_factory=dict)

    def at(self, now: datetime) -> None:
        self.now = now
        self.turn_clock(now)

    async def ask(
        self, method: str, more: str = "", json: object = None, **headers: str
    ) -> httpx.Response:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.client.request(
            method, self.path + more, json=json, headers=self.headers | named
        )

    async def mailed_code(self) -> str:
        """Have a code mailed, and read it."""
        answer = await self.ask("POST", "/codes")
        assert answer.status_code == 204, answer.text
        (mail,) = await deliver(self.catcher, self.now)
        (code,) = CODE.findall(text(mail))
        return str(code)

    async def type_code(self, code: str) -> httpx.Response:
        return await self.ask("POST", "/sessions", {"code": code})

    async def come_in(self) -> None:
        """Type a code, and send from now on what it was answered with."""
        answer = await self.type_code(await self.mailed_code())
        assert answer.status_code == 200, answer.text
        self.headers["Feedback-Session"] = answer.json()["session"]


async def a_linked(
    scene: Scene,
    client: httpx.AsyncClient,
    catcher: Catcher,
    turn_clock: Callable[[datetime], None],
) -> Linked:
    """Have the invitation mailed, and take the link from it."""
    request = await request_of(scene, "moj1", "hmt1")
    async with transaction() as connection:
        await connection.execute(KEEP, request)
    (mail,) = await deliver(catcher, FEEDBACK_OPEN)
    path = "/v1" + str(LINK.findall(text(mail))[0])
    return Linked(client, catcher, turn_clock, request, path)
