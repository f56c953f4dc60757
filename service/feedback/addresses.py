"""The addresses of those who were proposed, as they are stored: sealed.

The law: the keys are not in the database. Whoever reads it alone can tell that two
addresses are one, and where their owners work, and not whose they are.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from asyncpg import Record

from service.auth.secret import derive
from service.db import Connection
from service.feedback.form.sealing import seal, unseal

ADDRESS: Final = "address"
REASON: Final = "reason"
"""The fields of a proposal that are sealed."""
UNKNOWN: Final = """
SELECT id, email FROM feedback_nomination
WHERE record = $1 AND person IS NULL AND email IS NOT NULL
"""
TAKEN_OUT: Final = """
SELECT id, email FROM feedback_nomination
WHERE record = $1 AND state <> 'proposed' AND email IS NOT NULL
"""
RESOLVE: Final = """
UPDATE feedback_nomination n SET person = known.person
FROM (SELECT DISTINCT ON (d.person) d.person, o.id
    FROM unnest($2::uuid[], $3::text[]) AS a (id, email)
    JOIN feedback_nomination o ON o.id = a.id
    JOIN person_details d ON lower(d.email) = a.email
        AND d.valid_from <= $1 AND (d.valid_to IS NULL OR d.valid_to > $1)
    JOIN person p ON p.id = d.person
    WHERE p.discoverable OR EXISTS (SELECT FROM person_identifier i
        WHERE i.person = p.id AND i.organisation = o.organisation)
    ORDER BY d.person, o.id) AS known
WHERE n.id = known.id AND NOT EXISTS (SELECT FROM feedback_nomination other
    WHERE other.record = n.record AND other.person = known.person)
"""
"""Say whose the addresses are that were proposed; whoever is hidden stays unknown."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An address as it is stored."""

    cell: bytes
    digest: bytes
    """HMAC-SHA256: the same for the same address, and guessed only with its key."""
    domain: str
    """In the clear: it tells where somebody works, and nobody who they are."""


def sealed(address: str, nomination: UUID) -> Sealed:
    """Seal an address in lower case for one proposal."""
    return Sealed(
        cell=seal(address, nomination, ADDRESS),
        digest=hmac.digest(derive("feedback address"), address.encode(), "sha256"),
        domain=address.rpartition("@")[2],
    )


def opened(rows: Sequence[Record]) -> list[str]:
    """Return the addresses of proposals, each row with its `id` and `email`."""
    return [unseal(row["email"], row["id"], ADDRESS) for row in rows]


async def taken_out(connection: Connection, record: UUID) -> list[str]:
    """Return the addresses that nobody in a record's pool may have."""
    return opened(await connection.fetch(TAKEN_OUT, record))


async def resolve(connection: Connection, record: UUID, day: date) -> None:
    """Find whose the addresses in a record's pool are, as far as one may know."""
    rows = await connection.fetch(UNKNOWN, record)
    if rows:
        ids = [row["id"] for row in rows]
        await connection.execute(RESOLVE, day, ids, opened(rows))
