"""One asked cycle a module, and somebody whose raters nobody has drawn."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from service.records.actions import attach_imported
from service.settings import settings
from tests.factories import FEEDBACK_OPEN, OPERATOR, a_person, record_of
from tests.scoring import Scene, an_asked_cycle, undone


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    async with undone():
        yield await an_asked_cycle()


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture(autouse=True)
def in_the_window(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", FEEDBACK_OPEN.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def wide(scene: Scene, db: None) -> Scene:
    """With `fresh` in hmt, who reports to the head of it."""
    fresh = await a_person("hmt", manager=scene.people["hmt-head"])
    await attach_imported(caller=OPERATOR, now=FEEDBACK_OPEN)
    people = {**scene.people, "fresh": fresh}
    records = {**scene.records, "fresh": await record_of(fresh, scene.cycle)}
    return replace(scene, people=people, records=records)
