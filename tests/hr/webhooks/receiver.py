"""An HR system's address on loopback: it answers, hangs, refuses or drops as told.

It checks every signature with the `standardwebhooks` package, at the instant that the
event says: the tests' clocks move.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any
from unittest.mock import patch

from standardwebhooks import Webhook

CHALLENGE = "joinedup.webhook.challenge"
Answer = tuple[int, dict[str, str]] | str
"""A status and headers; or `drop` or `hang`."""
TAKEN: Answer = (204, {})


@dataclass(frozen=True)
class Got:
    """One request that arrived, verified."""

    id: str
    event: dict[str, Any]
    headers: dict[str, str]
    body: bytes
    answer: Answer

    @property
    def taken(self) -> bool:
        return not isinstance(self.answer, str) and self.answer[0] // 100 == 2

    @property
    def sequence(self) -> int:
        sequence: int = self.event["data"]["sequence"]
        return sequence


@dataclass
class Receiver:
    """Takes events; `answer` says how, and may look at what came."""

    port: int = 0
    secret: str = ""
    answer: Callable[[dict[str, Any]], Answer] = lambda _: TAKEN
    proof: Callable[[str, str], bytes] = lambda challenge, secret: json.dumps(
        {"proof": hashlib.sha256(f"{challenge}.{secret}".encode()).hexdigest()}
    ).encode()
    challenges: list[str] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/joined-up?from=us"

    @property
    def taken(self) -> list[Got]:
        return [each for each in self.got if each.taken]

    async def met(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        pairs = (line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        event = self.verified(body, headers)
        if event["type"] == CHALLENGE:
            challenge = event["data"]["challenge"]
            self.challenges.append(challenge)
            said = self.proof(challenge, self.secret)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said))
            writer.write(said)
            await writer.drain()
            return
        answer = self.answer(event)
        self.got.append(Got(headers["webhook-id"], event, headers, body, answer))
        if answer == "hang":
            await reader.read()  # Until the other side has had enough.
        if isinstance(answer, str):
            return
        status, more = answer
        lines = [f"HTTP/1.1 {status} Said", "Content-Length: 0"]
        lines += [f"{name}: {value}" for name, value in more.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await writer.drain()

    def verified(self, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """The event, if its signature holds; a challenge may come before the secret."""
        event: dict[str, Any] = json.loads(body)
        if self.secret or event["type"] != CHALLENGE:
            stamped = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
            with at_the_time(stamped):
                Webhook(self.secret).verify(body, headers)
        return event


@contextmanager
def at_the_time(moment: datetime) -> Iterator[None]:
    """Have `standardwebhooks`, which refuses what is five minutes old, go by this."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Stopped":
            return cls.fromtimestamp(moment.timestamp(), tz)

    with patch("standardwebhooks.webhooks.datetime", Stopped):
        yield


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    found = Receiver()
    server = await asyncio.start_server(found.met, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()
