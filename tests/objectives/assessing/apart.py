"""A database of its own, for what must be committed to be seen by another."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from service.db import DB
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate
from tests.database import connected


@asynccontextmanager
async def apart(addresses: Addresses) -> AsyncIterator[None]:
    """Have the pool on a new database; nothing in it is rolled back."""
    name, kept = f"assessed_{uuid4().hex[:12]}", DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        there = addresses.owner.replace("@/joinedup", f"@/{name}")
        await migrate(there, role_of(addresses.application))
        await DB.close()
        await DB.open(kept.replace("@/joinedup", f"@/{name}"), size=4)
        try:
            yield
        finally:
            await DB.close()
            await DB.open(kept, size=4)
            await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
