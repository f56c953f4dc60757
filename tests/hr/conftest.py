"""One computed cycle a module; each test publishes it, or not, and that is undone."""

from collections.abc import AsyncIterator

import pytest

from service.scores.actions import publish
from tests.factories import OPERATOR, RELEASED
from tests.scoring import KEY, Scene, a_computed_cycle, undone


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    """Scores are computed; nothing is published."""
    async with undone():
        yield await a_computed_cycle()


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    """Undoes what a test writes, and keeps the scene."""
    async with undone():
        yield


@pytest.fixture
async def published(db: None, scene: Scene) -> Scene:
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    return scene
