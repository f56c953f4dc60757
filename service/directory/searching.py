"""Finding people by what they are called, what they do and what they work on.

The law: a search says whose people it may find and whose objectives it may know of;
what it finds, in which order, and whether it finds nobody, depends on those alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import NAMED
from service.directory.rules import AmbiguousIdentifier, UnknownPerson
from service.errors import Fault, Unprocessable

MOST_WORDS: Final = 10
"""Words of a query that count; the rest are passed over."""
LONGEST_TOPIC: Final = 4_000
"""Characters of what a shared objective is about that are searched."""
LEAST_ALIKE: Final = "0.3"
"""Share of trigrams in common from which two words may be one, misspelt."""
SHORTEST_SWAPPED: Final = 4
"""Letters from which a word may have two neighbours swapped."""

PREPARE: Final = """
SELECT set_config('pg_trgm.strict_word_similarity_threshold', $2, true),
    string_to_array(searchable($1), ' ') AS words
"""
VISIBLE: Final = """
s.organisation = ANY ($1) AND (s.seen_by IS NULL OR s.seen_by = ANY ($2))
    AND (p.discoverable OR s.organisation = ANY ($2))
    AND s.valid_from <= $3 AND (s.valid_to IS NULL OR s.valid_to > $3)
"""
"""Of the organisations $1, where $2 are the searcher's own, on the day $3."""
SEARCH: Final = f"""
WITH word AS MATERIALIZED (
    SELECT n, word, meant, meant || to_tsquery('simple', swapped) AS sought,
        numnode(plainto_tsquery('english', word)) = 0 AS says_little
    FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS given (word, swapped, n),
        LATERAL (SELECT plainto_tsquery('english', word)
            || plainto_tsquery('simple', word) AS meant) AS read
), needed AS MATERIALIZED (
    SELECT * FROM word
    WHERE NOT says_little OR NOT EXISTS (SELECT FROM word WHERE NOT says_little)
), whole AS MATERIALIZED (
    SELECT text, plainto_tsquery('english', text) || plainto_tsquery('simple', text)
        AS query
    FROM (SELECT array_to_string($4::text[], ' ') AS text) AS given
), near AS (
    SELECT needed.n, each.id, max(each.likeness) AS likeness
    FROM needed CROSS JOIN LATERAL (
        SELECT s.id, CASE WHEN s.lexemes @@ needed.meant THEN 1 ELSE 0.5 END AS likeness
        FROM person_search s JOIN person p ON p.id = s.person
        WHERE s.lexemes @@ needed.sought AND {VISIBLE}
        UNION ALL
        SELECT s.id, CASE WHEN s.lexemes @@ needed.meant THEN 1
            ELSE strict_word_similarity(needed.word, s.words) END
        FROM person_search s JOIN person p ON p.id = s.person
        WHERE s.words %>> needed.word AND length(needed.word) > 2 AND {VISIBLE}
    ) AS each
    GROUP BY needed.n, each.id
), hit AS (
    SELECT id
    FROM (SELECT *, max(likeness) OVER (PARTITION BY n) AS best FROM near) AS compared
    WHERE likeness >= 0.5 OR best < 0.5
    GROUP BY id HAVING count(*) = (SELECT count(*) FROM needed)
), placed AS (
    SELECT DISTINCT ON (s.person) s.person, s.organisation, s.given_name,
        s.family_name, s.title, s.unit, at.place
    FROM hit JOIN person_search s ON s.id = hit.id CROSS JOIN whole
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN whole.text IN (s.given || ' ' || s.family, s.family || ' ' || s.given)
                THEN 0
            WHEN whole.text IN (s.given, s.family) THEN 1
            WHEN s.lexemes @@ whole.query THEN 2
            ELSE 3 END AS tier
    ) AS sorted
    CROSS JOIN LATERAL (
        SELECT (sorted.tier + 1) * 1000000 - 1 - least(999999, floor(1000000 * CASE
            WHEN sorted.tier < 3 THEN ts_rank(s.lexemes, whole.query, 32)
            ELSE word_similarity(whole.text, s.words) END))::integer AS place
    ) AS at
    ORDER BY s.person, at.place, s.fte DESC, s.posting
)
SELECT person, organisation, given_name, family_name, title, unit, place FROM placed
WHERE $6::integer IS NULL OR (place, person) > ($6, $7::uuid)
ORDER BY place, person LIMIT $8
"""  # noqa: S608 - nothing of a caller's
"""People whose rows hold every word of $4, or one like it; nearest first.

A word that says little in English ("of", but also "Will") is needed only among others
of its kind. A word that is not much like one asked for counts only if none is more.
"""
SEEN: Final = f"""
SELECT DISTINCT ON (s.person) s.person, s.organisation, s.given_name, s.family_name,
    s.title, s.unit, 0 AS place
FROM person_search s JOIN person p ON p.id = s.person
WHERE s.person = ANY ($4) AND s.seen_by IS NULL AND {VISIBLE}
ORDER BY s.person, s.fte DESC, s.valid_from, s.organisation, s.posting
"""  # noqa: S608 - nothing of a caller's
WORK_ON: Final = """
WITH wanted AS (
    SELECT organisation, person, objective, seen_by, words FROM unnest(
        $2::varchar[], $3::uuid[], $4::uuid[], $5::varchar[], $6::text[]
    ) AS given (organisation, person, objective, seen_by, words)
), gone AS (
    DELETE FROM person_topic AS held WHERE held.objective = ANY ($1)
        AND NOT EXISTS (SELECT FROM wanted WHERE wanted.objective = held.objective
            AND wanted.organisation = held.organisation
            AND wanted.person = held.person AND wanted.seen_by = held.seen_by)
)
INSERT INTO person_topic AS held (organisation, person, objective, seen_by, words)
SELECT * FROM wanted
ON CONFLICT (organisation, person, objective, seen_by)
    DO UPDATE SET words = excluded.words WHERE held.words <> excluded.words
"""


