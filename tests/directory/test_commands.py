"""`joinedup import` as a person types it, against a database of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from service.db.embedded import EmbeddedPostgres
from service.directory.importing.running import LOCK_KEY
from tests.database import connected
from tests.directory.files import DFID, ORGANISATION, person, post, write

pytestmark = pytest.mark.slow

KEYS = ["read", "created", "changed", "unchanged", "rejected", "warnings"]


class Shell:
    """A terminal whose settings name one data directory."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = {**os.environ, **environment}

    def begin(self, *arguments: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "service", *map(str, arguments)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        with self.begin(*arguments) as process:
            out, error = process.communicate(timeout=120)
        return process.returncode, out, error


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[Path, str]]:
    """A data directory whose database runs, and the owner's address of it."""
    with tempfile.TemporaryDirectory(prefix="joinedup-test-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "postgres") as addresses:
            yield folder, addresses.owner


@pytest.fixture(scope="module")
def shell(address: tuple[Path, str]) -> Shell:
    """A terminal in which organisations and posts have been imported."""
    folder, _ = address
    shell = Shell(folder, {"JOINEDUP_DATA_DIR": str(folder)})
    file = write(folder, ORGANISATION, DFID, name="organisations.csv")
    code, out, error = shell.run("import", "organisations", file)
    assert (code, out) == (0, "read 2, created 2, changed 0, unchanged 0, rejected 0\n")
    assert error == ""
    posts = write(folder, post("P1"), post("P2", "P1"), name="posts.csv")
    assert shell.run("import", "organogram", posts)[0] == 0
    return shell


def report(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    assert list(found) == KEYS
    return found


def test_people_are_imported_and_reported_as_json(shell: Shell) -> None:
    file = write(shell.folder, person(1), person(2, 1), name="people.csv")

    first = shell.run("import", "people", file, "--json")
    second = shell.run("import", "people", file, "--json")

    assert (first[0], first[2]) == (0, "")
    assert report(first[1])["created"] == 2
    assert report(second[1])["unchanged"] == 2


def test_what_was_refused_is_listed_and_the_exit_code_is_1(shell: Shell) -> None:
    file = write(shell.folder, person(7), person(8, fte="2"), name="bad.csv")

    code, out, error = shell.run("import", "people", file)
    as_json = shell.run("import", "people", file, "--json")
    partial = shell.run("import", "people", file, "--json", "--partial")

    assert code == 1
    assert out.startswith("Nothing was imported: read 2, created 0")
    assert f"rejected: {file}:3: fte: '2' is no share of a full-time week." in error
    assert as_json[0] == 1
    assert report(as_json[1])["rejected"] == [
        {
            "file": str(file),
            "line": 3,
            "column": "fte",
            "detail": "'2' is no share of a full-time week.",
            "remedy": "Write a number above 0 and at most 1, with at most four"
            " decimals, such as 0.6.",
        }
    ]
    assert partial[0] == 0
    assert report(partial[1])["created"] == 1


def test_a_missing_file_is_refused_input(shell: Shell) -> None:
    code, out, _ = shell.run("import", "organogram", "gone.csv", "--json")

    assert code == 1
    [complaint] = report(out)["rejected"]
    assert (complaint["file"], complaint["line"]) == ("gone.csv", None)
    assert "No such file" in complaint["detail"]


def test_organisations_are_listed(shell: Shell) -> None:
    code, out, _ = shell.run("organisations", "list", "--json")

    assert code == 0
    assert [(each["code"], each["name"]) for each in json.loads(out)] == [
        ("defra", "Department for Environment, Food and Rural Affairs"),
        ("dfid", "DFID"),
    ]


def test_a_split_is_recorded_once(shell: Shell) -> None:
    words = ("organisations", "succeed", "defra", "dfid", "--kind", "split")
    on = ("--on", "2020-01-01")

    assert shell.run(*words, *on)[0] == 0
    code, _, error = shell.run(*words, *on)

    assert code == 1
    assert "succeeds defra already" in error


def test_a_database_that_cannot_be_reached_is_unavailable(shell: Shell) -> None:
    away = Shell(
        shell.folder,
        {"JOINEDUP_DATABASE_URL": "postgresql://joinedup_app:x@127.0.0.1:1/joinedup"},
    )

    code, out, error = away.run("import", "people", shell.folder / "people.csv")

    assert (code, out) == (3, "")
    assert "JOINEDUP_DATABASE_URL" in error


async def test_an_interrupted_import_leaves_nothing(
    shell: Shell, address: tuple[Path, str]
) -> None:
    file = write(shell.folder, person(5), name="interrupted.csv")
    async with connected(address[1]) as other:
        before = await other.fetchval("SELECT count(*) FROM person")
        async with other.transaction():
            await other.execute("SELECT pg_advisory_xact_lock($1)", LOCK_KEY)
            with shell.begin("import", "people", file, "--json") as process:
                while not await other.fetchval(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted"
                ):
                    assert process.poll() is None
                    await asyncio.sleep(0.02)
                process.send_signal(signal.SIGINT)
                out, error = process.communicate(timeout=60)

        assert (process.returncode, out) == (130, "")
        assert "Interrupted" in error
        assert await other.fetchval("SELECT count(*) FROM person") == before
