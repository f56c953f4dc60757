"""What the tests of the embedded database share: a home, a question, an owner."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import psutil

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def passable_folder() -> Iterator[Path]:
    """Make a folder that the server's account can enter; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def ask(dsn: str, sql: str, *arguments: object) -> list[tuple[object, ...]]:
    async def fetch() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(dsn)
        try:
            return [tuple(row) for row in await connection.fetch(sql, *arguments)]
        finally:
            await connection.close()

    return asyncio.run(fetch())


def server_pid(home: Path) -> int:
    lines = (home / "cluster/data/postmaster.pid").read_text().splitlines()
    return int(lines[0])


@contextmanager
def another_process(
    code: str, *arguments: str | Path
) -> Iterator[subprocess.Popen[str]]:
    """Run Python that has EmbeddedPostgres; kill it in the end if it still runs."""
    preamble = (
        "import sys\n"
        "from pathlib import Path\n"
        "from service.db.embedded import EmbeddedPostgres\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", preamble + code, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(happens: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.001)


def runs(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
