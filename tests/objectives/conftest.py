"""The service's clock stands in the year of the cycle; a database to commit to."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from service.db import DB
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate
from service.settings import settings
from tests.database import connected
from tests.factories import IN_THE_YEAR
from tests.objectives.asking import People, Service, a_service, people_of
from tests.objectives.joint import Joint, a_joint_department


@pytest.fixture(autouse=True)
def in_the_year(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", IN_THE_YEAR.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def joint(db: None) -> Joint:
    return await a_joint_department()


@pytest.fixture
async def service(client: httpx.AsyncClient, joint: Joint) -> Service:
    return await a_service(client, joint)


@pytest.fixture
async def people(app: Litestar, client: httpx.AsyncClient, joint: Joint) -> People:
    return await people_of(app, client)


@pytest.fixture
async def committed(addresses: Addresses, opened: None) -> AsyncIterator[Joint]:
    """The departments in a new database, in which every change is committed."""
    name = f"objectives_{uuid4().hex[:12]}"
    kept = DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        await migrate(
            addresses.owner.replace("@/joinedup", f"@/{name}"),
            role_of(addresses.application),
        )
        await DB.close()
        await DB.open(addresses.application.replace("@/joinedup", f"@/{name}"), size=4)
        yield await a_joint_department()
        await DB.close()
        await DB.open(kept, size=4)
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
