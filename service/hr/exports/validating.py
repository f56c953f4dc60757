"""Check a file against its layout, before an HR system does.

Pure but for reading the file. The law: what this service writes passes, and what is
wrong is named by file, line and column.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from service.edge.shaping import FORMULA
from service.errors import Unprocessable
from service.hr.exports.layouts import Layout, LayoutColumn, LayoutFile
from service.hr.exports.rendering import headings
from service.hr.exports.rules import ExportFormat
from service.hr.queries import HEADING
from service.hr.schemas import CollaborationScore

MOST: Final = 100
"""Faults that are named; the rest show once these are mended."""
CELL: Final = re.compile(r"(?:\\.|[^|\\])*", re.DOTALL)
"""One cell of HDL: a bar ends it unless a backslash stands before."""


class NotAFile(Unprocessable):
    """The file cannot be read as what it should be."""

    slug = "export-file-unreadable"


def faults(path: Path, wanted: ExportFormat, layout: Layout | None) -> list[str]:
    """Return what is wrong with a file, one sentence each; nothing if it is right."""
    try:
        found = _faults(path, wanted, layout)
        return [fault for fault, _ in zip(found, range(MOST), strict=False)]
    except (OSError, UnicodeDecodeError, zipfile.BadZipFile, csv.Error) as error:
        raise NotAFile(f"{path.name}: {type(error).__name__}.") from error


def _faults(path: Path, wanted: ExportFormat, layout: Layout | None) -> Iterator[str]:
    if layout is None:
        text = path.read_text(encoding="utf-8")
        of = _of_ndjson if wanted is ExportFormat.NDJSON else _of_csv
        yield from of(path.name, text)
    elif layout.style == "hdl":
        yield from _of_zip(path, layout)
    else:
        text = path.read_bytes().decode("utf-8")
        rows = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
        yield from _of_rows(path.name, rows, layout, layout.files[0])


def _of_ndjson(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        try:
            CollaborationScore.model_validate_json(line)
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            yield f"{name}, line {number}: {where} {error.errors()[0]['msg']}."


def _of_csv(name: str, text: str) -> Iterator[str]:
    rows = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
    names = HEADING.decode().strip().split(",")
    if not rows or rows[0] != names:
        yield f"{name}, line 1: the headers are not those of a score."
        return
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(names):
            yield f"{name}, line {number}: {len(row)} cells, not {len(names)}."
        yield from _formulas(name, number, row)


def _formulas(name: str, number: int, row: Sequence[str]) -> Iterator[str]:
    for cell in row:
        if re.match(FORMULA, cell) and not cell.startswith("'"):
            yield f"{name}, line {number}: a cell begins as a formula does."


def _of_zip(path: Path, layout: Layout) -> Iterator[str]:
    with zipfile.ZipFile(path) as packed:
        names = [file.name for file in layout.files]
        if packed.namelist() != names:
            yield f"{path.name} holds {packed.namelist()} and not {names}."
            return
        for file in layout.files:
            text = packed.read(file.name).decode("utf-8")
            yield from _of_hdl(text, layout, file)


def _of_hdl(text: str, layout: Layout, file: LayoutFile) -> Iterator[str]:
    lines = text.split("\n")
    if lines.pop() != "":
        yield f"{file.name}: the last line has no end."
    (heading,) = headings(layout, file)
    if not lines or f"{lines[0]}\n" != heading:
        yield f"{file.name}, line 1: it is not {heading.strip()}."
        return
    for number, line in enumerate(lines[1:], 2):
        operation, kind, *cells = _cells(line)
        if (operation, kind) != (file.operation, file.object):
            yield f"{file.name}, line {number}: it is no {file.object} to merge."
        yield from _of_cells(file.name, number, cells, file.columns)


def _cells(line: str) -> list[str]:
    """Return what a line of HDL says, without its backslashes."""
    found, at = [], 0
    while True:
        match = CELL.match(line, at)
        assert match is not None  # noqa: S101 - it matches nothing, too
        said = re.sub(
            r"\\(.)",
            lambda escape: "\n" if escape[1] == "n" else escape[1],
            match[0],
            flags=re.DOTALL,
        )
        found.append(said)
        at = match.end() + 1
        if at > len(line):
            return found if len(found) > 1 else [*found, ""]


def _of_rows(
    name: str, rows: Sequence[Sequence[str]], layout: Layout, file: LayoutFile
) -> Iterator[str]:
    wanted = [next(csv.reader([line])) for line in headings(layout, file)]
    if [*rows[: len(wanted)]] != wanted:
        yield f"{name}, line 1: the headers are not those of the layout."
        return
    for number, row in enumerate(rows[len(wanted) :], len(wanted) + 1):
        yield from _formulas(name, number, row)
        said = [re.sub(rf"^'(?={FORMULA[1:]})", "", cell) for cell in row]
        yield from _of_cells(name, number, said, file.columns)


def _of_cells(
    name: str, number: int, cells: Sequence[str], columns: Sequence[LayoutColumn]
) -> Iterator[str]:
    if len(cells) != len(columns):
        yield f"{name}, line {number}: {len(cells)} cells, not {len(columns)}."
        return
    for cell, column in zip(cells, columns, strict=True):
        fault = _fault(cell, column)
        if fault is not None:
            yield f"{name}, line {number}, {column.header}: {fault}."


def _fault(cell: str, column: LayoutColumn) -> str | None:
    if not cell:
        return "it is required" if column.required else None
    if len(cell) > column.max_length:
        return f"it is longer than {column.max_length}"
    if column.constant and cell != column.constant:
        return f"it is not {column.constant}"
    if column.values and cell not in column.values.values():
        return f"it is none of {', '.join(column.values.values())}"
    if column.date:
        try:
            datetime.strptime(cell, column.date)  # noqa: DTZ007 - a day
        except ValueError:
            return f"it is no day of {column.date}"
    return None
