"""Notices as read: by the worker one by one, by people their own."""

from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from service.db import transaction
from service.errors import NotFound
from service.jobs.rules import NoticeKind, Told

FIELDS: Final = "id, person, kind, about, count, due_on, created_at, read_at"
NOTICE: Final = f"SELECT {FIELDS} FROM notice WHERE id = $1"  # noqa: S608 - our own
OWN: Final = f"""
SELECT {FIELDS} FROM notice
WHERE organisation = $1 AND person = $2 AND (read_at IS NULL OR NOT $3)
    AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5::uuid))
ORDER BY created_at DESC, id DESC LIMIT $6
"""  # noqa: S608 - our own


async def notice(id_: UUID) -> Told:
    """Return one notice, whoever's it is."""
    async with transaction() as connection:
        row = await connection.fetchrow(NOTICE, id_)
    if row is None:
        raise NotFound(f"No notice {id_}.")
    return told(row)


async def own(
    person: UUID,
    organisation: str,
    *,
    unread: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Told]:
    """Return a person's notices, newest first; `after` is the last one's place."""
    at, id_ = after or (None, None)
    async with transaction() as connection:
        rows = await connection.fetch(OWN, organisation, person, unread, at, id_, limit)
    return [told(row) for row in rows]


def told(row: Record) -> Told:
    """Return a notice of a row that has `FIELDS`."""
    return Told(**(dict(row) | {"kind": NoticeKind(row["kind"])}))
