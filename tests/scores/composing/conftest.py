"""A cycle at the end of its year; none of the answered window of `tests.scores`."""

from collections.abc import AsyncIterator, Iterator

import pytest

from service.settings import settings
from tests.objectives.assessing.assessed import AT_THE_END
from tests.objectives.joint import Joint, a_joint_department
from tests.scoring import undone


@pytest.fixture
async def db(opened: None) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture
def at_the_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", AT_THE_END.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def joint(db: None, at_the_end: None) -> Joint:
    return await a_joint_department()
