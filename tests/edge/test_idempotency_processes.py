"""One key, two processes and a restart: done once, and answered the same for a day."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from service.db.cluster import Addresses
from tests.database import connected
from tests.edge.serving_small import GATE
from tests.edge.test_idempotency import THING, slug, things

ROOT = Path(__file__).parents[2]
PATIENCE = 30
pytestmark = pytest.mark.slow


class Instance:
    """A process that serves the small app on a socket of its own."""

    def __init__(self, dsn: str, socket: Path) -> None:
        self.dsn, self.socket = dsn, socket
        self.process: asyncio.subprocess.Process

    async def start(self) -> "Instance":
        self.socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.edge.serving_small"]
        self.process = await asyncio.create_subprocess_exec(
            *command,
            self.dsn,
            str(self.socket),
            cwd=ROOT,
            env={**os.environ},
            stdout=subprocess.DEVNULL,
        )
        async with asyncio.timeout(PATIENCE):
            while not await self._answers():
                assert self.process.returncode is None
                await asyncio.sleep(0.05)
        return self

    async def _answers(self) -> bool:
        try:
            async with self.client() as client:
                return (await client.get("/livez")).status_code == 200
        except httpx.TransportError:
            return False

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(self.socket)),
            base_url="http://test",
            headers={"x-test-user": "hr"},
            timeout=PATIENCE,
        )

    async def make(self, key: str, name: str = "a thing") -> httpx.Response:
        async with self.client() as client:
            return await client.post(
                "/v1/things",
                json={**THING, "name": name},
                headers={"Idempotency-Key": key},
            )


@pytest.fixture
async def two(
    committing: None, migrated: Addresses, tmp_path: Path
) -> AsyncIterator[tuple[Instance, Instance]]:
    one, other = (
        Instance(migrated.application, tmp_path / name) for name in ("a", "b")
    )
    try:
        yield await one.start(), await other.start()
    finally:
        await one.kill()
        await other.kill()


@asynccontextmanager
async def gate(addresses: Addresses) -> AsyncIterator[None]:
    """Keep whoever makes the thing called `held` waiting."""
    async with connected(addresses.application) as holder:
        await holder.execute("SELECT pg_advisory_lock($1)", GATE)
        yield


async def reached(addresses: Addresses) -> None:
    """Wait until somebody stands at the gate."""
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    )
    async with connected(addresses.application) as looking, asyncio.timeout(PATIENCE):
        while not await looking.fetchval(waiting):  # noqa: ASYNC110 - the database has no event
            await asyncio.sleep(0.02)


async def test_the_other_process_gives_the_stored_answer(
    two: tuple[Instance, Instance],
) -> None:
    one, other = two
    key = str(uuid4())
    first, again = await one.make(key), await other.make(key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content
    mismatch = await other.make(key, "another")
    assert (mismatch.status_code, slug(mismatch)) == (422, "idempotency-mismatch")
    assert await things() == 1


async def test_while_one_process_answers_the_other_says_so(
    two: tuple[Instance, Instance], migrated: Addresses
) -> None:
    one, other = two
    key = str(uuid4())
    async with gate(migrated):
        first = asyncio.create_task(one.make(key, "held"))
        await reached(migrated)
        second = await other.make(key, "held")
    assert (second.status_code, slug(second)) == (409, "idempotency-in-progress")
    answered, third = await first, await other.make(key, "held")
    assert (answered.status_code, third.content) == (201, answered.content)
    assert third.headers["idempotent-replayed"] == "true"
    assert await things() == 1


async def test_many_at_once_on_two_processes_do_it_once(
    two: tuple[Instance, Instance],
) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(*(each.make(key) for each in [*two] * 6))
    assert {each.status_code for each in answers} <= {201, 409}
    fresh = [
        each
        for each in answers
        if each.status_code == 201 and "idempotent-replayed" not in each.headers
    ]
    assert (len(fresh), await things()) == (1, 1)


async def test_a_restart_forgets_nothing(two: tuple[Instance, Instance]) -> None:
    one, other = two
    key = str(uuid4())
    first = await one.make(key)
    await one.kill()
    await other.kill()
    again = await (await one.start()).make(key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert await things() == 1


async def test_a_process_killed_in_the_middle_leaves_the_key_free(
    two: tuple[Instance, Instance], migrated: Addresses
) -> None:
    one, other = two
    key = str(uuid4())
    async with gate(migrated):
        first = asyncio.create_task(one.make(key, "held"))
        await reached(migrated)
        await one.kill()
        with pytest.raises(httpx.TransportError):
            await first
        assert await things() == 0
    async with asyncio.timeout(PATIENCE):  # Until the database has noticed.
        while (again := await other.make(key, "held")).status_code == 409:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)
    assert (again.status_code, await things()) == (201, 1)
    assert "idempotent-replayed" not in again.headers
