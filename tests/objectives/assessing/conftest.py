"""The service's clock stands after the end of the year that is assessed."""

from collections.abc import AsyncIterator, Iterator

import pytest

from service.db.cluster import Addresses
from service.settings import settings
from tests.objectives.assessing.apart import apart
from tests.objectives.assessing.assessed import AT_THE_END
from tests.objectives.joint import Joint, a_joint_department


@pytest.fixture(autouse=True)
def at_the_end(in_the_year: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", AT_THE_END.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def committed(addresses: Addresses, opened: None) -> AsyncIterator[Joint]:
    """The departments in a database of their own: several at once may write."""
    async with apart(addresses):
        yield await a_joint_department()
