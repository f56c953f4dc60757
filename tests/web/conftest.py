"""A browser before the service, for journeys."""

from collections.abc import AsyncIterator

import pytest

from tests.web.browser import Site, site


@pytest.fixture
async def served(db: None) -> AsyncIterator[Site]:
    """The service on a port, in this test's transaction."""
    async with site() as found:
        yield found
