"""One answered cycle a module; each test's changes to it are undone."""

from collections.abc import AsyncIterator

import pytest

from tests.scoring import Scene, an_answered_cycle, undone


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    """The window holds every answer; nothing is computed."""
    async with undone():
        yield await an_answered_cycle()


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    """Undoes what a test writes, and keeps the scene."""
    async with undone():
        yield
