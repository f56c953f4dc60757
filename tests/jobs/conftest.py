"""A database of its own, for what must be committed: another worker, another writer."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from service.db import DB
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate
from tests.database import connected
from tests.jobs.catcher import Catcher, catching


@pytest.fixture
async def apart(addresses: Addresses, opened: None) -> AsyncIterator[str]:
    """The pool is on a new database, whose address this is; nothing is rolled back."""
    name = f"jobs_{uuid4().hex[:12]}"
    kept = DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        await migrate(
            addresses.owner.replace("@/joinedup", f"@/{name}"),
            role_of(addresses.application),
        )
        there = addresses.application.replace("@/joinedup", f"@/{name}")
        await DB.close()
        await DB.open(there, size=4)
        yield there
        await DB.close()
        await DB.open(kept, size=4)
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def catcher() -> AsyncIterator[Catcher]:
    async with catching() as caught:
        yield caught
