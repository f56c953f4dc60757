"""Imports without space, and imports without the database to themselves."""

import asyncio
import json
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.db.embedded import EmbeddedPostgres
from service.directory.importing.running import LOCK_KEY
from tests.database import connected
from tests.e2e.running import (
    Input,
    a_folder,
    an_input,
    ask,
    begun,
    joinedup,
    json_of,
    serving,
    stored,
)

pytestmark = pytest.mark.slow

SOME = 2_000
LARGEST = 16 * 2**20
"""Bytes of PostgreSQL's own log files, so that only a table meets the limit."""
Words = tuple[str | Path, ...]
FILLING = """
INSERT INTO audit_entry (at, actor, action, entity, entity_id, reason)
SELECT now(), 'operator:tests', 'filling', 'filling', n::text, repeat('x', 900)
FROM generate_series(1, 16000) n
"""


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Input:
    return an_input(tmp_path_factory.mktemp("some"), SOME)


def with_organisations(data: Path, some: Input) -> Path:
    done = joinedup(data, "import", "organisations", some.organisations)
    assert done.returncode == 0, done.stderr
    return data


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Let no file of the commands started here grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def said_for_want_of_space(data: Path, some: Input) -> str:
    done = joinedup(data, "import", "people", *some.people)
    assert done.returncode == 3, done.stderr
    assert "disk" in done.stderr
    return done.stderr


def imported_now(data: Path, some: Input) -> int:
    """Import them where none are; return how many are stored then."""
    assert stored(data) == 0
    assert json_of(data, "import", "people", *some.people)["created"] == SOME
    return stored(data)


def test_a_table_that_cannot_grow_imports_nothing_and_then_all(some: Input) -> None:
    with a_folder() as folder:
        data = with_organisations(folder / "data", some)
        ask(data, FILLING)
        with no_file_above(LARGEST):
            said = said_for_want_of_space(data, some)
            assert "nothing is half-imported" in said
        assert imported_now(data, some) == SOME


@contextmanager
def a_disk(folder: Path) -> Iterator[None]:
    """Mount memory as a disk of its own, or skip: few may."""
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root mounts a small disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1g,mode=711", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["/bin/umount", folder], check=True)


def resize(folder: Path, size: int) -> None:
    subprocess.run(["/bin/mount", "-o", f"remount,size={size}", folder], check=True)


def test_a_full_disk_imports_nothing_and_then_all(some: Input, tmp_path: Path) -> None:
    with a_folder() as folder, a_disk(folder):
        data = with_organisations(folder / "data", some)
        with serving(data, said=tmp_path / "said"):
            resize(folder, shutil.disk_usage(folder).used + 2**20)
            said = said_for_want_of_space(data, some)
            assert "nothing is half-imported" in said
            resize(folder, 2**30)
        assert imported_now(data, some) == SOME


def test_a_disk_on_which_the_database_cannot_start_is_3(some: Input) -> None:
    with a_folder() as folder, a_disk(folder):
        data = with_organisations(folder / "data", some)
        resize(folder, shutil.disk_usage(folder).used + 2**20)
        done = joinedup(data, "import", "people", *some.people)
        assert done.returncode == 3
        assert "No space left on device" in done.stderr
        resize(folder, 2**30)
        assert imported_now(data, some) == SOME


def test_two_imports_at_once_are_one_after_the_other(
    some: Input, tmp_path: Path
) -> None:
    with a_folder() as folder:
        data = with_organisations(folder / "data", some)
        outs = [tmp_path / "1", tmp_path / "2"]
        words: Words = ("import", "people", *some.people, "--json")
        with (
            serving(data, said=tmp_path / "serve"),
            begun(data, *words, said=outs[0]) as one,
            begun(data, *words, said=outs[1]) as other,
        ):
            assert (one.wait(60), other.wait(60)) == (0, 0)
        reports = [json.loads(out.read_text()) for out in outs]
        assert sorted(report["created"] for report in reports) == [0, SOME]
        assert sorted(report["unchanged"] for report in reports) == [0, SOME]
        assert stored(data) == SOME


@pytest.fixture(scope="module")
def data(some: Input) -> Iterator[Path]:
    with a_folder() as folder:
        yield with_organisations(folder / "data", some)


def test_an_import_that_may_wait_no_longer_is_not_now(some: Input, data: Path) -> None:
    async def beside_another() -> subprocess.CompletedProcess[str]:
        async with connected(where.owner) as another:
            await another.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
            return await asyncio.to_thread(
                joinedup, data, "import", "people", *some.people
            )

    with EmbeddedPostgres(data / "postgres") as where:
        done = asyncio.run(beside_another())
    assert done.returncode == 2
    assert "Another import" in done.stderr
    assert stored(data) == 0


def test_two_imports_without_a_service_are_whole_or_refused_clearly(
    some: Input, data: Path, tmp_path: Path
) -> None:
    """The second uses the first one's database, which ends with the first."""
    outs = [tmp_path / "1", tmp_path / "2"]
    words: Words = ("import", "people", *some.people)
    with (
        begun(data, *words, said=outs[0]) as one,
        begun(data, *words, said=outs[1]) as other,
    ):
        ends = [one.wait(60), other.wait(60)]
    for end, out in zip(ends, outs, strict=True):
        assert "Traceback" not in out.read_text(), out.read_text()
        assert end in {0, 3}
        assert ("database" in out.read_text()) == (end == 3)
    assert 0 in ends
    assert stored(data) == SOME
