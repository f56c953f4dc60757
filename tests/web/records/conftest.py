"""The service's clock stands after the end of the year, and nothing is computed yet."""

from collections.abc import AsyncIterator, Iterator

import pytest

from service.settings import settings
from tests.objectives.assessing.assessed import AT_THE_END
from tests.objectives.joint import Joint, a_joint_department
from tests.scoring import undone


@pytest.fixture(autouse=True)
def at_the_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", AT_THE_END.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def db(opened: None) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture
async def joint(db: None) -> Joint:
    return await a_joint_department()
