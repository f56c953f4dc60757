"""Connections that tests open by themselves, closed whatever happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Any]:
    """Connect; typed Any, since asyncpg has one type pooled and one not."""
    connection = await asyncpg.connect(address)
    try:
        yield connection
    finally:
        await connection.close()
