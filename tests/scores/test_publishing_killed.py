"""kill -9 of whoever publishes, at any moment: nothing is lost, doubled or halved."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from service.db import DB
from service.db.cluster import Addresses
from service.scores.actions import compute
from tests.changes.feeds import a_feed
from tests.database import connected
from tests.factories import CLOSED, OPERATOR, RELEASED
from tests.scoring import EXPECTED, KEY, SIZES, an_answered_cycle

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 3
BATCHES = -(-len(EXPECTED) // AT_ONCE)
PUBLISHING = """
import asyncio, sys
from datetime import datetime
from uuid import UUID
from service.auth.caller import Operator
from service.db import DB
from service.db.reach import EVERYONE, within_reach
from service.scores.publishing import publish

def hears(step, done, total):
    print(done, flush=True)

async def main(dsn, cycle, key, now, at_once):
    with within_reach(EVERYONE):
        await DB.open(dsn, size=2)
        print("open", flush=True)
        await publish(
            UUID(cycle), key=bytes.fromhex(key), caller=Operator("tests"),
            now=datetime.fromisoformat(now), at_once=int(at_once), progress=hears,
        )

asyncio.run(main(*sys.argv[1:]))
"""
SCORES = """
SELECT organisation, id, version, published_at IS NOT NULL AS published FROM score
"""
FEED = """
SELECT organisation, sequence, type, entity, version, xmin::text AS written
FROM change_log WHERE stream = 'scores' ORDER BY organisation, sequence
"""
STATE = """
SELECT c.state, w.released_at, (SELECT count(*) FROM feedback_result) AS results
FROM cycle c JOIN feedback_window w ON w.cycle = c.id
"""
WAITING = """
SELECT count(*) > 0 FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
ALONE = """
SELECT count(*) = 0 FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'
"""


@dataclass(frozen=True, slots=True)
class There:
    """A database of its own with one computed cycle."""

    owner: str
    application: str
    cycle: UUID


