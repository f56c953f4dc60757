"""A database of its own for what several do at once."""

from collections.abc import AsyncIterator

import pytest

from service.db.cluster import Addresses
from tests.objectives.assessing.apart import apart
from tests.objectives.joint import Joint, a_joint_department


@pytest.fixture
async def committed(addresses: Addresses, opened: None) -> AsyncIterator[Joint]:
    async with apart(addresses):
        yield await a_joint_department()
