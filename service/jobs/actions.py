"""Read one's notices."""

from datetime import datetime
from typing import Final
from uuid import UUID

from service.db import transaction
from service.errors import NotFound
from service.jobs.queries import FIELDS, told
from service.jobs.rules import Told

READ: Final = f"""
UPDATE notice SET read_at = coalesce(read_at, $4)
WHERE id = $1 AND organisation = $2 AND person = $3 RETURNING {FIELDS}
"""  # noqa: S608 - our own


READ_ALL: Final = """
UPDATE notice SET read_at = $3
WHERE organisation = $1 AND person = $2 AND read_at IS NULL
"""


async def read_all(person: UUID, organisation: str, now: datetime) -> None:
    """Mark all of a person's own notices as read."""
    async with transaction() as connection:
        await connection.execute(READ_ALL, organisation, person, now)


async def read(notice: UUID, person: UUID, organisation: str, now: datetime) -> Told:
    """Mark a person's own notice as read; again changes nothing."""
    async with transaction() as connection:
        row = await connection.fetchrow(READ, notice, organisation, person, now)
    if row is None:
        raise NotFound(f"No notice {notice}.")
    return told(row)
