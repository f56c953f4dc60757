"""The scene of the other tests of hr, with a feed that numbers at once.

A test's transaction is never committed, so it has its changes numbered as they are
noted; what numbering does at commit is for tests/changes.
"""

from collections.abc import AsyncIterator, Iterator

import pytest

from service.settings import settings
from tests.factories import IN_THE_YEAR
from tests.hr.feed.following import NUMBERED_AT_ONCE, said
from tests.scoring import Scene, undone


@pytest.fixture(autouse=True)
def in_the_year(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Changes noted in the tests' year are not too old to follow."""
    monkeypatch.setenv("JOINEDUP_NOW", IN_THE_YEAR.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    async with undone():
        await said(NUMBERED_AT_ONCE)
        yield
