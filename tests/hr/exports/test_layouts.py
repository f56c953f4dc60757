"""Layouts as data, files written by them, and what a validator finds in a bad one."""

import stat
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.audit.tables import AuditEntry
from service.cli.exporting import export
from service.hr.exports.actions import write_out
from service.hr.exports.layouts import HERE, Layout, LayoutFile, layout_of, read
from service.hr.exports.rendering import headings, line
from service.hr.exports.rules import MAPPED, BadLayout, ExportFormat
from service.hr.exports.validating import faults
from tests.factories import OPERATOR, RELEASED
from tests.scoring import Scene

ISSUER = "https://joinedup.example"
EXAMPLES = Path(__file__).parents[3] / "openapi" / "examples" / "exports"
ROW = {
    "id": "0b0e",
    "person_external_id": "10023456",
    "record_external_id": "r1",
    "manager_external_id": "10020001",
    "period_start": "2026-04-01",
    "period_end": "2027-03-31",
    "state": "published",
    "value": "71.5",
    "interval_low": "64.0",
    "interval_high": "79.0",
    "band": "clearly_above",
    "confidence": "firm",
    "method_name": "crossed",
    "method_version": "1",
}


@pytest.mark.parametrize("wanted", sorted(MAPPED))
def test_each_mapped_format_has_a_layout_that_says_how_far_it_was_checked(
    wanted: ExportFormat, tmp_path: Path
) -> None:
    layout = layout_of(wanted, "hmt", tmp_path)
    assert layout.note == "layout from public documents, not validated against a tenant"
    assert {path.stem for path in HERE.glob("*.toml")} == {*MAPPED}


def a_layout(wanted: ExportFormat) -> tuple[Layout, LayoutFile]:
    layout = read(HERE / f"{wanted}.toml")
    return layout, layout.files[-1]


def test_what_ends_a_cell_of_hdl_is_kept_from_ending_it() -> None:
    layout, file = a_layout(ExportFormat.ORACLE_HDL)
    written = line(layout, file, {**ROW, "person_external_id": "a|b\\c\nd"})
    assert written is not None
    assert written.startswith("MERGE|RatingsAndComments|a\\|b\\\\c\\nd|")
    assert written.count("\n") == 1


def test_two_header_rows_and_no_formula() -> None:
    layout, file = a_layout(ExportFormat.SUCCESSFACTORS_CSV)
    ids, labels = headings(layout, file)
    assert ids.startswith("userId,startDate,")
    assert labels.startswith("User ID,Start Date,")
    written = line(layout, file, {**ROW, "person_external_id": "=1+1"})
    assert written is not None
    assert written.startswith("'=1+1,04/01/2026,")


def test_a_row_without_a_number_is_left_out_of_ratings() -> None:
    layout, file = a_layout(ExportFormat.ORACLE_HDL)
    assert line(layout, file, {**ROW, "value": ""}) is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"band": "new"}, "no word for new"),
        ({"person_external_id": ""}, "required"),
        ({"person_external_id": "9" * 51}, "longer than 50"),
    ],
)
def test_what_a_layout_has_no_place_for_is_refused(
    changed: dict[str, str], said: str
) -> None:
    layout, file = a_layout(ExportFormat.ORACLE_HDL)
    with pytest.raises(BadLayout, match=said):
        line(layout, file, {**ROW, **changed})


