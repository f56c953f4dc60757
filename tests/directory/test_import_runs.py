"""Imports that meet each other, are interrupted, or lose the database."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from service.db import transaction
from service.db.cluster import Addresses
from service.directory import actions
from service.directory.actions import (
    ImportRefused,
    ImportRunning,
    import_organisations,
    import_people,
)
from service.directory.importing.running import LOCK_KEY, ImportBroken
from tests.database import connected
from tests.directory.files import CALLER, NOW, ORGANISATION, PERSON, person, text, write
from tests.directory.stored import digest, rows

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
PEAK = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from service.auth.caller import Operator
from service.cli import imports
from service.directory.actions import ImportRefused, import_people

work = import_people(
    [Path(sys.argv[1])], caller=Operator("tests"), now=datetime.now(UTC)
)
try:
    asyncio.run(work)
except ImportRefused as refused:
    print(refused)
for line in Path("/proc/self/status").read_text().splitlines():
    if line.startswith("VmHWM"):
        print(int(line.split()[1]) // 1024)
"""


@asynccontextmanager
async def another_import(address: str) -> AsyncIterator[Any]:
    """Hold the lock as an import in another process would."""
    async with connected(address) as other, other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock($1)", LOCK_KEY)
        yield other


async def test_a_second_import_is_refused_when_it_has_waited_long_enough(
    db: None, migrated: Addresses, tmp_path: Path
) -> None:
    async with transaction() as connection:
        await connection.execute("SET LOCAL lock_timeout = '50ms'")

    async with another_import(migrated.application):
        with pytest.raises(ImportRunning, match="nothing was imported"):
            await import_organisations(
                [write(tmp_path, ORGANISATION)], caller=CALLER, now=NOW
            )

    assert await rows("SELECT 1 FROM organisation") == []


async def test_a_second_import_waits_for_the_first(
    db: None, migrated: Addresses, tmp_path: Path
) -> None:
    file = write(tmp_path, ORGANISATION)
    async with another_import(migrated.application) as other:
        second = asyncio.create_task(
            import_organisations([file], caller=CALLER, now=NOW)
        )
        while not await other.fetchval(WAITING):
            pass  # The second has not got there yet.
        assert not second.done()

    assert (await second).created == 1


async def test_an_engine_without_advisory_locks_has_a_row_to_lock(
    db: None, migrated: Addresses, tmp_path: Path
) -> None:
    async with transaction() as connection:
        await connection.execute("SET LOCAL lock_timeout = '50ms'")

    async with connected(migrated.application) as other, other.transaction():
        await other.execute("SELECT FROM import_lock FOR UPDATE")
        with pytest.raises(ImportRunning):
            await import_organisations(
                [write(tmp_path, ORGANISATION)], caller=CALLER, now=NOW
            )


async def test_an_import_cancelled_half_way_leaves_nothing(folder: Path) -> None:
    before = await digest()
    written = asyncio.Event()

    async def stays(_: frozenset[str]) -> None:
        assert len(await rows("SELECT 1 FROM person")) == 1
        written.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(
        import_people(
            [write(folder, PERSON)], caller=CALLER, now=NOW, followed_by=stays
        )
    )
    await written.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert await digest() == before


@pytest.mark.parametrize(
    "failure",
    [
        asyncpg.DiskFullError("could not extend file"),
        asyncpg.PostgresIOError("could not read block"),
        asyncpg.InternalServerError("could not write to file: File too large"),
        asyncpg.ConnectionDoesNotExistError("connection was closed"),
        ConnectionResetError("Connection reset by peer"),
    ],
)
async def test_a_database_that_fails_half_way_leaves_nothing(
    folder: Path, failure: Exception
) -> None:
    before = await digest()

    async def fails(_: frozenset[str]) -> None:
        raise failure

    with pytest.raises(ImportBroken, match="nothing is half-imported"):
        await import_people(
            [write(folder, PERSON)], caller=CALLER, now=NOW, followed_by=fails
        )

    assert await digest() == before


async def test_a_connection_cut_half_way_leaves_nothing(
    opened: None, migrated: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut(*_: object) -> None:
        async with transaction() as ours, connected(migrated.owner) as owner:
            assert await ours.fetchval("SELECT count(*) FROM organisation") == 1
            pid = await ours.fetchval("SELECT pg_backend_pid()")
            await owner.execute("SELECT pg_terminate_backend($1, 5000)", pid)
            await ours.execute("SELECT 1")

    monkeypatch.setattr(actions, "audit", cut)

    with pytest.raises(ImportBroken, match="import the same files again"):
        await import_organisations(
            [write(tmp_path, ORGANISATION)], caller=CALLER, now=NOW
        )

    assert await rows("SELECT 1 FROM organisation") == []


async def test_a_file_that_vanishes_while_another_is_read_leaves_nothing(
    folder: Path,
) -> None:
    first = write(folder, person(1), name="1.csv")
    second = write(folder, person(2), name="2.csv")
    before = await digest()

    def vanishes(step: str, done: int, total: int) -> None:
        second.unlink(missing_ok=True)

    with pytest.raises(ImportRefused) as refused:
        await import_people([first, second], caller=CALLER, now=NOW, progress=vanishes)

    [complaint] = refused.value.report.rejected
    assert complaint.file == str(second)
    assert await digest() == before


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
@pytest.mark.parametrize(
    ("count", "said"),
    [(1_000_000, "at most 32 are read"), (150_000, ":50002: The import has more than")],
)
def test_a_file_of_too_many_rows_is_refused_within_200_mb(
    tmp_path: Path, count: int, said: str
) -> None:
    path = tmp_path / "many.csv"
    header, line, _ = text([person(1)]).split("\n")
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{header}\n")
        file.writelines(f"{line.replace('300001', str(n))}\n" for n in range(count))

    told = subprocess.run(
        [sys.executable, "-c", PEAK, path], capture_output=True, check=True, text=True
    ).stdout.splitlines()

    assert said in told[0]
    assert int(told[1]) < 200


async def test_many_files_are_imported_as_one(folder: Path) -> None:
    files = [
        write(
            folder,
            person(number, number + 1 if number < 9 else None),
            name=f"{number}.csv",
        )
        for number in range(1, 10)
    ]

    report = await import_people(files, caller=CALLER, now=NOW)

    assert (report.read, report.created) == (9, 9)
    assert len(await rows("SELECT 1 FROM reporting_line")) == 8