class NothingToSearchFor(Unprocessable):
    """The query holds no word."""

    slug = "search-for-nothing"


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose people a caller may find."""

    own: frozenset[str]
    """Codes of the caller's organisations: all their people, and all they are party to.
    """
    partners: frozenset[str] = frozenset()
    """Codes of those that share with them: their discoverable people."""

    @property
    def organisations(self) -> frozenset[str]:
        """Return the codes of all."""
        return self.own | self.partners


@dataclass(frozen=True, slots=True)
class Found:
    """A person in post, as whoever may find them sees them."""

    person: UUID
    organisation: str
    given_name: str
    family_name: str
    title: str
    unit: str | None
    place: int
    """Where they stand in what was found; the nearest has the lowest."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What an agreed shared objective is about, and who contributes to it."""

    objective: UUID
    words: str
    """Its title and outcome; no more than `LONGEST_TOPIC` characters are searched."""
    parties: frozenset[str]
    """Codes of the organisations that may know of it, the contributors' among them."""
    contributors: frozenset[tuple[str, UUID]]
    """(organisation, person) for each; of nobody: it is searched no more."""


async def search(
    query: str,
    sight: Sight,
    day: date,
    *,
    limit: int,
    after: tuple[int, UUID] | None = None,
    organisations: Collection[str] | None = None,
) -> list[Found]:
    """Return people in post on `day` for whom every word of `query` holds.

    Exact names come first, then those of whom all words hold as they are spelt, then
    those of whom they nearly do. `after` is the (place, person) of the last one seen;
    `organisations` narrows what `sight` allows.
    """
    place, person = after or (None, None)
    with within_reach(EVERYONE):  # Row security would keep PostgreSQL off the indexes.
        async with transaction() as connection:
            prepared = await connection.fetchrow(PREPARE, query, LEAST_ALIKE)
            words = _counting(prepared["words"] if prepared else ())
            rows = await connection.fetch(
                SEARCH,
                *_bounds(sight, day, organisations),
                words,
                [" | ".join(_swapped(word)) for word in words],
                place,
                person,
                limit,
            )
    return [Found(**dict(row)) for row in rows]


def _counting(words: Sequence[str]) -> list[str]:
    counting = [*dict.fromkeys(filter(None, words))][:MOST_WORDS]
    if not counting:
        raise NothingToSearchFor(
            "Give a name, or words of a title, unit or subject: `query=flood risk`.",
            faults=[Fault("It should hold a letter or a digit.", parameter="query")],
        )
    return counting


def _swapped(word: str) -> list[str]:
    """Return a word with each two neighbours swapped, which leaves few trigrams."""
    if len(word) < SHORTEST_SWAPPED:
        return [word]
    return [
        word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        for at in range(len(word) - 1)
    ]


def _bounds(
    sight: Sight, day: date, organisations: Collection[str] | None
) -> tuple[list[str], list[str], date]:
    wanted = sight.organisations
    if organisations is not None:
        wanted = wanted.intersection(organisations)
    return sorted(wanted), sorted(sight.own), day


async def seen(
    name: str,
    sight: Sight,
    day: date,
    *,
    organisations: Collection[str] | None = None,
) -> Found:
    """Return the person in post on `day` whom an id or source:external_id names."""
    bounds = _bounds(sight, day, organisations)
    source, colon, external_id = name.partition(":")
    with within_reach(EVERYONE):
        async with transaction() as connection:
            people: list[Any]
            if colon:
                known = await connection.fetch(NAMED, source, external_id, bounds[0])
                people = [row["person"] for row in known]
            else:
                people = [id_of(name)]
            rows = await connection.fetch(SEEN, *bounds, people)
    if not rows:
        raise UnknownPerson(f"Nobody whom you may find is known as {name}.")
    if len(rows) > 1:
        codes = ", ".join(sorted(row["organisation"] for row in rows))
        raise AmbiguousIdentifier(
            f"{name} names a person in each of {codes}: say which with"
            " ?organisation=CODE."
        )
    return Found(**dict(rows[0]))


def id_of(name: str) -> UUID:
    """Read a person's id; what is none names nobody."""
    try:
        return UUID(name)
    except ValueError:
        raise UnknownPerson(f"Nobody has the id {name}.") from None


async def works_on(topics: Collection[Topic]) -> None:
    """State, of each of these objectives, who contributes and which parties may know.

    It replaces what was stated of them before, in one statement however many they are.
    Call it in the transaction that changes an objective: when it is agreed, when its
    words, parties or contributors change, and, without contributors, when it ends.
    """
    rows = [
        (organisation, person, topic.objective, party, topic.words[:LONGEST_TOPIC])
        for topic in topics
        for organisation, person in sorted(topic.contributors)
        for party in sorted(topic.parties)
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    with within_reach(EVERYONE):  # Partners' people contribute too.
        async with transaction() as connection:
            await connection.execute(
                WORK_ON, [topic.objective for topic in topics], *columns
            )
