"""Rows that hold from a day to a day: loaded while open, closed and opened in bulk.

The law: nothing is deleted, and a row is closed once, while it is open.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid4

from service.db import Connection
from service.errors import Conflict


class NameFacts(NamedTuple):
    """A name an organisation goes by."""

    name: str
    kind: str


class DomainFacts(NamedTuple):
    """An e-mail domain of an organisation."""

    domain: str


class PostFacts(NamedTuple):
    """A post on the organogram."""

    reference: str
    title: str
    unit: str | None
    grade: str
    occupancy: str
    reports_to_organisation: str | None
    reports_to_reference: str | None


class DetailsFacts(NamedTuple):
    """What a person is called."""

    person: UUID
    given_name: str
    family_name: str
    email: str


class IdentifierFacts(NamedTuple):
    """What a source knows a person by."""

    person: UUID
    source: str
    external_id: str


class RecordFacts(NamedTuple):
    """An appraisal record that an HR system keeps for a person."""

    person: UUID
    source: str
    external_record_id: str


class PostingFacts(NamedTuple):
    """What a person does, and for how much of the week."""

    person: UUID
    grade: str
    title: str
    unit: str | None
    post_reference: str | None
    fte: Decimal
    kind: str
    started_on: date


class LineFacts(NamedTuple):
    """Who answers for a person."""

    person: UUID
    manager: UUID
    kind: str


Facts = TypeVar("Facts", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True)
class Held(Generic[Facts]):
    """An open row as it is stored."""

    organisation: str
    id: UUID
    facts: Facts
    valid_from: date


@dataclass(frozen=True, slots=True)
class Dated(Generic[Facts]):
    """A table of dated rows."""

    name: str
    facts: type[Facts]
    types: tuple[str, ...]
    """PostgreSQL's, of the columns that hold the facts, in their order."""

    @property
    def columns(self) -> str:
        """Return the columns that hold the facts, as SQL lists them."""
        fields: tuple[str, ...] = self.facts._fields  # type: ignore[attr-defined]  # Facts are NamedTuples, which mypy cannot bound.
        return ", ".join(fields)

    async def open_rows(
        self, connection: Connection, organisations: Collection[str]
    ) -> list[Held[Facts]]:
        """Return the open rows of these organisations."""
        rows = await connection.fetch(
            f"SELECT organisation, id, valid_from, {self.columns} FROM {self.name}"  # noqa: S608 - names from this module
            " WHERE organisation = ANY($1) AND valid_to IS NULL ORDER BY id",
            sorted(organisations),
        )
        return [
            Held(
                row["organisation"],
                row["id"],
                self.facts(*tuple(row)[3:]),
                row["valid_from"],
            )
            for row in rows
        ]

    async def close(self, connection: Connection, closing: "Sequence[Closing]") -> None:
        """Close rows that are open."""
        done = await connection.execute(
            f"UPDATE {self.name} AS held SET valid_to = closed.day"  # noqa: S608 - as above
            " FROM unnest($1::varchar[], $2::uuid[], $3::date[])"
            " AS closed (organisation, id, day)"
            " WHERE held.organisation = closed.organisation AND held.id = closed.id"
            " AND held.valid_to IS NULL",
            [each.held.organisation for each in closing],
            [each.held.id for each in closing],
            [each.day for each in closing],
        )
        if done != f"UPDATE {len(closing)}":
            raise ChangedMeanwhile(
                f"Rows of {self.name} were closed by somebody else: import again."
            )

    async def open(self, connection: Connection, opening: "Sequence[Opening]") -> None:
        """Add rows."""
        types = ("varchar", "uuid", "date", "date", *self.types)
        arrays = ", ".join(f"${n}::{each}[]" for n, each in enumerate(types, 1))
        await connection.execute(
            f"INSERT INTO {self.name}"  # noqa: S608 - as above
            f" (organisation, id, valid_from, valid_to, {self.columns})"
            f" SELECT * FROM unnest({arrays})",
            [each.organisation for each in opening],
            [each.id for each in opening],
            [each.opens for each in opening],
            [each.closes for each in opening],
            *map(list, zip(*(each.facts for each in opening), strict=True)),
        )


class ChangedMeanwhile(Conflict):
    """What an import was about to change was changed by somebody else."""

    slug = "import-changed-meanwhile"


NAMES: Final = Dated("organisation_name", NameFacts, ("varchar", "varchar"))
DOMAINS: Final = Dated("organisation_domain", DomainFacts, ("varchar",))
POSTS: Final = Dated("post", PostFacts, ("varchar",) * 7)
DETAILS: Final = Dated("person_details", DetailsFacts, ("uuid", *("varchar",) * 3))
IDENTIFIERS: Final = Dated(
    "person_identifier", IdentifierFacts, ("uuid", "varchar", "varchar")
)
RECORDS: Final = Dated("hr_record", RecordFacts, ("uuid", "varchar", "varchar"))
POSTINGS: Final = Dated(
    "posting",
    PostingFacts,
    ("uuid", *("varchar",) * 4, "numeric", "varchar", "date"),
)
LINES: Final = Dated("reporting_line", LineFacts, ("uuid", "uuid", "varchar"))
IN_ORDER: Final[tuple[Dated[Any], ...]] = (
    NAMES,
    DOMAINS,
    POSTS,
    DETAILS,
    IDENTIFIERS,
    RECORDS,
    POSTINGS,
    LINES,
)


class Closing(NamedTuple):
    """A row to close."""

    table: Dated[Any]
    held: Held[Any]
    day: date


class Opening(NamedTuple):
    """A row to open."""

    table: Dated[Any]
    id: UUID
    organisation: str
    facts: Any
    opens: date
    closes: date | None


@dataclass(slots=True)
class Changes:
    """What an import will close and open, decided before anything is written."""

    closing: list[Closing] = field(default_factory=list)
    opening: list[Opening] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self.closing or self.opening)

    def close(self, table: Dated[Facts], held: Held[Facts], day: date) -> None:
        """Close a row on a day, or on the day it begins if that is later."""
        self.closing.append(Closing(table, held, max(day, held.valid_from)))

    def open(
        self,
        table: Dated[Facts],
        organisation: str,
        facts: Facts,
        opens: date,
        *,
        closes: date | None = None,
    ) -> None:
        """Open a row from a day on, or to a day that has passed."""
        new = Opening(table, uuid4(), organisation, facts, opens, closes)
        self.opening.append(new)

    def add(self, others: "Changes") -> None:
        """Take over what others close and open."""
        self.closing += others.closing
        self.opening += others.opening

    def opening_of(self, table: Dated[Facts]) -> list[Opening]:
        """Return the rows to open in one table."""
        return [each for each in self.opening if each.table is table]

    async def write(self, connection: Connection) -> None:
        """Close, then open: what is unique may move from one row to another."""
        for table in IN_ORDER:
            closing = [each for each in self.closing if each.table is table]
            if closing:
                await table.close(connection, closing)
        for table in IN_ORDER:
            if opening := self.opening_of(table):
                await table.open(connection, opening)


def by_organisation(
    rows: Iterable[Held[Facts]],
) -> Mapping[str, list[Held[Facts]]]:
    """Group rows by the organisation they belong to."""
    grouped: dict[str, list[Held[Facts]]] = defaultdict(list)
    for row in rows:
        grouped[row.organisation].append(row)
    return grouped
