"""A disk that fills while files are imported, on a small file system of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.directory.files import ORGANISATION, person, post, write

pytestmark = pytest.mark.slow
SIZE = 256 * 2**20
SPARE = 3 * 2**20


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A folder of 256 MiB."""
    with tempfile.TemporaryDirectory(prefix="joinedup-test-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=711", "none", name]
        try:
            mounted = subprocess.run(mount, check=False, capture_output=True)
        except FileNotFoundError:
            pytest.skip("no mount command")
        if mounted.returncode:
            pytest.skip("a small tmpfs may be mounted by root only")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", name], check=True)  # noqa: S607 - as mount was found


def joinedup(folder: Path, *arguments: str | Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "service", *map(str, arguments)],
        env={**os.environ, "JOINEDUP_DATA_DIR": str(folder / "data")},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_full_disk_leaves_nothing_half_imported(
    small_disk: Path, tmp_path: Path
) -> None:
    (small_disk / "data").mkdir(mode=0o711)
    organisations = write(tmp_path, ORGANISATION, name="organisations.csv")
    posts = write(tmp_path, *(post(f"P{n}") for n in range(6_000)), name="posts.csv")
    people = write(tmp_path, *(person(n) for n in range(12_000)), name="people.csv")
    assert joinedup(small_disk, "import", "organisations", organisations)[0] == 0
    assert joinedup(small_disk, "import", "organogram", posts)[0] == 0
    filler = small_disk / "filler"
    room = os.statvfs(small_disk)
    with filler.open("wb") as file:
        for _ in range((room.f_bavail * room.f_frsize - SPARE) // 2**20):
            file.write(bytes(2**20))

    code, out, error = joinedup(small_disk, "import", "people", people)

    assert (code, out) == (3, "")
    assert "nothing is half-imported" in error
    assert "No space left on device" in error
    filler.unlink()
    code, out, _ = joinedup(small_disk, "import", "people", people)
    assert (code, out) == (
        0,
        "read 12000, created 12000, changed 0, unchanged 0, rejected 0\n",
    )
