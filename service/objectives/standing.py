"""Who answers for whom on a day, where they work, and what they are called.

The law: one statement, however many objectives and people it is asked about.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from service.db import transaction

STANDING: Final = """
WITH lines AS (
    SELECT DISTINCT ON (person, kind) person, kind, manager FROM reporting_line
    WHERE person = ANY ($1) AND kind IN ('line', 'functional')
        AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
    ORDER BY person, kind, valid_from, organisation, id),
everyone AS (SELECT unnest($1::uuid[]) AS person UNION SELECT manager FROM lines),
posted AS (
    SELECT DISTINCT ON (p.person) p.person, p.organisation
    FROM posting p JOIN everyone USING (person)
    WHERE p.valid_from <= $2 AND (p.valid_to IS NULL OR p.valid_to > $2)
    ORDER BY p.person, p.fte DESC, p.valid_from, p.organisation, p.id),
called AS (
    SELECT DISTINCT ON (d.person) d.person, d.given_name || ' ' || d.family_name AS name
    FROM person_details d JOIN everyone USING (person)
    ORDER BY d.person, d.valid_to DESC NULLS FIRST, d.valid_from DESC, d.organisation,
        d.id)
SELECT
    (SELECT jsonb_object_agg(person, manager) FROM lines WHERE kind = 'line') AS line,
    (SELECT jsonb_object_agg(person, manager) FROM lines
        WHERE kind = 'functional') AS functional,
    (SELECT jsonb_object_agg(person, organisation) FROM posted) AS organisations,
    (SELECT jsonb_object_agg(person, name) FROM called) AS names,
    (SELECT jsonb_object_agg(organisation || ' ' || partner, true) FROM data_sharing
        WHERE (organisation = ANY ($3) OR partner = ANY ($3))
            AND valid_from <= $2 AND valid_to > $2) AS sharing
"""
"""The main posting is the one of the highest FTE, as in `directory.queries`."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who answers for the people of objectives on a day, and where all of them work."""

    managers: Mapping[UUID, UUID]
    functional: Mapping[UUID, UUID] = field(default_factory=dict)
    organisations: Mapping[UUID, str] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)
    sharing: Collection[tuple[str, str]] = frozenset()
    """The pairs of organisations that share data, of those that were asked about."""


async def standing_on(
    people: Collection[UUID], day: date, *, former: Collection[str] = ()
) -> Standing:
    """Return how things stand on a day for these people and their managers.

    `former` are organisations of which it matters with whom they share data.
    """
    async with transaction() as connection:
        row = await connection.fetchrow(STANDING, sorted(people), day, sorted(former))
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    line, functional, organisations, names, sharing = (
        json.loads(part or "{}") for part in row
    )
    return Standing(
        managers={UUID(person): UUID(manager) for person, manager in line.items()},
        functional={UUID(p): UUID(manager) for p, manager in functional.items()},
        organisations={UUID(person): code for person, code in organisations.items()},
        names={UUID(person): name for person, name in names.items()},
        sharing=frozenset(_pair(name) for name in sharing),
    )


def _pair(name: str) -> tuple[str, str]:
    one, _, other = name.partition(" ")
    return one, other
