"""Raters have been asked and the window is open: one scene for all these journeys."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from service.records.actions import attach_imported
from service.settings import settings
from tests.factories import FEEDBACK_OPEN, OPERATOR, a_person, record_of
from tests.scoring import Scene, an_asked_cycle, undone


@pytest.fixture(scope="package")
async def scene(opened: None) -> AsyncIterator[Scene]:
    """Everybody's raters are drawn, but those of `fresh`, who came to hmt since."""
    async with undone():
        asked = await an_asked_cycle()
        fresh = await a_person("hmt", manager=asked.people["hmt-head"])
        await attach_imported(caller=OPERATOR, now=FEEDBACK_OPEN)
        record = await record_of(fresh, asked.cycle)
        yield replace(
            asked,
            people={**asked.people, "fresh": fresh},
            records={**asked.records, "fresh": record},
        )


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture(autouse=True)
def in_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINEDUP_NOW", FEEDBACK_OPEN.isoformat())
    monkeypatch.setenv("JOINEDUP_DEV_SIGN_IN", "true")
    settings.cache_clear()
