import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.directory.importing import people_file, posts_file, reading
from service.directory.importing.reading import MOST_ROWS, Reading
from service.directory.importing.report import Complaint, Findings, silent
from service.directory.importing.row import Row
from service.directory.importing.text import LONGEST_LINE, MOST_BYTES
from tests.directory.files import PERSON, POST, TODAY, person, post, text, write


def read(*files: Path) -> tuple[list[Row], Findings]:
    """Read files of posts."""
    findings = Findings()
    return list(Reading(posts_file.LAYOUT, findings, silent).rows(files)), findings


def spoiled(*files: Path) -> Complaint:
    """Read a file that cannot be used, and return why not."""
    rows, findings = read(*files)
    assert not rows
    [complaint] = findings.spoiled
    return complaint


def in_bytes(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("mark", ["", "\N{ZERO WIDTH NO-BREAK SPACE}"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(
    tmp_path: Path, mark: str, ends: str
) -> None:
    content = (mark + text([post("Pé")], ends)).encode()

    rows, findings = read(in_bytes(tmp_path, content))

    assert [row.cells["Post Unique Reference"] for row in rows] == ["Pé"]
    assert [row.place.line for row in rows] == [2]
    assert not findings.noted


def test_windows_1252_is_read_with_a_warning(tmp_path: Path) -> None:
    content = text([post("P1", Job="Naval Attaché \N{EN DASH} Paris")]).encode("cp1252")

    rows, findings = read(in_bytes(tmp_path, content))

    assert rows[0].cells["Job Title"] == "Naval Attaché \N{EN DASH} Paris"
    [matter] = findings.noted
    assert "Windows-1252" in matter.what


def test_columns_are_found_by_name_in_any_order_and_spelling(tmp_path: Path) -> None:
    columns = {f" {name.upper()}  ": value for name, value in reversed(POST.items())}

    rows, _ = read(write(tmp_path, columns))

    assert rows[0].cells["Job Title"] == "Deputy Director"


def test_a_missing_column_is_named_with_those_that_may_have_been_meant(
    tmp_path: Path,
) -> None:
    wrong = {
        "Job Titel" if name == "Job Title" else name: value
        for name, value in POST.items()
    }

    complaint = spoiled(write(tmp_path, wrong))

    assert (complaint.line, complaint.column) == (1, "Job Title")
    assert "There is no column 'Job Title'" in complaint.detail
    assert "'Job Titel'" in complaint.detail
    assert "Name the column 'Job Title'" in complaint.remedy


def test_a_column_there_twice_is_refused(tmp_path: Path) -> None:
    content = text([POST]).replace("Notes", "Unit").encode()

    assert "two columns 'Unit'" in spoiled(in_bytes(tmp_path, content)).detail


def test_semicolons_are_told_from_commas(tmp_path: Path) -> None:
    content = text([POST]).replace(",", ";").encode()

    _, findings = read(in_bytes(tmp_path, content))

    assert {each.remedy for each in findings.spoiled} == {
        "Save the file separated by commas."
    }


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\xd0\xcf\x11\xe0rest", "Excel"),
        (text([POST]).encode("utf-16"), "UTF-16"),
        (b"\x7fELF\x00\x01", "binary"),
        (text([POST]).encode() + b"\xff\x81", "neither UTF-8 nor Windows-1252"),
    ],
)
def test_what_is_no_text_is_refused(
    tmp_path: Path, content: bytes, detail: str
) -> None:
    complaint = spoiled(in_bytes(tmp_path, content))

    assert detail in complaint.detail
    assert complaint.remedy


def test_a_header_alone_is_no_rows_and_a_warning(tmp_path: Path) -> None:
    rows, findings = read(in_bytes(tmp_path, text([POST]).split("\n")[0].encode()))

    assert (rows, findings.read) == ([], 0)
    [matter] = findings.noted
    assert matter.what == "The file has a header and no rows"


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    header, row, _ = text([POST]).split("\n")
    content = f"{header}\n\n{row}\n  \n{',' * 18}\n"

    rows, findings = read(in_bytes(tmp_path, content.encode()))

    assert [row.place.line for row in rows] == [3]
    assert findings.read == 1


@pytest.mark.parametrize("end", ["", ",x", ',"x"y'])
def test_a_row_that_does_not_fit_is_refused_by_its_line(
    tmp_path: Path, end: str
) -> None:
    header, row, _ = text([POST]).split("\n")
    bad = f"{row}{end}" if end else row.rpartition(",")[0]

    rows, findings = read(in_bytes(tmp_path, f"{header}\n{bad}\n{row}\n".encode()))

    [(place, complaint)] = findings.rejected.items()
    assert place.line == 2
    assert complaint.remedy
    assert findings.read == len(rows) + 1


def test_a_quotation_mark_never_closed_is_refused_where_it_opens(
    tmp_path: Path,
) -> None:
    good = text([post("P1", Organisation="DFID")] * 3)
    row = good.split("\n")[1]
    content = good + '"' + f"{row}\n" * 300

    _, findings = read(in_bytes(tmp_path, content.encode()))

    [complaint] = findings.spoiled
    assert complaint.line == 5
    assert "quotation mark" in complaint.remedy


def test_a_line_longer_than_the_limit_is_refused(tmp_path: Path) -> None:
    row = post("P1", Job="x" * LONGEST_LINE)

    complaint = spoiled(write(tmp_path, row))

    assert complaint.line == 2
    assert "20,000 characters" in complaint.detail


def test_a_file_larger_than_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)  # A hole: it takes no room.

    assert "at most 32 are read" in spoiled(path).detail


