"""The clock stands an hour after the publication."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from service.settings import settings
from tests.factories import RELEASED
from tests.scoring import undone


@pytest.fixture(autouse=True)
def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", (RELEASED + timedelta(hours=1)).isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def db(opened: None) -> AsyncIterator[None]:
    async with undone():
        yield
