"""A client of hmt with an address on loopback, and a clock that a test moves."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from service.db import DB
from service.db.cluster import Addresses
from service.settings import settings
from tests.changes.feeds import a_feed
from tests.factories import a_token, an_organisation
from tests.hr.webhooks.hearing import Clock, Hearing
from tests.hr.webhooks.receiver import Receiver, receiving
from tests.scoring import undone


@pytest.fixture
async def db(opened: None) -> AsyncIterator[None]:
    """Undoes what a test writes; the scene of the scores is not there."""
    async with undone():
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_ALLOW_LOOPBACK_FETCH", "true")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def hmt(client: httpx.AsyncClient, receiver: Receiver, clock: Clock) -> Hearing:
    """Registered with an address, and not verified yet."""
    for code in ("hmt", "defra"):
        await an_organisation(code)
    return Hearing(client, await a_token(client, "hmt"), receiver, clock)


@pytest.fixture
async def verified(hmt: Hearing) -> Hearing:
    await hmt.register()
    await hmt.verify()
    return hmt


@pytest.fixture
async def apart(addresses: Addresses, opened: None) -> AsyncIterator[str]:
    """The pool is on a new database, whose address this is; nothing is rolled back."""
    kept = DB.config["dsn"]
    async with a_feed(addresses) as there:
        await DB.close()
        await DB.open(there.application, size=6)
        yield there.application
        await DB.close()
        await DB.open(kept, size=4)
