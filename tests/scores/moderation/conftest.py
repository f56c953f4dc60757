"""The house, built once a module; each test's changes to it are undone."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from litestar import Litestar

from service.settings import settings
from tests.scores.moderation.sitting import YEAR_END, House, Sitting, a_house
from tests.scoring import undone
from tests.signing_in import issuers_of


@pytest.fixture(scope="module")
async def house(opened: None) -> AsyncIterator[House]:
    async with undone():
        yield await a_house()


@pytest.fixture
async def db(house: House) -> AsyncIterator[None]:
    """Undoes what a test writes, and keeps the house."""
    async with undone():
        yield


@pytest.fixture(autouse=True)
def at_the_year_s_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", YEAR_END.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def sitting(
    app: Litestar,
    client: httpx.AsyncClient,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> Sitting:
    issuers = await issuers_of(app, "hmt", "dwp", "co")
    return Sitting(client, house, issuers, monkeypatch)
