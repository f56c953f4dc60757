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


async def read(notice: UUID, person: UUID, organisation: str, now: datetime) -> Told:
    """Mark a person's own notice as read; again changes nothing."""
    async with transaction() as connection:
        row = await connection.fetchrow(READ, notice, organisation, person, now)
    if row is None:
        raise NotFound(f"No notice {notice}.")
    return told(row)