@pytest.fixture(scope="module")
async def prepared(addresses: Addresses, opened: None) -> AsyncIterator[There]:
    """Computed and committed; nobody is connected to it any more."""
    kept = DB.config["dsn"]
    async with a_feed(addresses) as feed:
        await DB.close()
        await DB.open(feed.application, size=4)
        try:
            cycle = (await an_answered_cycle()).cycle
            await compute(cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
        finally:
            await DB.close()
            await DB.open(kept, size=4)
        yield There(feed.owner, feed.application, cycle)


@pytest.fixture
async def there(addresses: Addresses, prepared: There) -> AsyncIterator[There]:
    """A copy of it."""
    like = prepared.owner.partition("@/")[2].partition("?")[0]
    name = f"killed_{uuid4().hex[:12]}"
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        yield There(
            prepared.owner.replace(f"@/{like}", f"@/{name}"),
            prepared.application.replace(f"@/{like}", f"@/{name}"),
            prepared.cycle,
        )
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def publishing(there: There) -> Iterator[subprocess.Popen[str]]:
    """Publish in a process of its own, which is gone in the end."""
    arguments = (
        there.application,
        there.cycle,
        KEY.hex(),
        RELEASED.isoformat(),
        AT_ONCE,
    )
    with subprocess.Popen(
        [sys.executable, "-c", PUBLISHING, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def hear(process: subprocess.Popen[str], line: str) -> None:
    """Wait until the process says so; fail with its own words if it ends before."""
    assert process.stdout is not None
    for said in process.stdout:
        if said.strip() == line:
            return
    assert process.stderr is not None
    pytest.fail(process.stderr.read())


def strike(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def finish(there: There) -> None:
    with publishing(there) as process:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said


async def look(there: There) -> tuple[list[Any], list[Any], Any]:
    async with connected(there.owner) as connection:
        return (
            await connection.fetch(SCORES),
            await connection.fetch(FEED),
            await connection.fetchrow(STATE),
        )


async def check(there: There, *, over: bool) -> int:
    """Hold what must be so at every moment; return how many rows have appeared."""
    scores, feed, stands = await look(there)
    told = Counter(
        (row["organisation"], row["entity"], row["version"])
        for row in feed
        if row["type"] == "score"
    )
    appeared = Counter(
        (row["organisation"], row["id"], row["version"])
        for row in scores
        if row["published"]
    )
    assert len(scores) == len(EXPECTED)
    assert told == appeared
    assert all(count == 1 for count in told.values())
    closed = [row["organisation"] for row in feed if row["type"] == "published"]
    assert sorted(closed) == (sorted(SIZES) if over else [])
    for code in SIZES:
        given = [row["sequence"] for row in feed if row["organisation"] == code]
        assert given == [*range(1, len(given) + 1)]
    batches = Counter(row["written"] for row in feed if row["type"] == "score")
    assert all(count <= AT_ONCE for count in batches.values())
    begun = over or bool(appeared) or stands["state"] == "publishing"
    assert (stands["released_at"] is not None) == begun
    # Feedback as it was released the first time, and no second time.
    assert stands["results"] == (len(EXPECTED) - 4 if begun else 0)
    assert stands["state"] == (
        "published" if over else "publishing" if begun else "open"
    )
    return len(appeared)


@pytest.mark.parametrize("batch", range(1, BATCHES + 1))
async def test_killed_after_a_batch_it_goes_on_with_the_next(
    there: There, batch: int
) -> None:
    done = min(batch * AT_ONCE, len(EXPECTED))
    with publishing(there) as process:
        hear(process, str(done))
        strike(process)
    _, _, stands = await look(there)
    over = stands["state"] == "published"  # The last batch may just have been closed.
    assert await check(there, over=over) >= done
    if not over:
        finish(there)
    assert await check(there, over=True) == len(EXPECTED)


@contextmanager
def held_up(process: subprocess.Popen[str]) -> Iterator[None]:
    """Kill the process in the end: it waits in the middle of something."""
    try:
        yield
    finally:
        strike(process)


async def until(connection: "asyncpg.Connection[asyncpg.Record]", sql: str) -> None:
    """Ask until the answer is yes; a minute is long enough on any machine."""
    async with asyncio.timeout(60):
        while not await connection.fetchval(sql):  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.01)


async def gone(there: There) -> None:
    """Wait until the server has seen that whoever asked it is no more."""
    async with connected(there.owner) as connection:
        await until(connection, ALONE)


async def test_killed_in_the_midst_of_a_commit_the_batch_is_there_whole_or_not_at_all(
    there: There,
) -> None:
    async with connected(there.owner) as other, other.transaction():
        # A batch is numbered in its commit, and that moves the heads of the streams.
        await other.execute("LOCK feed_head IN EXCLUSIVE MODE")
        with publishing(there) as process:
            hear(process, "open")
            with held_up(process):
                await until(other, WAITING)
    await gone(there)
    assert await check(there, over=False) in {0, AT_ONCE}
    finish(there)
    assert await check(there, over=True) == len(EXPECTED)


async def test_killed_before_the_release_is_committed_nothing_was_released(
    there: There,
) -> None:
    async with connected(there.owner) as other, other.transaction():
        await other.execute("LOCK feedback_rater IN SHARE MODE")
        with publishing(there) as process:
            hear(process, "open")
            with held_up(process):
                await until(other, WAITING)
    await gone(there)
    assert await check(there, over=False) == 0
    assert (await look(there))[2]["state"] == "open"
    finish(there)
    assert await check(there, over=True) == len(EXPECTED)


async def test_two_who_publish_at_once_publish_everything_once(there: There) -> None:
    with publishing(there) as one, publishing(there) as other:
        ends = [process.communicate(timeout=60) for process in (one, other)]
        codes = sorted([one.returncode, other.returncode])
    assert codes[0] == 0, ends
    # The second may find it all done, and is told so.
    assert codes[1] == 0 or any("AlreadyPublished" in said for _, said in ends), ends
    assert await check(there, over=True) == len(EXPECTED)
