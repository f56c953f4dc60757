"""What tests read back of the directory."""

import hashlib
from typing import Any

from service.db import transaction

TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r'"
    " AND relnamespace = 'public'::regnamespace ORDER BY relname"
)


async def rows(sql: str, *arguments: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query as tuples."""
    async with transaction() as connection:
        return [tuple(row) for row in await connection.fetch(sql, *arguments)]


async def digest() -> str:
    """Return a hash of every row of every table but the migrations' own."""
    sha = hashlib.sha256()
    for (table,) in await rows(TABLES):
        if table.startswith("migration"):
            continue
        sha.update(table.encode())
        for row in await rows(f"SELECT t::text FROM {table} AS t ORDER BY 1"):  # noqa: S608 - a table's name
            sha.update(repr(row).encode())
    return sha.hexdigest()
