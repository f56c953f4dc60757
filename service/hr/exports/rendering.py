"""Rows of scores as a layout has them.

Pure. The law: a value that a layout has no word for, or no room for, is refused and not
left out; no cell of CSV begins a formula.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from service.edge.shaping import written_csv
from service.hr.exports.layouts import Layout, LayoutColumn, LayoutFile
from service.hr.exports.rules import BadLayout

Row = Mapping[str, str]


def flat(item: Mapping[str, Any], within: str = "") -> dict[str, str]:
    """Return a score as JSON has it by the names of its columns of CSV."""
    found: dict[str, str] = {}
    for name, value in item.items():
        column = f"{within}{name}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{column}_")
        elif value is not None and not isinstance(value, list):
            found[column] = (
                str(value).lower() if value is True or value is False else (str(value))
            )
    return found


def headings(layout: Layout, file: LayoutFile) -> Iterator[str]:
    """Give the lines that stand above the rows."""
    names = [column.header for column in file.columns]
    if layout.style == "hdl":
        yield _hdl(["METADATA", file.object, *names])
        return
    yield _csv(names)
    if layout.header_rows > 1:
        yield _csv([column.label or column.header for column in file.columns])


def line(layout: Layout, file: LayoutFile, row: Row) -> str | None:
    """Return the line of a row; None where the file leaves it out."""
    if file.only_with and not row.get(file.only_with):
        return None
    cells = [_cell(column, row) for column in file.columns]
    if layout.style == "hdl":
        return _hdl([file.operation, file.object, *cells])
    return _csv(cells)


def _cell(column: LayoutColumn, row: Row) -> str:
    if column.template:
        written = column.template.format_map(_Blank(row))
    elif column.field:
        written = _written(column, row.get(column.field, ""))
    else:
        written = column.constant
    if column.required and not written:
        raise BadLayout(f"{column.header} is required, and score {row['id']} has none.")
    if len(written) > column.max_length:
        raise BadLayout(
            f"{column.header} of score {row['id']} is longer than {column.max_length}."
        )
    return written


class _Blank(dict[str, str]):
    """Says nothing of a field that a row has not."""

    def __missing__(self, _: str) -> str:
        return ""


def _written(column: LayoutColumn, value: str) -> str:
    if not value:
        return ""
    if column.date:
        return _day(column, value)
    if not column.values:
        return value
    if value not in column.values:
        raise BadLayout(f"{column.header} has no word for {value}.")
    return column.values[value]


def _day(column: LayoutColumn, value: str) -> str:
    try:
        return datetime.fromisoformat(value).strftime(column.date)
    except ValueError:
        raise BadLayout(f"{column.header} is of no day: {value}.") from None


def _hdl(cells: list[str]) -> str:
    """Write a line of HDL: a backslash before what would end a cell or a line."""
    kept = (
        cell.replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("\r", "")
        .replace("\n", "\\n")
        for cell in cells
    )
    return "|".join(kept) + "\n"


def _csv(cells: list[str]) -> str:
    return written_csv(cells, "\r\n")
