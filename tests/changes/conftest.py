"""A feed that is really committed to, in a database of its own."""

from collections.abc import AsyncIterator

import pytest

from service.db import DB
from service.db.cluster import Addresses
from tests.changes.feeds import a_feed


@pytest.fixture(scope="package")
async def feed(addresses: Addresses) -> AsyncIterator[Addresses]:
    async with a_feed(addresses) as made:
        yield made


@pytest.fixture
async def pool(feed: Addresses, opened: None) -> AsyncIterator[None]:
    """The engine on that database; what a test commits stays there."""
    kept = DB.config["dsn"]
    await DB.close()
    await DB.open(feed.application, size=4)
    yield
    await DB.close()
    await DB.open(kept, size=4)
