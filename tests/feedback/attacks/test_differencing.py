"""What is shown is shown once: there are no two states to take a difference of."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from service.db.reach import EVERYONE, within_reach
from service.feedback.form.items import BEHAVIOURS, FORM_VERSION
from service.feedback.results import actions
from service.feedback.results.queries import Kept
from tests.factories import CLOSED, FEEDBACK_OPEN, RELEASED
from tests.feedback.attacks.scenarios import form
from tests.feedback.over_http import Callers, path_of, slug
from tests.feedback.results.forms import AForm, shown
from tests.feedback.results.living import answer, close, release
from tests.feedback.results.living import clock as set_clock
from tests.feedback.stored import stored
from tests.scoring import REST, Scene, answers

WATCHING = ("hmt1", "hmt-head")
Clock = Callable[[datetime], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return lambda now: set_clock(monkeypatch, now)


async def watched(callers: Callers, clock: Clock) -> list[dict[str, Any]]:
    """What subject and manager are shown after each of six answers, to the release."""
    scene, seen = callers.scene, list[dict[str, Any]]()
    late = await path_of(scene, REST[0])
    path = f"/v1/records/{scene.records['hmt1'].id}/feedback"

    async def look() -> None:
        for name in WATCHING:
            body = (await callers.get(name, path)).json()
            for own in ("instance", "request_id"):
                body.pop(own, None)
            seen.append(body)

    for place, rater in enumerate(REST):
        clock(FEEDBACK_OPEN + timedelta(days=place))
        await answer(scene, rater, "hmt1")
        await look()
    clock(CLOSED)
    await close()
    await look()
    clock(RELEASED)
    await release()
    await look()
    refused = await callers.ask(REST[0], "PUT", f"{late}/response", form(1))
    assert slug(refused) == "feedback-not-open"
    await look()
    return seen


def figures(body: dict[str, Any]) -> dict[str, float | None]:
    return {each["code"]: each["mean"] for each in body.get("behaviours", [])}


def recovered(seen: list[dict[str, Any]], scene: Scene) -> int:
    """How many answers of a rater follow from two states of what is shown."""
    last = answers(REST[-1], "hmt1")
    states = [each for body in seen if (each := figures(body))]
    found = 0
    for five, six in pairwise(states):
        for item in BEHAVIOURS:
            before, after = five[item], six[item]
            if before is not None and after is not None and before != after:
                more = len(REST) * after - (len(REST) - 1) * before
                found += round(more) == last[item]
    return found


@pytest.mark.slow
async def test_nothing_is_shown_and_then_everything_and_never_anything_between(
    callers: Callers, scene: Scene, clock: Clock
) -> None:
    seen = await watched(callers, clock)
    states = [figures(body) for body in seen]
    before = 2 * (len(REST) + 1)
    assert states[:before] == [{}] * before
    assert all(body == seen[0] for body in seen[:before])
    assert all(body == seen[before] for body in seen[before:])
    assert any(figures(seen[before]).values())
    assert recovered(seen, scene) == 0


@pytest.mark.slow
async def test_what_is_shown_as_it_comes_in_gives_the_last_answers_away(
    callers: Callers, scene: Scene, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin works results out anew whenever they are looked at."""

    async def live(_: UUID) -> Kept:
        with within_reach(EVERYONE):
            given = await stored(scene, "hmt1")
        places = ("dwp", "moj", "dft")
        seen = shown(
            [
                AForm(each, places[number % 3], UUID(int=number))
                for number, each in enumerate(given)
            ]
        )
        return Kept(seen, words={}, reply=None, form_version=FORM_VERSION)

    monkeypatch.setattr(actions, "kept", live)
    assert recovered(await watched(callers, clock), scene) > 0
