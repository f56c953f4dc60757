import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.db.binaries import Account
from service.db.embedded import DatabaseBusy, EmbeddedPostgres
from tests.db.running import (
    another_process,
    ask,
    passable_folder,
    runs,
    server_pid,
    until,
)

pytestmark = pytest.mark.slow

INSERT = """
import asyncio, asyncpg, itertools
addresses = EmbeddedPostgres(Path(sys.argv[1])).start()
async def insert():
    connection = await asyncpg.connect(addresses.owner)
    await connection.execute("CREATE TABLE kept (number int PRIMARY KEY)")
    for number in itertools.count():
        await connection.execute("INSERT INTO kept VALUES ($1)", number)
        print(number, flush=True)
asyncio.run(insert())
"""
START = "EmbeddedPostgres(Path(sys.argv[1])).start(); print('up', flush=True); input()"


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    with passable_folder() as folder:
        yield folder / "postgres"


@pytest.fixture
def home(shared_home: Path) -> Path:
    with EmbeddedPostgres(shared_home) as addresses:
        ask(addresses.owner, "DROP TABLE IF EXISTS kept")
    return shared_home


@pytest.mark.parametrize("killed", ["owner", "server", "both", "all at once"])
def test_every_acknowledged_insert_is_there_after_a_kill(
    home: Path, killed: str
) -> None:
    with another_process(INSERT, home) as owner:
        assert owner.stdout is not None
        acknowledged = [int(owner.stdout.readline()) for _ in range(300)]
        victims = {
            "owner": [owner.pid],
            "server": [server_pid(home)],
            "both": [owner.pid, server_pid(home)],
            "all at once": [owner.pid, server_pid(home), *backends(server_pid(home))],
        }
        for pid in victims[killed]:
            os.kill(pid, signal.SIGKILL)
        acknowledged += [int(line) for line in owner.stdout if line.endswith("\n")]
        # No wait: the next owner may come while the last server is still ending.
        with EmbeddedPostgres(home) as addresses:
            kept = ask(addresses.owner, "SELECT number FROM kept ORDER BY number")
    assert acknowledged == list(range(len(acknowledged)))
    assert {(number,) for number in acknowledged} <= set(kept)
    assert len(kept) <= len(acknowledged) + 1


def backends(server: int) -> list[int]:
    children = Path(f"/proc/{server}/task/{server}/children").read_text()
    return [int(pid) for pid in children.split()]


def test_the_server_dies_with_its_owner(home: Path) -> None:
    with another_process(START, home) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "up\n"
        server = server_pid(home)
        assert runs(server)
        owner.kill()
        owner.wait()
        until(lambda: not runs(server))


def test_the_same_owner_starts_a_killed_server_again(home: Path) -> None:
    database = EmbeddedPostgres(home)
    before = database.start()
    os.kill(server_pid(home), signal.SIGKILL)
    database.stop()
    assert database.start() == before
    assert ask(before.application, "SELECT 1") == [(1,)]
    database.stop()


@pytest.mark.parametrize(
    "moment",
    [
        "owner.lock",
        "cluster.new",
        "cluster.new/data/PG_VERSION",
        "cluster.new/data/base/5",
        "cluster.new/data/postmaster.pid",
        "cluster",
    ],
)
def test_a_kill_while_it_is_made_leaves_nothing_or_a_whole_cluster(
    moment: str,
) -> None:
    with passable_folder() as folder:
        home = folder / "postgres"
        with another_process(START, home) as owner:
            until(lambda: (home / moment).exists() or (home / "cluster").exists())
            owner.kill()
            owner.wait()
        with EmbeddedPostgres(home) as addresses:
            assert ask(addresses.application, "SELECT current_database()::text") == [
                ("joinedup",)
            ]
            assert ask(addresses.owner, "SHOW is_superuser") == [("on",)]
        assert not (home / "cluster.new").exists()


@pytest.mark.parametrize("left", ["a pid that another process got since", ""])
def test_what_a_killed_server_left_does_not_stop_the_next(
    home: Path, left: str
) -> None:
    account = Account.of_server()
    # PostgreSQL believes in a pid that belongs to a process of its own account.
    with subprocess.Popen(
        ["/bin/cat"],
        stdin=subprocess.PIPE,
        user=account.uid if account.borrowed else None,
    ) as stranger:
        text = f"{stranger.pid}\n" if left else ""
        (home / "cluster/data/postmaster.pid").write_text(text)
        (home / "run/.s.PGSQL.5432.lock").write_text(text)
        with EmbeddedPostgres(home) as addresses:
            assert ask(addresses.application, "SELECT 1") == [(1,)]


def test_a_server_that_somebody_started_by_hand_is_left_alone(home: Path) -> None:
    data = home / "cluster/data"
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, cwd=data) as byhand:
        (data / "postmaster.pid").write_text(f"{byhand.pid}\n")
        with pytest.raises(DatabaseBusy, match=f"kill -INT {byhand.pid}"):
            EmbeddedPostgres(home).start()
    with EmbeddedPostgres(home):
        pass


def test_a_thread_may_not_own_it(home: Path) -> None:
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(1) as pool:\n"
        "    database = EmbeddedPostgres(Path(sys.argv[1]))\n"
        "    print(pool.submit(database.start).exception())\n"
    )
    with another_process(code, home) as process:
        assert "main thread" in process.communicate(timeout=30)[0]
