"""Published scores as HR systems pull them: always within given organisations.

The law: PostgreSQL writes a score, and here it is passed on as it is written; what is
not signed yet is signed first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from service.audit.actions import DISCLOSURE
from service.db import alone, transaction
from service.db.reach import LISTED, REACHED, listed, reaching
from service.edge.shaping import as_csv, as_json, columns
from service.hr.document import SOURCE, shape_of
from service.hr.schemas import CollaborationScore
from service.hr.signing.keeping import UNSIGNED, sign_these
from service.hr.telling import Telling, telling

SHAPE: Final = shape_of("$1::text")
HEADING: Final = ",".join(name for name, _ in columns(SHAPE)).encode() + b"\n"
"""The names of the columns of CSV."""
CONDITIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cycle": "s.cycle = {}::uuid",
        "person": "s.person = {}::uuid",
        "score": "s.id = {}::uuid",
        "changed_since": "s.changed_at >= {}::timestamptz",
        "after": "s.id > {}::uuid",
        "among": "s.id = ANY ({}::uuid[])",
    }
)
"""What may narrow a question down, by name; its parameters come in this order."""
FIRST: Final = 3
"""Number of the first such parameter, after issuer and organisations."""


class Line(Enum):
    """How a score is written."""

    ITEM = "item"
    """Of a list: commas stand between them."""
    NDJSON = "ndjson"
    CSV = "csv"


WRITTEN: Final[Mapping[Line, str]] = MappingProxyType(
    {
        Line.ITEM: as_json(SHAPE),
        Line.NDJSON: f"concat({as_json(SHAPE)}, E'\\n')",
        Line.CSV: as_csv(SHAPE),
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """Which scores are asked for, of these organisations' people."""

    organisations: Collection[str]
    cycle: UUID | None = None
    person: UUID | None = None
    score: UUID | None = None
    changed_since: datetime | None = None
    after: UUID | None = None
    among: Collection[UUID] | None = None
    """Those of these ids."""

    def given(self) -> dict[str, Any]:
        """Return what narrows it down."""
        named = ((name, getattr(self, name)) for name in CONDITIONS)
        return {name: value for name, value in named if value is not None}


@dataclass(frozen=True, slots=True)
class Written:
    """Scores in order of id, as they are sent."""

    body: bytes
    count: int
    last: UUID | None
    """The last one's id, if more scores follow it."""
    digest: bytes
    """Of the body; made where the body is."""


async def page(
    question: Question,
    line: Line,
    issuer: str,
    limit: int,
    to: Telling | None = None,
) -> Written:
    """Return up to `limit` scores, each written as `line` says, and record it `to`."""
    statement = _page((*question.given(),), line, told=to is not None)
    (row,) = await _signed(statement, question, limit, issuer, to)
    return Written(row["body"] or b"", row["count"], row["last"], row["digest"] or b"")


async def document(
    score: UUID, organisations: Collection[str], issuer: str, to: Telling | None = None
) -> bytes | None:
    """Return the JSON of a published score, and record it `to`."""
    statement = _each(("score",), told=to is not None)
    question = Question(organisations, score=score)
    rows = await _signed(statement, question, 1, issuer, to)
    return rows[0]["body"] if rows else None


async def _signed(
    statement: str, question: Question, limit: int, issuer: str, to: Telling | None
) -> list[Record]:
    """Run a statement about scores; again, once what it finds unsigned is signed."""
    asked = listed(question.organisations), *question.given().values(), limit
    telling = () if to is None else to.arguments()
    while True:
        found = await alone(statement, issuer, *asked, *telling)
        ids = [id_ for row in found for id_ in row["unsigned"] or ()]
        if not ids:
            return found
        async with transaction() as connection:
            await sign_these(connection, ids, issuer)


async def scores(
    organisations: Collection[str],
    issuer: str,
    *,
    cycle: UUID | None = None,
    person: UUID | None = None,
    score: UUID | None = None,
    changed_since: datetime | None = None,
    after: UUID | None = None,
    among: Collection[UUID] | None = None,
    limit: int = 1,
) -> list[CollaborationScore]:
    """Return published scores of these organisations' people, in order of id.

    For whoever looks into them; what is sent on as it is comes from `page`. `among`, of
    which the change feed tells, keeps those of these ids.
    """
    question = Question(
        organisations, cycle, person, score, changed_since, after, among
    )
    statement = _each((*question.given(),))
    rows = await _signed(statement, question, limit, issuer, None)
    return [CollaborationScore.model_validate_json(row["body"]) for row in rows]


@cache
def _page(given: tuple[str, ...], line: Line, *, told: bool = False) -> str:
    """Return the statement of a page: one row, whatever its size."""
    limit = f"${len(given) + FIRST}::int"
    within = f"FILTER (WHERE place <= {limit})"
    between = "," if line is Line.ITEM else ""
    digest = "sha256(body)" if line is Line.ITEM else "NULL::bytea"
    statement = f"""
    SELECT page.*, {digest} AS digest FROM (
    SELECT array_agg(person ORDER BY id) {within} AS people,
        least(count(*), {limit}) AS count,
        convert_to(string_agg(line, '{between}' ORDER BY id) {within}, 'UTF8') AS body,
        CASE WHEN count(*) > {limit} THEN (array_agg(id ORDER BY id))[{limit}] END
            AS last,
        array_agg(id) FILTER (WHERE unsigned AND place <= {limit}) AS unsigned
    FROM (SELECT told.*, row_number() OVER (ORDER BY id) AS place
        FROM ({_asked(given, line)} LIMIT {limit} + 1) told) numbered) page
    """  # noqa: S608 - our own
    return _sent(statement, "body, count, last, unsigned, digest", given, told=told)


@cache
def _each(given: tuple[str, ...], *, told: bool = False) -> str:
    """Return the statement of scores one by one."""
    statement = f"""
    SELECT ARRAY[person] AS people, convert_to(line, 'UTF8') AS body,
        CASE WHEN unsigned THEN ARRAY[id] END AS unsigned
    FROM ({_asked(given, Line.ITEM)} LIMIT ${len(given) + FIRST}) told
    """  # noqa: S608 - our own
    return _sent(statement, "body, unsigned", given, told=told)


def _sent(statement: str, columns: str, given: Sequence[str], *, told: bool) -> str:
    """Return the statement that gives these columns of another, and says so."""
    free = len(given) + FIRST + 1
    if told:
        return telling(reaching(statement, free + len(DISCLOSURE)), columns, free)
    return f"SELECT {columns} FROM ({reaching(statement, free)}) found"  # noqa: S608 - our own


def _asked(given: Sequence[str], line: Line) -> str:
    """Return the query of id, person and line, in order of id."""
    narrower = "".join(
        f" AND {CONDITIONS[name].format(f'${place}')}"
        for place, name in enumerate(given, FIRST)
    )
    return f"""
    SELECT s.id, s.person, {WRITTEN[line]} AS line,
        {UNSIGNED} AS unsigned
    {SOURCE}
    WHERE s.organisation = ANY ({LISTED.format("$2")}) AND s.published_at IS NOT NULL
        AND {REACHED}{narrower}
    ORDER BY s.id
    """
