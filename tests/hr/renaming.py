"""Another id of a person in the HR system, told as an import tells of it."""

from datetime import datetime
from uuid import UUID

from service.db import transaction
from service.directory.dated import IDENTIFIERS, Changes
from service.directory.feed import tell_of_people
from tests.factories import RELEASED


async def known_as(
    person: UUID, organisation: str, name: str, now: datetime = RELEASED
) -> None:
    changes = Changes()
    async with transaction() as connection:
        for held in await IDENTIFIERS.open_rows(connection, [organisation]):
            if held.facts.person == person:
                changes.close(IDENTIFIERS, held, now.date())
                renamed = held.facts._replace(external_id=name)
                changes.open(IDENTIFIERS, organisation, renamed, now.date())
        await changes.write(connection)
        await tell_of_people(changes, now=now)
