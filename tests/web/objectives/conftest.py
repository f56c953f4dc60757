"""The two departments of `joint`, and the browsers of their people."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.objectives.conftest import in_the_year, joint
from tests.objectives.joint import Joint
from tests.web.objectives.people import Browsers

__all__ = ["in_the_year", "joint"]


@pytest.fixture
async def browsers(joint: Joint) -> AsyncIterator[Browsers]:
    async with AsyncExitStack() as stack:
        yield Browsers(joint, stack)