COLUMN = '[[files]]\nname = "a.csv"\n[[files.columns]]\nheader = "A"\n'
HEAD = 'title = "T"\nnote = "N"\nstyle = "csv"\n'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "title = ",
        HEAD,
        HEAD + COLUMN + 'field = "salary"\n',
        HEAD + COLUMN + 'field = "value"\nconstant = "1"\n',
        HEAD + COLUMN + 'template = "{value.__class__}"\n',
        HEAD + COLUMN + 'template = "{value:d}"\n',
        HEAD + COLUMN + 'template = "{}"\n',
        HEAD + COLUMN + 'template = "{value!x}"\n',
        HEAD + COLUMN + 'template = "{value"\n',
        HEAD + COLUMN + 'more = "1"\n',
        HEAD + COLUMN + COLUMN,
        HEAD.replace("csv", "hdl") + COLUMN,
    ],
)
def test_a_layout_that_says_what_it_cannot_is_refused(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "workday-csv.toml"
    path.write_text(text)
    with pytest.raises(BadLayout, match=r"Mend workday-csv\.toml"):
        read(path)


@pytest.mark.parametrize("code", ["hmt", "HMT", "Home_Office-2"])
def test_an_organisation_has_a_layout_of_its_own(code: str, tmp_path: Path) -> None:
    own = tmp_path / "layouts" / code / "workday-csv.toml"
    own.parent.mkdir(parents=True)
    own.write_text(HEAD + COLUMN + 'field = "value"\n')
    assert layout_of(ExportFormat.WORKDAY_CSV, code, tmp_path) == read(own)


def test_a_field_that_is_no_day_is_not_written_as_one(tmp_path: Path) -> None:
    path = tmp_path / "workday-csv.toml"
    path.write_text(HEAD + COLUMN + 'field = "band"\ndate = "%Y"\n')
    layout = read(path)
    with pytest.raises(BadLayout, match="no day"):
        line(layout, layout.files[0], ROW)


@pytest.mark.parametrize("code", ["..", "../hmt", "a/b", ".hmt", ""])
def test_a_code_that_is_none_leads_to_no_file(code: str, tmp_path: Path) -> None:
    wanted = ExportFormat.WORKDAY_CSV
    assert layout_of(wanted, code, tmp_path) == read(HERE / f"{wanted}.toml")


@pytest.mark.parametrize("wanted", [*ExportFormat])
def test_the_examples_are_as_their_layouts_say(
    wanted: ExportFormat, tmp_path: Path
) -> None:
    layout = read(HERE / f"{wanted}.toml") if wanted in MAPPED else None
    if wanted is ExportFormat.ORACLE_HDL:
        path = tmp_path / "oracle-hdl.zip"
        with zipfile.ZipFile(path, "w") as packed:
            for file in layout.files if layout else ():
                packed.write(EXAMPLES / wanted / file.name, file.name)
    else:
        suffix = "ndjson" if wanted is ExportFormat.NDJSON else "csv"
        path = EXAMPLES / f"{wanted.removesuffix('-csv')}.{suffix}"
    assert faults(path, wanted, layout) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("userId", "userid", "headers"),
        ("User ID", "User", "headers"),
        ("04/01/2026", "2026-04-01", "no day of"),
        ("Clearly above", "Best", "none of"),
        ("10023456", "", "required"),
        ("10023456", "=cmd", "formula"),
        ("71.5,", "", "cells"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    layout, file = a_layout(ExportFormat.SUCCESSFACTORS_CSV)
    text = "".join([*headings(layout, file), line(layout, file, ROW) or ""])
    path = tmp_path / "successfactors.csv"
    path.write_text(text, newline="")
    command = ["validate", str(path), "--format", "successfactors-csv"]
    command += ["--layout", str(HERE / "successfactors-csv.toml")]
    right = CliRunner().invoke(export, command)
    assert (right.exit_code, right.output) == (0, "It is as its layout says.\n")

    path.write_text(text.replace(old, new, 1), newline="")
    wrong = CliRunner().invoke(export, command)
    assert wrong.exit_code == 1
    assert said in wrong.output


def test_what_is_no_file_of_its_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "oracle-hdl.zip"
    path.write_bytes(b"PK no zip")
    command = ["validate", str(path), "--format", "oracle-hdl", "--layout"]
    said = CliRunner().invoke(export, [*command, str(HERE / "oracle-hdl.toml")])
    assert said.exit_code == 1


async def test_an_operator_writes_a_file_and_it_is_on_the_audit(
    published: Scene, tmp_path: Path
) -> None:
    path = tmp_path / "out.csv"
    made = await write_out(
        ExportFormat.CSV,
        "hmt",
        path,
        cycle=published.cycle,
        issuer=ISSUER,
        data_dir=tmp_path,
        caller=OPERATOR,
        now=RELEASED,
    )
    assert faults(path, ExportFormat.CSV, None) == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text().splitlines()) == 1 + made.scores == 1 + 8
    (entry,) = await AuditEntry.select().where(AuditEntry.action == "export")
    assert (entry["actor"], entry["organisation"]) == (OPERATOR.key, "hmt")
