"""An engine with one connection: what is not given back is missed at once."""

from collections.abc import AsyncIterator

import pytest

from service.db.cluster import Addresses
from service.db.engine import SafeEngine


@pytest.fixture
async def engine(migrated: Addresses) -> AsyncIterator[SafeEngine]:
    made = SafeEngine()
    await made.open(migrated.application, size=1, timeout=5)
    yield made
    await made.close()
