"""Whose addresses take no mail, for whoever keeps their directory.

The law: it says of no mail what it was about, and hears of none whose sending, or not,
tells what somebody did in confidence.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.db import transaction

NOTE: Final = """
INSERT INTO undelivered AS kept (person, address, since) VALUES ($1, $2, $3)
ON CONFLICT (person) DO UPDATE SET address = excluded.address, since = excluded.since
    WHERE kept.address <> excluded.address
"""
OF: Final = """
SELECT u.person, d.given_name || ' ' || d.family_name AS name, u.address, u.since
FROM undelivered u JOIN LATERAL (
    SELECT organisation, given_name, family_name, email FROM person_details d
    WHERE d.person = u.person
    ORDER BY valid_to DESC NULLS FIRST, valid_from DESC, organisation, id LIMIT 1
) AS d ON d.email = u.address
WHERE d.organisation = $1 ORDER BY u.since DESC, u.person LIMIT 1000
"""
"""Whoever has another address by now is not on it."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """A person whose mail came back."""

    person: UUID
    name: str
    address: str
    since: date


async def note(person: UUID, address: str, now: datetime) -> None:
    """Note that a person's address took no mail; the first day stands."""
    async with transaction() as connection:
        await connection.execute(NOTE, person, address, now.date())


async def unreached(organisation: str) -> list[Unreached]:
    """Return an organisation's own people at whose address mail came back."""
    async with transaction() as connection:
        rows = await connection.fetch(OF, organisation)
    return [Unreached(**dict(row)) for row in rows]
