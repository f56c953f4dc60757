"""Imports that are cut off: by a person, by a lost database, by a file that goes.

Law: an import is there whole or not at all, and the command says which.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.e2e.running import (
    Input,
    a_folder,
    an_input,
    begun,
    importing,
    joinedup,
    json_of,
    runs,
    server_pid,
    stored,
    until,
)

pytestmark = pytest.mark.slow

MANY = 12_000
"""People: reading them, and then writing them, takes seconds."""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Input:
    return an_input(tmp_path_factory.mktemp("many"), MANY)


@pytest.fixture(scope="module")
def data(many: Input) -> Iterator[Path]:
    """A data folder in which the organisations are known, and nobody."""
    with a_folder() as folder:
        done = joinedup(folder / "data", "import", "organisations", many.organisations)
        assert done.returncode == 0, done.stderr
        yield folder / "data"


@pytest.fixture(autouse=True)
def nothing_is_stored(data: Path) -> Iterator[None]:
    yield
    assert stored(data) == 0


def reading(process: subprocess.Popen[bytes], *files: Path) -> bool:
    """Tell whether a command has one of these files open."""
    with suppress(psutil.Error):
        opened = {Path(each.path) for each in psutil.Process(process.pid).open_files()}
        return not opened.isdisjoint(files)
    return False


@pytest.mark.parametrize("phase", ["reading", "writing"])
def test_an_interrupted_import_ends_with_130(
    phase: str, many: Input, data: Path, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    with begun(data, "import", "people", *many.people, said=said) as command:
        if phase == "reading":
            until(lambda: reading(command, *many.people))
        else:
            until(lambda: importing(data))
        os.killpg(command.pid, signal.SIGINT)  # As a terminal does.
        assert command.wait(60) == 130, said.read_text()
    assert "Interrupted" in said.read_text()
    assert "Traceback" not in said.read_text()


def test_a_killed_import_leaves_no_lock_behind(
    many: Input, data: Path, tmp_path: Path
) -> None:
    with begun(data, "import", "people", *many.people, said=tmp_path / "1") as command:
        until(lambda: importing(data))
        server = server_pid(data)
        os.killpg(command.pid, signal.SIGKILL)
        until(lambda: not runs(server))
    assert stored(data) == 0
    again = json_of(data, "import", "organisations", many.organisations)
    assert again["unchanged"] == again["read"] > 0


def test_a_database_that_dies_during_an_import_is_3(
    many: Input, data: Path, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    with begun(data, "import", "people", *many.people, said=said) as command:
        until(lambda: importing(data))
        os.kill(server_pid(data), signal.SIGKILL)
        assert command.wait(60) == 3, said.read_text()
    assert "nothing is half-imported" in said.read_text()
    assert "Traceback" not in said.read_text()


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def grow(file: Path) -> None:
    with file.open("a") as more:
        more.write("one more row\n")


@pytest.mark.parametrize("change", [cut, grow])
def test_a_file_that_changes_while_it_is_read_is_refused_by_name(
    change: Callable[[Path], None], many: Input, data: Path, tmp_path: Path
) -> None:
    header = many.people[0].read_text().partition("\n")[0]
    rows = [file.read_text().partition("\n")[2] for file in many.people]
    file, said = tmp_path / "everybody.csv", tmp_path / "said"
    file.write_text("\n".join([header, *rows]))
    with begun(data, "import", "people", file, said=said) as command:
        until(lambda: reading(command, file))
        change(file)
        assert command.wait(60) == 1, said.read_text()
    assert "everybody.csv" in said.read_text()
    assert "changed while it was being read" in said.read_text()


def test_a_file_that_disappears_half_way_is_refused_by_name(
    many: Input, data: Path, tmp_path: Path
) -> None:
    shutil.copytree(many.people[0].parent, tmp_path / "hr")
    files = [tmp_path / "hr" / file.name for file in many.people]
    said = tmp_path / "said"
    with begun(data, "import", "people", *files, said=said) as command:
        until(lambda: reading(command, files[0]))
        files[-1].unlink()
        assert command.wait(60) == 1, said.read_text()
    assert f"{files[-1]}: It cannot be read: No such file" in said.read_text()
    assert "Nothing was imported" in said.read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\xff" * 4000, ""),
        (b"employee_number,first_name\n1,Ada\n", "last_name"),
        (None, "No such file"),
    ],
    ids=["empty", "binary", "wrong columns", "missing"],
)
def test_what_is_no_extract_is_refused_with_its_name_and_a_remedy(
    content: bytes | None, said: str, data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.csv"
    if content is not None:
        file.write_bytes(content)
    done = joinedup(data, "import", "people", file, "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["created"] == 0
    assert report["rejected"]
    for each in report["rejected"]:
        assert each["file"] == str(file)
        assert each["remedy"]
    assert said in " ".join(each["detail"] for each in report["rejected"])


def test_a_folder_in_which_the_database_cannot_live_is_3(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("A file, not a folder.")
    done = joinedup(tmp_path / "data", "organisations", "list")
    assert done.returncode == 3
    assert "JOINEDUP_DATA_DIR" in done.stderr
