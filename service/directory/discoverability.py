"""Who is found by other organisations than their own: not who is in a protected post.

The law: it is said by the person's own organisation, takes effect at once and is
audited; whoever is hidden is, to others, as somebody who does not exist.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.audit.actions import record
from service.auth.caller import Caller
from service.db import transaction
from service.directory.rules import UnknownPerson
from service.directory.tables import Person
from service.errors import Stale

OF_MEMBER: Final = """
SELECT p.discoverable, p.version FROM person p
WHERE p.id = $1 AND EXISTS (SELECT FROM person_identifier i
    WHERE i.person = p.id AND i.organisation = $2 AND i.valid_to IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Discoverability:
    """Whether a person is found outside their organisation, as its version says."""

    person: UUID
    discoverable: bool
    version: int


async def discoverability_of(person: UUID, organisation: str) -> Discoverability:
    """Return whether a person whom the organisation knows is found by others."""
    async with transaction() as connection:
        row = await connection.fetchrow(OF_MEMBER, person, organisation)
    if row is None:
        raise UnknownPerson(f"Nobody in {organisation} has the id {person}.")
    return Discoverability(person, row["discoverable"], row["version"])


async def set_discoverable(
    person: UUID,
    organisation: str,
    *,
    discoverable: bool,
    reason: str,
    version: int | None = None,
    caller: Caller,
    now: datetime,
) -> Discoverability:
    """Have a person of the organisation found by others, or by nobody outside it.

    What is so already changes nothing; `version` is the one that the caller has read.
    """
    async with transaction():
        fact = await discoverability_of(person, organisation)
        if fact.discoverable == discoverable:
            return fact
        if version not in {None, fact.version} or not await _changed(
            fact, discoverable=discoverable
        ):
            raise Stale("Somebody else has changed it just now: read it again.")
        await record(
            caller,
            "person.shown" if discoverable else "person.hidden",
            "person",
            person,
            organisation=organisation,
            now=now,
            reason=reason,
            before={"discoverable": fact.discoverable},
            after={"discoverable": discoverable},
        )
        return await discoverability_of(person, organisation)


async def _changed(fact: Discoverability, *, discoverable: bool) -> bool:
    """Change what nobody has changed meanwhile; tell whether that was so."""
    changed = (
        await Person.update(
            {Person.discoverable: discoverable, Person.version: fact.version + 1}
        )
        .where(Person.id == fact.person, Person.version == fact.version)
        .returning(Person.id)
    )
    return bool(changed)
