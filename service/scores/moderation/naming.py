"""What people who have to do with a panel are called."""

from collections.abc import Collection
from uuid import UUID

from service.db.reach import EVERYONE, within_reach
from service.directory.queries import details_of


async def names_of(people: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of people whom the caller may see on a panel or before it."""
    with within_reach(EVERYONE):
        known = await details_of(people)
    return {
        person: f"{called.given_name} {called.family_name}"
        for person, called in known.items()
    }
