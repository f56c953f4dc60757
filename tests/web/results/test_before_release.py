"""Before the release no page that others open moves by what raters do."""

import re
from datetime import timedelta

import pytest

from service.settings import settings
from tests.factories import CLOSED, FEEDBACK_OPEN, RELEASED
from tests.scoring import REPLIES, Scene, an_asked_cycle, give
from tests.web.visiting import visiting

NEW = re.compile(r'name="_csrf" value="[^"]*"|app-words">[0-9a-f]{32}<')
"""The form's token, and the number of the request where there is no page."""
LOOKING = ("hmt1", "hmt-head", "hmt2", "dft1")


@pytest.mark.usefixtures("db")
async def test_no_answer_moves_a_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = await an_asked_cycle()
    for now in (FEEDBACK_OPEN, CLOSED - timedelta(days=2)):
        monkeypatch.setenv("JOINEDUP_NOW", now.isoformat())
        settings.cache_clear()
        before = await pages(scene)
        assert {status for status, _ in before} == {200, 404}
        for rater in REPLIES["hmt1"][:2] if now == FEEDBACK_OPEN else ():
            await give(scene, rater, "hmt1")
            assert await pages(scene) == before


async def pages(scene: Scene) -> list[tuple[int, str]]:
    """What everybody who looks on is shown, themselves asked or not."""
    record = f"/records/{scene.records['hmt1'].id}"
    paths = ["/", "/records", "/people", record]
    paths += [f"{record}/{of}" for of in ("raters", "results", "decision", "appeal")]
    found = []
    for name in LOOKING:
        code = scene.records[name].organisation
        async with visiting(scene.people[name], code) as visitor:
            for path in paths:
                page = await visitor.get(path)
                found.append((page.status_code, NEW.sub("", page.text)))
    assert settings().clock() < RELEASED
    return found