def test_the_limit_of_rows_is_over_all_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 5)
    files = [
        write(tmp_path, *(post(f"{n}-{row}") for row in range(3)), name=f"{n}.csv")
        for n in range(3)
    ]

    rows, findings = read(*files)

    assert len(rows) == 5
    [complaint] = findings.spoiled
    assert (complaint.file, complaint.line) == (str(files[1]), 4)
    assert MOST_ROWS == 50_000


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "there"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)

    complaint = spoiled(path)

    assert complaint.file == str(path)
    assert complaint.remedy


def test_a_file_named_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, POST)

    _, findings = read(path, path)

    [complaint] = findings.spoiled
    assert "named twice" in complaint.detail


def while_read(path: Path, change: str) -> Iterator[Row]:
    """Read a long file, and change it after its first row."""
    findings = Findings()
    rows = Reading(posts_file.LAYOUT, findings, silent).rows([path])
    yield next(rows)
    if change == "cut short":
        os.truncate(path, 400_000)
    elif change == "written to":
        with path.open("a", encoding="utf-8") as file:
            file.write("more")
    yield from rows
    [complaint] = findings.spoiled
    assert "changed while it was being read" in complaint.detail


@pytest.mark.parametrize("change", ["cut short", "written to"])
def test_a_file_that_changes_half_way_is_refused(tmp_path: Path, change: str) -> None:
    path = write(tmp_path, *(post(f"P{n}") for n in range(5_000)))

    assert list(while_read(path, change))


def test_a_disk_that_fails_half_way_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object, __: int) -> tuple[str, str]:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(reading, "survey", fails)

    assert "Input/output error" in spoiled(write(tmp_path, POST)).detail


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.binary(max_size=2_000))
@example(text([PERSON]).encode() + b'"\x00')
@example(text([PERSON]).encode().replace(b"1.0", b"\x00\xff"))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = in_bytes(tmp_path, content)
    findings = Findings()

    rows = list(Reading(people_file.LAYOUT, findings, silent).rows([path]))

    for row in rows:
        people_file.read(row, TODAY)
    assert rows or findings.spoiled or findings.rejected or findings.noted


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.fixed_dictionaries({column: st.text(max_size=40) for column in PERSON}))
def test_any_text_in_any_cell_is_taken_or_refused_by_its_column(
    tmp_path: Path, cells: dict[str, str]
) -> None:
    path = in_bytes(tmp_path, text([cells]).encode("utf-8", "replace"))
    findings = Findings()

    for row in Reading(people_file.LAYOUT, findings, silent).rows([path]):
        taken = people_file.read(row, TODAY)
        assert (taken is None) == bool(findings.rejected)
    for complaint in findings.rejected.values():
        assert complaint.column is None or complaint.column in PERSON
        assert complaint.remedy


def test_a_good_row_is_taken_whole(tmp_path: Path) -> None:
    findings = Findings()
    file = write(tmp_path, person(1, first_name="  Zoë   Anne "))

    [row] = Reading(people_file.LAYOUT, findings, silent).rows([file])
    taken = people_file.read(row, TODAY)

    assert taken is not None
    assert taken.given_name == "Zoë Anne"
    assert taken.manager is None
