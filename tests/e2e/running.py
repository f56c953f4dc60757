"""What the end-to-end tests share: a folder, the command as a process, its database."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg
import httpx
import psutil

from service.db.binaries import Account
from service.db.cluster import Cluster
from service.db.embedded import EmbeddedPostgres
from service.demo import sample
from service.directory.importing.running import LOCK_KEY

ROOT = Path(__file__).resolve().parents[2]
SECRET = "swordfish-" * 4
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
IMPORTING = f"SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK_KEY}"
"""An import holds its lock from its first look at the database to its COMMIT."""

WHOLE = """
SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM person_details),
    (SELECT count(*) FROM posting), (SELECT count(*) FROM hr_record),
    (SELECT count(*) FROM reporting_line),
    (SELECT count(*) FROM audit_entry WHERE action = 'person.created'),
    (SELECT count(*) FROM organisation)
"""


@contextmanager
def a_folder() -> Iterator[Path]:
    """Make a folder that the database's own user can reach, whoever runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="e2e-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def environment(data: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with no settings but those of the test.

    What `make test` sets is left out too: commands say how make would call them.
    """
    others = ("JOINEDUP_", "MAKE")
    mine = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    return mine | {"JOINEDUP_DATA_DIR": str(data)} | dict(given)


def joinedup(
    data: Path,
    *words: str | Path,
    given: Mapping[str, str] = NO_SETTINGS,
    seconds: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; whatever it says, it is never a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "service", *map(str, words)],
        cwd=ROOT,
        env=environment(data, given),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def json_of(
    data: Path,
    *words: str | Path,
    given: Mapping[str, str] = NO_SETTINGS,
    seconds: float = 120,
) -> Any:  # noqa: ANN401 - JSON
    """Run one command that must succeed; return the JSON it prints."""
    done = joinedup(data, *words, "--json", given=given, seconds=seconds)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def begun(
    data: Path,
    *words: str | Path,
    said: Path,
    given: Mapping[str, str] = NO_SETTINGS,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start one command, both outputs going to a file; in the end it is gone."""
    # What a shell starts in the background is deaf to ^C, and its children with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with (
        said.open("wb") as out,
        subprocess.Popen(
            [sys.executable, "-m", "service", *map(str, words)],
            cwd=ROOT,
            env=environment(data, given),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def until(happens: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait for something that must happen."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.005)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def serving(
    data: Path,
    *words: str,
    said: Path,
    given: Mapping[str, str] = NO_SETTINGS,
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Serve on a free port; give the process and the address once it is ready."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    with begun(
        data, "serve", "--port", str(port), *words, said=said, given=given
    ) as it:

        def answers() -> bool:
            assert it.poll() is None, said.read_text()
            with suppress(httpx.TransportError):
                return httpx.get(f"{address}/livez", timeout=5).is_success
            return False

        until(answers)
        yield it, address


def token(address: str, data: Path, scope: str = "scores:read") -> str:
    """Ask for a token with the credentials of the folder's demo."""
    demo = json.loads((data / "demo.json").read_text())
    answer = httpx.post(
        f"{address}/oauth/token",
        data={"grant_type": "client_credentials", "scope": scope},
        auth=(demo["client_id"], demo["client_secret"]),
    ).raise_for_status()
    access: str = answer.json()["access_token"]
    return access


def pulled(address: str, data: Path) -> list[dict[str, Any]]:
    """Pull every score that the demo's HR client may read."""
    headers = {"Authorization": f"Bearer {token(address, data)}"}
    rows: list[dict[str, Any]] = []
    following: str | None = f"{address}/v1/scores?limit=100"
    while following:
        page = httpx.get(following, headers=headers).raise_for_status().json()
        rows += page["items"]
        following = page["next"]
    return rows


def ask(data: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the folder's database, started for it if nothing runs it."""
    with EmbeddedPostgres(data / "postgres") as where:
        return asyncio.run(_fetched(where.owner, sql))


def overheard(data: Path, sql: str) -> list[tuple[Any, ...]] | None:
    """Ask the database that a command runs; None while it does not answer."""
    cluster = Cluster((data / "postgres").resolve(), Account.of_server())
    if not (cluster.home / "run").exists() or not cluster.folder.exists():
        return None  # Asking for its address would make the folder.
    try:
        address = cluster.addresses(cluster.socket_folder()).owner
        return asyncio.run(_fetched(address, sql))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None


async def _fetched(address: str, sql: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(address, timeout=10)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


def importing(data: Path) -> bool:
    """Tell whether an import is at work in the folder's database."""
    return bool(overheard(data, IMPORTING))


def server_pid(data: Path) -> int:
    path = data / "postgres/cluster/data/postmaster.pid"
    return int(path.read_text().splitlines()[0])


def runs(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


@dataclass(frozen=True)
class Input:
    """Files in the formats of HR systems."""

    organisations: Path
    people: list[Path]


def an_input(folder: Path, people: int) -> Input:
    """Write a sample of so many people, a file for each organisation."""
    sample.write(folder, people=people, seed=1, today=date(2026, 11, 2))
    organisations = folder / "hr/organisations.csv"
    files = sorted({*(folder / "hr").glob("*.csv")} - {organisations})
    return Input(organisations, files)


def stored(data: Path) -> int:
    """Count who is stored, having seen that all that belongs to them is."""
    ((people, details, postings, records, managed, entries, codes),) = ask(data, WHOLE)
    assert details == postings == records == entries == people
    assert managed == (people - codes if people else 0)  # All but the heads.
    return int(people)
