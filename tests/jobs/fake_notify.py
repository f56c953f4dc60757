"""GOV.UK Notify, as a server on loopback that reads the token as Notify does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import AnyHttpUrl, SecretStr

from service.settings import Settings
from tests.jobs.waiting import NOW

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"  # noqa: S105 - made up
KEY = f"our-own-key-{SERVICE}-{SECRET}"
TEMPLATE = UUID("f33517ff-2a88-4f6e-b855-c550268ce08a")
HALF_A_MINUTE = 30
"""How far from its own clock Notify lets a token's be."""


class Fake:
    """What was asked; `status` is answered to whoever signs as the service."""

    def __init__(self) -> None:
        self.address = ""
        self.status = 201
        self.asked: list[dict[str, Any]] = []
        self.raw = b""
        self.returned: list[list[dict[str, Any]]] = []
        """What came back, by the page."""
        self.looked: list[str] = []

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        pairs = (line.partition(": ") for line in lines if line)
        headers = {name.lower(): value for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.raw += head + body
        status = 404
        if first == "POST /v2/notifications/email HTTP/1.1":
            status = self.status if _is_signed(headers["authorization"]) else 403
        said = b'{"errors": [{"message": "canary"}]}'
        if status == 201:
            self.asked.append(json.loads(body))
        if first.startswith("GET /v2/notifications?"):
            status = self.status if _is_signed(headers["authorization"]) else 403
            said = self._page(first.split()[1]) if status == 200 else said
        answer = f"HTTP/1.1 {status} X\r\ncontent-length: {len(said)}\r\n\r\n"
        writer.write(answer.encode() + said)
        await writer.drain()
        writer.close()

    def _page(self, path: str) -> bytes:
        self.looked.append(path)
        pages = [*self.returned, []]
        return json.dumps({"notifications": pages[len(self.looked) - 1]}).encode()


def _is_signed(authorization: str) -> bool:
    scheme, _, token = authorization.partition(" ")
    try:
        found = jwt.decode(token, OctKey.import_key(SECRET), algorithms=["HS256"])
    except JoseError:
        return False
    claims = found.claims
    near = abs(claims["iat"] - NOW.timestamp()) <= HALF_A_MINUTE
    return scheme == "Bearer" and claims["iss"] == SERVICE and near


@asynccontextmanager
async def faking() -> AsyncIterator[Fake]:
    """Listen on a free port of loopback."""
    fake = Fake()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield fake
    finally:
        server.close()
        await server.wait_closed()


def chosen_with(address: str) -> Settings:
    """The settings by which mails go by this server."""
    return Settings(
        notify_api_key=SecretStr(KEY),
        notify_template=TEMPLATE,
        notify_url=AnyHttpUrl(address),
    )
