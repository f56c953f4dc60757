"""The reference connector, over the app in this event loop."""

import sqlite3
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import anyio.from_thread
import anyio.to_thread
import httpx

from openapi.examples.connector import Answer, Copy
from service.db import transaction

NUMBERED_AT_ONCE = "SET CONSTRAINTS change_log_numbered IMMEDIATE"
STREAMS = ("scores", "records", "objectives", "people")


async def said(sql: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever it gives
    """Run a statement as the test; return what it gives first."""
    async with transaction() as connection:
        return await connection.fetchval(sql, *arguments)


class Follower:
    """Somebody's copies of streams, each kept by the reference connector."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        headers: Mapping[str, str],
        streams: Sequence[str] = STREAMS,
        limit: int | None = None,
    ) -> None:
        self.client = client
        self.headers = dict(headers)
        self.limit = limit
        # The connector blocks, and so runs in a thread of its own.
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.copies = {
            stream: Copy(self.database, stream, self.get) for stream in streams
        }
        self.asked: list[str] = []

    def get(self, address: str) -> Answer:
        self.asked.append(address)
        limited = "limit=" in address or "digest" in address
        if self.limit is not None and not limited:
            address += f"&limit={self.limit}"
        answer = anyio.from_thread.run(
            partial(self.client.get, address, headers=self.headers)
        )
        return answer.status_code, answer.json()

    async def follow(self, stream: str, pages: int | None = None) -> int:
        return await anyio.to_thread.run_sync(self.copies[stream].follow, pages)

    async def is_equal(self, stream: str) -> bool | None:
        return await anyio.to_thread.run_sync(self.copies[stream].is_equal)

    def held(self, stream: str) -> list[tuple[Any, ...]]:
        """All that the copy of a stream holds."""
        kind = {"people": "person"}.get(stream, stream.removesuffix("s"))
        return self.database.execute(
            "SELECT organisation, type, id, version, data FROM thing WHERE type = ?"
            " ORDER BY organisation, id",
            (kind,),
        ).fetchall()


async def pulled(
    client: httpx.AsyncClient, headers: Mapping[str, str], stream: str
) -> list[tuple[Any, ...]]:
    """All that a full pull gives now, as a new copy holds it."""
    fresh = Follower(client, headers, [stream])
    await fresh.follow(stream)
    return fresh.held(stream)


async def items_of(
    client: httpx.AsyncClient, headers: Mapping[str, str], address: str
) -> tuple[list[dict[str, Any]], str]:
    """The items from an address on to the end, and where it goes on from there."""
    items: list[dict[str, Any]] = []
    while True:
        answer = await client.get(address, headers=dict(headers))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if page["next"] is None:
            return items, page["delta"]
        assert page["delta"] is None
        address = page["next"]


async def begun(
    client: httpx.AsyncClient, headers: Mapping[str, str], stream: str
) -> str:
    """Pull in full; return where to go on."""
    return (await items_of(client, headers, f"/v1/changes?stream={stream}"))[1]
