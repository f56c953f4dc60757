"""An empty database: the form needs no cycle."""

from collections.abc import AsyncIterator

import pytest

from tests.scoring import undone


@pytest.fixture
async def db(opened: None) -> AsyncIterator[None]:
    """Undoes what a test writes."""
    async with undone():
        yield
