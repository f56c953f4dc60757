"""Who was posted where, and who answered for whom, on a given day.

The law: the day is an argument; nothing is read as of now unless now is that day.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from service.db import transaction
from service.directory.rules import (
    AmbiguousIdentifier,
    Held,
    LineKind,
    PostingKind,
    UnknownPerson,
)
from service.directory.tables import Organisation

POSTINGS: Final = """
SELECT person, organisation, grade, title, unit, fte, valid_from, valid_to FROM posting
WHERE person = ANY($1) AND valid_from < $3 AND (valid_to IS NULL OR valid_to > $2)
    AND (valid_to IS NULL OR valid_to > valid_from)
"""
"""Postings held on a day from $2 to the day before $3."""
IN_TIME: Final = " ORDER BY person, valid_from, fte DESC, organisation, id"
MAIN: Final = """
SELECT DISTINCT ON (person)
    person, organisation, grade, title, unit, fte, valid_from, valid_to FROM posting
WHERE person = ANY($1) AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
ORDER BY person, fte DESC, valid_from, organisation, id
"""
MANAGERS: Final = """
SELECT DISTINCT ON (person) person, manager FROM reporting_line
WHERE person = ANY($1) AND kind = $3
    AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
ORDER BY person, valid_from, organisation, id
"""
LINE_ABOVE: Final = """
WITH RECURSIVE above (person, path) AS (
    SELECT $1::uuid, ARRAY[$1::uuid]
    UNION ALL
    SELECT line.manager, above.path || line.manager
    FROM above JOIN LATERAL (
        SELECT manager FROM reporting_line
        WHERE person = above.person AND kind = 'line'
            AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
        ORDER BY valid_from, organisation, id LIMIT 1
    ) AS line ON line.manager <> ALL (above.path)
)
SELECT person FROM above WHERE person <> $1 ORDER BY cardinality(path)
"""
HELD: Final = """
SELECT person, organisation, post_reference, kind FROM posting
WHERE person = ANY($1) AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
ORDER BY person, fte DESC, valid_from, organisation, id
"""
DETAILS: Final = """
SELECT DISTINCT ON (person) person, organisation, given_name, family_name, email
FROM person_details WHERE person = ANY($1)
ORDER BY person, valid_to DESC NULLS FIRST, valid_from DESC, organisation, id
"""
NAMED: Final = """
SELECT person, organisation FROM person_identifier
WHERE source = $1 AND external_id = $2 AND organisation = ANY($3) AND valid_to IS NULL
ORDER BY organisation
"""
CALLED: Final = """
SELECT DISTINCT person FROM person_details
WHERE organisation = $2 AND lower(given_name || ' ' || family_name) = lower($1)
"""
ORGANISATIONS: Final = """
SELECT o.code,
    (SELECT name FROM organisation_name WHERE organisation = o.code
        AND kind = 'official' AND valid_to IS NOT DISTINCT FROM o.valid_to
        ORDER BY valid_from DESC, id LIMIT 1) AS name,
    ARRAY(SELECT name FROM organisation_name WHERE organisation = o.code
        AND kind = 'also_known_as' AND valid_to IS NOT DISTINCT FROM o.valid_to
        ORDER BY name) AS also_known_as,
    o.parent_name AS parent, o.hr_system,
    ARRAY(SELECT domain FROM organisation_domain WHERE organisation = o.code
        AND valid_to IS NOT DISTINCT FROM o.valid_to ORDER BY domain) AS domains,
    o.valid_from, o.valid_to
FROM organisation AS o ORDER BY o.code
"""
OPEN: Final = """
SELECT code FROM organisation
WHERE code = ANY($1) AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
"""
MEMBER: Final = """
SELECT FROM person_identifier WHERE person = $1 AND organisation = ANY($2) LIMIT 1
"""
DISCOVERABLE: Final = """
SELECT p.id FROM person p
WHERE p.id = ANY($1) AND (p.discoverable OR EXISTS (SELECT FROM person_identifier i
    WHERE i.person = p.id AND i.organisation = $2 AND i.valid_to IS NULL))
"""


@dataclass(frozen=True, slots=True)
class PostingFact:
    """What a person did in an organisation from a day to the day before another."""

    organisation: str
    grade: str
    title: str
    unit: str | None
    fte: Decimal
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Details:
    """What an organisation calls a person, or last called one who has left."""

    organisation: str
    given_name: str
    family_name: str
    email: str


@dataclass(frozen=True, slots=True)
class Found:
    """A person, and the organisation that knows them by what was asked."""

    person: UUID
    organisation: str


async def posting_on(person: UUID, day: date) -> PostingFact | None:
    """Return the main posting a person held on a day: that of the highest FTE."""
    return (await postings_on([person], day)).get(person)


async def postings_on(people: Iterable[UUID], day: date) -> dict[UUID, PostingFact]:
    """Return the main posting each person held on a day, for those who held one."""
    return {row["person"]: _fact(row) for row in await _fetch(MAIN, list(people), day)}


async def postings_between(person: UUID, start: date, end: date) -> list[PostingFact]:
    """Return what a person held at any time in [start, end), in order of time."""
    return (await postings_overlapping([person], start, end)).get(person, [])


async def postings_overlapping(
    people: Iterable[UUID], start: date, end: date
) -> dict[UUID, list[PostingFact]]:
    """Return what each person held at any time in [start, end), in order of time."""
    found: dict[UUID, list[PostingFact]] = defaultdict(list)
    for row in await _fetch(POSTINGS + IN_TIME, list(people), start, end):
        found[row["person"]].append(_fact(row))
    return dict(found)


async def line_manager_on(person: UUID, day: date) -> UUID | None:
    """Return who was a person's line manager on a day."""
    return (await line_managers_on([person], day)).get(person)


