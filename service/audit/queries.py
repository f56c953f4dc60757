"""The audit as it is searched: of one organisation, the latest first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.audit.rules import DETAILED, SHOWN
from service.db import transaction
from service.db.reach import EVERYONE, within_reach

ENTRIES: Final = """
SELECT e.id, e.at, e.actor, e.action, e.entity, e.entity_id, e.reason,
    CASE WHEN e.entity = ANY ($3) THEN e.before END AS before,
    CASE WHEN e.entity = ANY ($3) THEN e.after END AS after
FROM audit_entry e
WHERE e.organisation = $1 AND e.entity = ANY ($2)
    AND ($4::text[] IS NULL OR e.actor = ANY ($4))
    AND ($5::text IS NULL OR e.entity = $5)
    AND ($6::text IS NULL OR e.entity_id = $6)
    AND ($7::timestamptz IS NULL OR e.at >= $7)
    AND ($8::timestamptz IS NULL OR e.at < $8)
    AND ($9::bigint IS NULL OR (e.at, e.id) < (SELECT last.at, last.id
        FROM audit_entry last WHERE last.id = $9 AND last.organisation = $1))
ORDER BY e.at DESC, e.id DESC LIMIT $10
"""
"""By the instants that it shows: what took long is written after what came later."""
DISCLOSURES: Final = """
SELECT d.id, d.at, d.client, d.what, d.purpose, cardinality(d.people) AS people
FROM disclosure d
WHERE d.organisations::text[] @> ARRAY[$1::text]
    AND (cardinality($2::uuid[]) = 0 OR d.people && $2)
    AND ($3::timestamptz IS NULL OR (d.at, d.id) < ($3, $4::uuid))
ORDER BY d.at DESC, d.id DESC LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries somebody looks for; what is None narrows nothing."""

    actors: Sequence[str] | None = None
    entity: str | None = None
    entity_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryFact:
    """Who did or read what, and when."""

    id: int
    at: datetime
    actor: str
    action: str
    entity: str
    entity_id: str
    reason: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class DisclosureFact:
    """What a machine was told, and of how many people."""

    id: UUID
    at: datetime
    client: str
    what: str
    purpose: str
    people: int


async def entries(
    organisation: str, sought: Sought, *, before: int | None, limit: int
) -> list[EntryFact]:
    """Return entries of an organisation that come before one, the latest first."""
    with within_reach(EVERYONE):  # Nobody reads the audit by a reach of their own.
        async with transaction() as connection:
            rows = await connection.fetch(
                ENTRIES,
                organisation,
                sorted(SHOWN),
                sorted(DETAILED),
                sought.actors,
                sought.entity,
                sought.entity_id,
                sought.since,
                sought.until,
                before,
                limit,
            )
    return [
        EntryFact(
            **{
                **row,
                "before": row["before"] and json.loads(row["before"]),
                "after": row["after"] and json.loads(row["after"]),
            }
        )
        for row in rows
    ]


async def disclosures(
    organisation: str,
    *,
    people: Sequence[UUID],
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[DisclosureFact]:
    """Return what machines of an organisation were told, the latest first.

    About any of `people`; without any, about anybody.
    """
    at, id_ = before or (None, None)
    with within_reach(EVERYONE):
        async with transaction() as connection:
            rows = await connection.fetch(
                DISCLOSURES, organisation, people, at, id_, limit
            )
    return [DisclosureFact(**dict(row)) for row in rows]
