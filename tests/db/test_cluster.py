import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from service.db import binaries
from service.db.embedded import (
    DatabaseOfAnotherVersion,
    DataDirectoryUnusable,
    EmbeddedPostgres,
)
from tests.db.running import ROOT, ask, passable_folder

pytestmark = pytest.mark.slow

IS_ROOT = os.geteuid() == 0
ONLY_ROOT = pytest.mark.skipif(not IS_ROOT, reason="only root has what to fear here")


@pytest.fixture
def folder() -> Iterator[Path]:
    with passable_folder() as made:
        yield made


@ONLY_ROOT
def test_a_path_that_nobody_may_enter_is_refused_and_left_alone(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DataDirectoryUnusable, match=rf"{closed}\. Set JOINEDUP_DATA"):
        EmbeddedPostgres(closed / "joinedup/postgres").start()
    assert closed.stat().st_mode & 0o777 == 0o700
    assert list(closed.iterdir()) == []


@ONLY_ROOT
def test_the_home_of_another_user_is_refused(folder: Path) -> None:
    home = folder / "postgres"
    home.mkdir(mode=0o711)
    os.chown(home, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(DataDirectoryUnusable, match="belongs to another user"):
        EmbeddedPostgres(home).start()


def test_it_works_under_the_closest_umask(folder: Path) -> None:
    before = os.umask(0o077)
    try:
        with EmbeddedPostgres(folder / "new/postgres") as addresses:
            assert ask(addresses.application, "SELECT 1") == [(1,)]
    finally:
        os.umask(before)


def test_a_long_or_odd_path_gets_its_socket_in_a_short_private_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = folder / "t"
    short.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(short))
    home = folder / ("a long, odd name " * 6) / "postgres"
    with EmbeddedPostgres(home) as addresses:
        assert ask(addresses.application, "SELECT 1") == [(1,)]
        (sockets,) = short.iterdir()
        assert sockets.stat().st_mode & 0o777 == 0o700
    # Somebody else got there first, with what they can read or lead elsewhere.
    sockets.chmod(0o755)
    with pytest.raises(DataDirectoryUnusable, match="not a private folder"):
        EmbeddedPostgres(home).start()
    sockets.rmdir()
    sockets.symlink_to(folder)
    with pytest.raises(DataDirectoryUnusable, match="not a private folder"):
        EmbeddedPostgres(home).start()
    sockets.unlink()
    if IS_ROOT:
        sockets.mkdir(mode=0o700)
        os.chown(sockets, 12345, 12345)
        with pytest.raises(DataDirectoryUnusable, match="not a private folder"):
            EmbeddedPostgres(home).start()


def test_another_major_version_is_refused_with_both_remedies(folder: Path) -> None:
    home = folder / "postgres"
    with EmbeddedPostgres(home):
        pass
    version = home / "cluster/data/PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(DatabaseOfAnotherVersion, match="PostgreSQL 14") as refused:
        EmbeddedPostgres(home).start()
    assert "JOINEDUP_PG_BIN" in str(refused.value)
    assert "pg_dump" in str(refused.value)


def test_a_lost_secret_is_refused_by_its_name(folder: Path) -> None:
    home = folder / "postgres"
    with EmbeddedPostgres(home):
        pass
    (home / "cluster/joinedup_app.secret").unlink()
    with pytest.raises(DataDirectoryUnusable, match=r"joinedup_app\.secret"):
        EmbeddedPostgres(home).start()
    assert not (home / "cluster/data/postmaster.pid").exists()


def test_the_postgresql_of_the_system_does_as_well(folder: Path) -> None:
    found = sorted(binaries.SYSTEM.glob("*/bin/postgres"))
    if not found:
        pytest.skip(f"no PostgreSQL under {binaries.SYSTEM}")
    home = folder / "postgres"
    with EmbeddedPostgres(home, pg_bin=found[-1].parent) as addresses:
        (major,) = ask(addresses.application, "SHOW server_version_num")[0]
        assert int(str(major)) // 10_000 == int(found[-1].parts[-3])


@ONLY_ROOT
def test_an_ordinary_user_runs_it_as_themselves(folder: Path) -> None:
    interpreter = interpreter_for_anybody()
    home = folder / "theirs"
    home.mkdir(mode=0o700)
    os.chown(home, pwd.getpwnam("nobody").pw_uid, -1)
    code = """
import asyncio, os, sys
from pathlib import Path
import asyncpg
from service.db.embedded import EmbeddedPostgres
home = Path(sys.argv[1]) / "postgres"
async def question(dsn):
    connection = await asyncpg.connect(dsn)
    print(await connection.fetchval("SELECT current_user::text"))
    await connection.close()
with EmbeddedPostgres(home) as addresses:
    asyncio.run(question(addresses.application))
print(oct(home.stat().st_mode), (home / "programs").exists())
"""
    ran = as_nobody(interpreter, "-c", code, home)
    assert ran.stderr == ""
    assert ran.stdout.split() == ["joinedup_app", "0o40700", "False"]


def interpreter_for_anybody() -> str:
    tried = [sys.executable, shutil.which("python3", path=os.defpath) or ""]
    for interpreter in filter(None, tried):
        try:
            as_nobody(
                interpreter, "-c", "import asyncpg, service.db"
            ).check_returncode()
        except (OSError, subprocess.CalledProcessError):
            continue
        return interpreter
    pytest.skip(f"nobody can run neither of {tried} with what is installed here")


def as_nobody(*command: str | Path) -> subprocess.CompletedProcess[str]:
    asyncpg = find_spec("asyncpg")
    assert asyncpg is not None
    assert asyncpg.origin is not None
    nobody = pwd.getpwnam("nobody")
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={
            "PATH": os.defpath,
            "PYTHONPATH": f"{ROOT}:{Path(asyncpg.origin).parents[1]}",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
    )
