"""Scores published at nine on 1 April 2027; the service's clock stands an hour later.

What a test does is undone.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from service.settings import settings
from tests.factories import RELEASED
from tests.scores.deciding.scored import CODES, Callers, Scored, a_scored_department
from tests.scoring import undone
from tests.signing_in import issuers_of


@pytest.fixture(scope="module")
async def scored(opened: None) -> AsyncIterator[Scored]:
    async with undone():
        yield await a_scored_department()


@pytest.fixture
async def db(scored: Scored) -> AsyncIterator[None]:
    """Undoes what a test writes, and keeps the scores."""
    async with undone():
        yield


@pytest.fixture(autouse=True)
def an_hour_later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", (RELEASED + timedelta(hours=1)).isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def callers(app: Litestar, client: httpx.AsyncClient, scored: Scored) -> Callers:
    return Callers(client, scored, await issuers_of(app, *CODES))
