"""A mail server on loopback."""

from collections.abc import AsyncIterator

import pytest

from tests.jobs.catcher import Catcher, catching


@pytest.fixture
async def catcher() -> AsyncIterator[Catcher]:
    async with catching() as caught:
        yield caught
