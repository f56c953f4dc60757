"""One asked cycle a module; each test's changes to it are undone.

The service's clock stands in the feedback window.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import httpx
import pytest
from litestar import Litestar

from service.records.actions import attach_imported
from service.settings import settings
from tests.factories import FEEDBACK_OPEN, OPERATOR, a_person, record_of
from tests.feedback.over_http import Callers, callers_of
from tests.scoring import Scene, an_asked_cycle, undone


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    """Everybody's raters are drawn; nobody has answered."""
    async with undone():
        yield await an_asked_cycle()


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    """Undoes what a test writes, and keeps the scene."""
    async with undone():
        yield


@pytest.fixture(autouse=True)
def in_the_window(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", FEEDBACK_OPEN.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def callers(app: Litestar, client: httpx.AsyncClient, scene: Scene) -> Callers:
    """Everybody of the scene with a token of their own, and HR systems."""
    return await callers_of(app, client, scene)


@pytest.fixture
async def wide(scene: Scene, db: None) -> Scene:
    """With `fresh` in hmt, whose raters nobody has drawn, and their manager."""
    fresh = await a_person("hmt", manager=scene.people["hmt-head"])
    await attach_imported(caller=OPERATOR, now=FEEDBACK_OPEN)
    people = {**scene.people, "fresh": fresh}
    records = {**scene.records, "fresh": await record_of(fresh, scene.cycle)}
    return replace(scene, people=people, records=records)


@pytest.fixture
async def pool(app: Litestar, client: httpx.AsyncClient, wide: Scene) -> Callers:
    """Everybody of the wide scene with a token of their own, and HR systems."""
    return await callers_of(app, client, wide)
