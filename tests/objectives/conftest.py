"""The service's clock stands in the year of the cycle."""

from collections.abc import Iterator

import httpx
import pytest

from service.settings import settings
from tests.factories import IN_THE_YEAR
from tests.objectives.asking import Service, a_service
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
