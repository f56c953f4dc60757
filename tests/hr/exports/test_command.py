"""`joinedup export` as a process of its own: what it writes, says, and refuses."""

import asyncio
import csv
import io
import json
import stat
import subprocess
import zipfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from service.audit.tables import AuditEntry
from service.cli.exporting import export
from service.db import DB
from service.db.cluster import Addresses
from service.hr.exports.rules import ExportFormat
from service.hr.exports.writing import SUFFIX
from service.hr.signing.verifying import keys_from, verify
from tests.changes.feeds import a_feed
from tests.e2e.running import SECRET, joinedup
from tests.scoring import EXPECTED, Scene, a_scored_cycle

pytestmark = pytest.mark.slow

Done = subprocess.CompletedProcess[str]
OF_HMT = [name for name in EXPECTED if name.startswith(("hmt", "newcomer"))]
WITH_VALUE = [name for name in OF_HMT if EXPECTED[name][0] == "published"]
OWN = """\
title = "Ours"
note = "agreed with our HR"
style = "csv"
[[files]]
name = "scores.csv"
[[files.columns]]
header = "Who"
field = "person_external_id"
"""


@dataclass(frozen=True)
class Stored:
    """A published cycle that is really committed, and where."""

    address: str
    scene: Scene

    async def run(self, home: Path, *words: str | Path) -> Done:
        """Run a command on it."""
        given = {
            "JOINEDUP_DATABASE_URL": self.address,
            "JOINEDUP_SECRET_KEY": SECRET,
            "JOINEDUP_ISSUER": "https://joinedup.example",
        }
        return await asyncio.to_thread(joinedup, home, *words, given=given)

    async def export(self, home: Path, of: str, wanted: str, out: Path) -> Done:
        """Write a file of one organisation."""
        words = ("--organisation", of, "--format", wanted, "--out", out)
        return await self.run(home, "export", *words)


@dataclass(frozen=True)
class Written:
    """A file, and what was said of it."""

    path: Path
    done: Done


@pytest.fixture(scope="module")
async def stored(addresses: Addresses, opened: None) -> AsyncIterator[Stored]:
    """The pool is on a database of its own; nothing is rolled back."""
    kept = DB.config["dsn"]
    async with a_feed(addresses) as there:
        await DB.close()
        await DB.open(there.application, size=4)
        yield Stored(there.application, await a_scored_cycle())
        await DB.close()
        await DB.open(kept, size=4)


