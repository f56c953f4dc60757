"""Rows as JSON and as CSV, made by PostgreSQL from one description of them.

The law: both formats come from the same shape, so that a row of one says what the same
row of the other says; JSON is the bytes that pydantic would write.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

FORMULA: Final = r"""^['=+\-@\t\r\n＝＋－＠]"""  # noqa: RUF001 - spreadsheets take them
"""How a cell begins that a spreadsheet might run, or that seems to be guarded."""


class Kind(Enum):
    """How a value is written."""

    PLAIN = "plain"
    """A text that needs no escape: an id, a code, a day."""
    TEXT = "text"
    """Somebody's words."""
    BARE = "bare"
    """A number, true or false."""
    JSON = "json"
    """A list, as JSON in either format."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value, by the SQL that has it."""

    sql: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Group:
    """An object; where the condition does not hold it is null."""

    of: Mapping[str, "Leaf | Group"]
    condition: str | None = None


Shape: TypeAlias = Mapping[str, Leaf | Group]


def plain(sql: str) -> Leaf:
    """Return a value that needs no escape."""
    return Leaf(sql, Kind.PLAIN)


def text(sql: str) -> Leaf:
    """Return a value of any characters."""
    return Leaf(sql, Kind.TEXT)


def bare(sql: str) -> Leaf:
    """Return a number, true or false."""
    return Leaf(sql, Kind.BARE)


def figure(sql: str) -> Leaf:
    """Return a number as a float is written: 70.0, and 0.5 where 0.500 is stored."""
    return bare(f"round({sql}, greatest(1, min_scale({sql})))")


def instant(sql: str) -> Leaf:
    """Return an instant of RFC 3339 in UTC; microseconds only where there are any."""
    written = f"""to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return plain(f"replace({written}, '.000000Z', 'Z')")


def listed(sql: str) -> Leaf:
    """Return a list, whose SQL gives it as JSON."""
    return Leaf(sql, Kind.JSON)


def as_json(shape: Shape) -> str:
    """Return the SQL of a row as JSON, without a space that is not in a value."""
    parts: list[str] = []
    for place, (name, member) in enumerate(shape.items()):
        comma = "," if place else ""
        parts += [f"""'{comma}"{name}":'""", _member(member)]
    return f"concat('{{', {', '.join(parts)}, '}}')"


def _member(member: Leaf | Group) -> str:
    if isinstance(member, Group):
        written = as_json(member.of)
        if member.condition is None:
            return written
        return f"CASE WHEN {member.condition} THEN {written} ELSE 'null' END"
    match member.kind:
        case Kind.PLAIN:
            return f"""coalesce('"' || ({member.sql}) || '"', 'null')"""
        case Kind.TEXT:
            return f"coalesce(to_json({member.sql})::text, 'null')"
        case _:
            return f"coalesce(({member.sql})::text, 'null')"


def columns(shape: Shape, within: str = "") -> Iterator[tuple[str, Leaf]]:
    """Give the columns of a row of CSV by name: what an object holds follows its name.

    Somebody's words never begin a formula: an apostrophe stands before those that
    would, and before those that begin with one, so that it can be taken off again.
    """
    for name, member in shape.items():
        if isinstance(member, Leaf):
            yield f"{within}{name}", member
            continue
        for inner, leaf in columns(member.of, f"{within}{name}_"):
            sql = leaf.sql
            if member.condition is not None:
                sql = f"CASE WHEN {member.condition} THEN {sql} END"
            yield inner, Leaf(sql, leaf.kind)


def cells(shape: Shape) -> Iterator[tuple[str, str]]:
    """Give each cell of a row of CSV: its name, and SQL that gives text or null."""
    for name, leaf in columns(shape):
        yield name, _guarded(leaf)


def _guarded(leaf: Leaf) -> str:
    written = f"({leaf.sql})::text"
    if leaf.kind is not Kind.TEXT:
        return written
    harmful = f"{written} ~ {literal(FORMULA)}"
    return f"CASE WHEN {harmful} THEN '''' || {written} ELSE {written} END"


def as_csv(shape: Shape) -> str:
    """Return the SQL of a row as a line of CSV (RFC 4180)."""
    written = [_cell(leaf) for _, leaf in columns(shape)]
    joined = ", ',', ".join(written)
    return f"concat({joined}, E'\\n')"


def _cell(leaf: Leaf) -> str:
    match leaf.kind:
        case Kind.TEXT:
            return _quoted(_guarded(leaf))
        case Kind.JSON:  # Written once: it may be costly.
            return _between_quotes(f"({leaf.sql})::text")
        case _:
            return f"({leaf.sql})::text"


def _quoted(cell: str) -> str:
    needs = f"""{cell} = '' OR {cell} ~ E'[",\\r\\n]'"""
    return f"CASE WHEN {needs} THEN {_between_quotes(cell)} ELSE {cell} END"


def _between_quotes(cell: str) -> str:
    return f"""'"' || replace({cell}, '"', '""') || '"'"""


def each_of(shape: Shape, array: str) -> str:
    """Return the SQL of a list of such objects, of each `e` of an array of jsonb."""
    return (
        f"(SELECT concat('[', string_agg({as_json(shape)}, ',' ORDER BY n), ']')"  # noqa: S608 - our own
        f" FROM jsonb_array_elements({array}) WITH ORDINALITY AS a (e, n))"
    )


def literal(written: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + written.replace("'", "''") + "'"


def written_csv(cells: Sequence[str], end: str = "\n") -> str:
    """Return a line of CSV that was not made by PostgreSQL, guarded as if it were."""
    out = io.StringIO()
    guarded = [f"'{cell}" if re.match(FORMULA, cell) else cell for cell in cells]
    csv.writer(out, lineterminator=end).writerow(guarded)
    return out.getvalue()