async def line_managers_on(people: Iterable[UUID], day: date) -> dict[UUID, UUID]:
    """Return the line manager each person had on a day, for those who had one."""
    return await _managers_on(LineKind.LINE, people, day)


async def functional_managers_on(people: Iterable[UUID], day: date) -> dict[UUID, UUID]:
    """Return the functional manager each person had on a day, for those who had one."""
    return await _managers_on(LineKind.FUNCTIONAL, people, day)


async def _managers_on(
    kind: LineKind, people: Iterable[UUID], day: date
) -> dict[UUID, UUID]:
    rows = await _fetch(MANAGERS, list(people), day, kind)
    return {row["person"]: row["manager"] for row in rows}


async def held_on(people: Iterable[UUID], day: date) -> dict[UUID, list[Held]]:
    """Return every posting each person held on a day, the main one first."""
    found: dict[UUID, list[Held]] = defaultdict(list)
    for row in await _fetch(HELD, list(people), day):
        shares_job = row["kind"] == PostingKind.JOB_SHARE
        found[row["person"]].append(
            Held(row["organisation"], row["post_reference"], shares_job)
        )
    return dict(found)


async def line_above(person: UUID, day: date) -> list[UUID]:
    """Return a person's line manager on a day, theirs, and so on up, each once.

    Where managers stand in a loop, it ends before the first to come again.
    """
    return [row["person"] for row in await _fetch(LINE_ABOVE, person, day)]


async def details_of(people: Iterable[UUID]) -> dict[UUID, Details]:
    """Return what each person is called; the last known for those who have left."""
    return {
        row["person"]: Details(
            row["organisation"], row["given_name"], row["family_name"], row["email"]
        )
        for row in await _fetch(DETAILS, list(people))
    }


async def people_called(name: str, organisation: str) -> set[UUID]:
    """Return whom an organisation calls, or once called, by this whole name."""
    rows = await _fetch(CALLED, " ".join(name.split()), organisation)
    return {row["person"] for row in rows}


async def emails_of(people: Iterable[UUID]) -> dict[UUID, str]:
    """Return each person's e-mail address; the last known of those who have left."""
    return {person: known.email for person, known in (await details_of(people)).items()}


async def person_named(
    source: str, external_id: str, *, organisations: Collection[str]
) -> Found:
    """Return whom a source within these organisations knows by an identifier."""
    rows = await _fetch(NAMED, source, external_id, sorted(organisations))
    if not rows:
        raise UnknownPerson(
            f"Nobody is known as {source}:{external_id} in your organisations."
        )
    if len({row["person"] for row in rows}) > 1:
        codes = ", ".join(row["organisation"] for row in rows)
        raise AmbiguousIdentifier(
            f"{source}:{external_id} names a person in each of {codes}: say which"
            " with ?organisation=CODE."
        )
    return Found(rows[0]["person"], rows[0]["organisation"])


async def check_member(person: UUID, organisations: Collection[str]) -> None:
    """Refuse a person whom none of these organisations knows, or ever knew."""
    if not await _fetch(MEMBER, person, sorted(organisations)):
        raise UnknownPerson(f"Nobody in your organisations has the id {person}.")


async def discoverable(people: Collection[UUID], seen_from: str) -> set[UUID]:
    """Return those of these people whom an organisation may name, or find at all.

    Who is not discoverable is known to their own organisation only; to any other they
    are refused as somebody unknown.
    """
    return {row["id"] for row in await _fetch(DISCOVERABLE, list(people), seen_from)}


async def _fetch(sql: str, *arguments: object) -> list[Record]:
    async with transaction() as connection:
        rows: list[Record] = await connection.fetch(sql, *arguments)
    return rows


def _fact(row: Record) -> PostingFact:
    return PostingFact(
        row["organisation"],
        row["grade"],
        row["title"],
        row["unit"],
        row["fte"],
        row["valid_from"],
        row["valid_to"],
    )


async def organisations() -> list[dict[str, Any]]:
    """Return every organisation by its code; an ended one with its last names."""
    return [dict(row) for row in await _fetch(ORGANISATIONS)]


async def open_on(codes: Collection[str], day: date) -> frozenset[str]:
    """Return those of these codes whose organisations were there on a day."""
    rows = await _fetch(OPEN, sorted(codes), day)
    return frozenset(row["code"] for row in rows)


async def known_codes() -> frozenset[str]:
    """Return the codes of the organisations that have not ended."""
    codes: list[str] = (
        await Organisation.select(Organisation.code)
        .where(Organisation.valid_to.is_null())
        .output(as_list=True)
    )
    return frozenset(codes)