@pytest.fixture(scope="module")
async def files(
    stored: Stored, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[ExportFormat, Written]:
    """One file of each format, of hmt."""
    home = tmp_path_factory.mktemp("exports")
    paths = {each: home / f"{each}.{SUFFIX[each]}" for each in ExportFormat}
    return {
        each: Written(path, await stored.export(home, "hmt", each, path))
        for each, path in paths.items()
    }


@pytest.mark.parametrize("wanted", [*ExportFormat])
async def test_each_format_is_written_whole_and_passes_its_validator(
    files: Mapping[ExportFormat, Written], wanted: ExportFormat
) -> None:
    path, done = files[wanted].path, files[wanted].done
    assert done.returncode == 0, done.stderr
    digest, size = sha256(path.read_bytes()).hexdigest(), path.stat().st_size
    assert done.stdout == f"{len(OF_HMT)} scores, {size} bytes, SHA-256 {digest}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {each.name for each in beside(path)} == {f.path.name for f in files.values()}
    words = ["validate", str(path), "--format", wanted.value]
    checked = CliRunner().invoke(export, words)
    assert (checked.exit_code, checked.output) == (0, "It is as its layout says.\n")


async def test_its_rows_are_of_the_organisations_people_and_of_nobody_else(
    stored: Stored, files: Mapping[ExportFormat, Written]
) -> None:
    known = {name: stored.scene.records[name].person_external_id for name in EXPECTED}
    everyone = {known[name] for name in OF_HMT}
    rated = {known[name] for name in WITH_VALUE}
    assert {each: people(each, made.path) for each, made in files.items()} == {
        ExportFormat.CSV: everyone,
        ExportFormat.NDJSON: everyone,
        ExportFormat.ORACLE_HDL: rated,
        ExportFormat.SUCCESSFACTORS_CSV: rated,
        ExportFormat.WORKDAY_CSV: everyone,
    }


def beside(path: Path) -> list[Path]:
    """Return what lies in the folder of a file."""
    return [each for each in path.parent.iterdir() if each.is_file()]


def people(wanted: ExportFormat, path: Path) -> set[str]:
    """Return whom a file tells of, by their ids in the HR system."""
    match wanted:
        case ExportFormat.NDJSON:
            rows = map(json.loads, path.read_text().splitlines())
            return {row["person"]["external_id"] for row in rows}
        case ExportFormat.ORACLE_HDL:
            with zipfile.ZipFile(path) as packed:
                lines = packed.read("RatingsAndComments.dat").decode().splitlines()
            return {line.split("|")[2] for line in lines[1:]}
        case _:
            header, *cells = csv.reader(io.StringIO(path.read_text(), newline=""))
            column = {"csv": "person_external_id", "workday-csv": "Employee_ID"}
            at = header.index(column.get(wanted, "userId"))
            return {row[at] for row in cells} - {"User ID"}


async def test_each_row_is_signed_with_a_published_key(
    stored: Stored, files: Mapping[ExportFormat, Written], tmp_path: Path
) -> None:
    path = files[ExportFormat.NDJSON].path
    done = await stored.run(tmp_path, "verify", path)
    assert done.stdout == f"{len(OF_HMT)} rows, 0 of them not as signed.\n"
    report = verify(path.read_text(), keys_from('{"keys": []}'))
    assert len(report.faults) == len(OF_HMT)


async def test_as_json_it_says_what_is_on_the_audit(
    stored: Stored, tmp_path: Path
) -> None:
    out, cycle = tmp_path / "out.ndjson", str(stored.scene.cycle)
    words = ("--organisation", "hmt", "--format", "ndjson", "--out", out)
    done = await stored.run(tmp_path, "export", *words, "--cycle", cycle, "--json")
    said = json.loads(done.stdout)
    assert said == {
        "scores": len(OF_HMT),
        "bytes": out.stat().st_size,
        "sha256": sha256(out.read_bytes()).hexdigest(),
    }
    of_cycle = (AuditEntry.entity_id == cycle) & (AuditEntry.action == "export")
    (entry,) = await AuditEntry.select().where(of_cycle)
    assert entry["organisation"] == "hmt"
    told = {"format": "ndjson", "scores": said["scores"], "sha256": said["sha256"]}
    assert json.loads(entry["after"]) == told


async def test_the_organisations_own_layout_takes_the_place_of_ours(
    stored: Stored, tmp_path: Path
) -> None:
    own = tmp_path / "layouts" / "hmt" / "oracle-hdl.toml"
    own.parent.mkdir(parents=True)
    own.write_text(OWN)
    out = tmp_path / "out.csv"
    done = await stored.export(tmp_path, "hmt", "oracle-hdl", out)
    assert done.returncode == 0, done.stderr
    assert out.read_text().splitlines()[0] == "Who"
    words = ["validate", str(out), "--format", "oracle-hdl", "--layout", str(own)]
    checked = CliRunner().invoke(export, words)
    assert (checked.exit_code, checked.output) == (0, "It is as its layout says.\n")
    await stored.export(tmp_path, "dwp", "oracle-hdl", out)
    assert zipfile.is_zipfile(out)


async def test_a_layout_that_cannot_be_used_leaves_no_file(
    stored: Stored, tmp_path: Path
) -> None:
    own = tmp_path / "layouts" / "hmt" / "workday-csv.toml"
    own.parent.mkdir(parents=True)
    own.write_text('title = "Ours"\n')
    out = tmp_path / "out.csv"
    done = await stored.export(tmp_path, "hmt", "workday-csv", out)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Mend workday-csv.toml" in done.stderr
    assert not out.exists()


async def test_an_organisation_that_is_not_there_is_refused(
    stored: Stored, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    done = await stored.export(tmp_path, "nobody", "csv", out)
    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody: see `joinedup organisations list`." in done.stderr
    assert not out.exists()


async def test_a_cycle_that_is_not_there_is_refused(
    stored: Stored, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    words = ("--organisation", "hmt", "--format", "csv", "--out", out)
    done = await stored.run(tmp_path, "export", *words, "--cycle", str(uuid4()))
    assert (done.returncode, done.stdout) == (1, "")
    assert "cycle" in done.stderr
    assert not out.exists()


async def test_where_nothing_can_be_written_it_says_so(
    stored: Stored, tmp_path: Path
) -> None:
    out = tmp_path / "no" / "out.csv"
    done = await stored.export(tmp_path, "hmt", "csv", out)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"--out: {out}: No such file or directory." in done.stderr


@pytest.mark.parametrize("missing", ["--organisation", "--format", "--out"])
def test_it_says_what_it_needs(missing: str) -> None:
    given = ["--organisation", "hmt", "--format", "csv", "--out", "out.csv"]
    at = given.index(missing)
    said = CliRunner().invoke(export, given[:at] + given[at + 2 :])
    assert said.exit_code != 0
    assert "Give --organisation, --format and --out." in said.output


async def test_a_file_that_is_wrong_is_named_by_its_line(
    files: Mapping[ExportFormat, Written], tmp_path: Path
) -> None:
    lines = files[ExportFormat.WORKDAY_CSV].path.read_text().splitlines()
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("\n".join([lines[0], f"{lines[1]},more", *lines[2:]]) + "\n")
    words = ["validate", str(wrong), "--format", "workday-csv"]
    said = CliRunner().invoke(export, words)
    assert said.exit_code == 1
    assert said.output == "wrong.csv, line 2: 14 cells, not 13.\n1 faults\n"
