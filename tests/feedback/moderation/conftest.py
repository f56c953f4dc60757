"""Everybody of the scene, and text moderators of an organisation apart from it."""

from collections.abc import Mapping

import httpx
import pytest
from litestar import Litestar

from tests.factories import CLOSED
from tests.feedback.over_http import Callers
from tests.feedback.results.living import (
    Headers,
    clock,
    close,
    six_answer,
    with_outsiders,
)
from tests.scoring import Scene

Everyone = tuple[Callers, dict[str, Headers]]


@pytest.fixture
async def everyone(app: Litestar, client: httpx.AsyncClient, scene: Scene) -> Everyone:
    return await with_outsiders(app, client, scene)


@pytest.fixture
def callers(everyone: Everyone) -> Callers:
    return everyone[0]


@pytest.fixture
async def moderators(
    everyone: Everyone, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, Headers]:
    """Once six have answered about hmt1, at the closing of the window."""
    await six_answer(scene)
    await close()
    clock(monkeypatch, CLOSED)
    return everyone[1]
