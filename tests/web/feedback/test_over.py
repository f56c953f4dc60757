"""Early, late or not wanted: a request that cannot be answered says why."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from service.feedback.life import State
from service.feedback.tables import FeedbackRequest
from service.settings import settings
from tests.factories import CLOSED, FEEDBACK_OPEN
from tests.scoring import Scene
from tests.web.feedback.rating import Rating, led_to, words
from tests.web.visiting import heading

Clock = Callable[[datetime], None]


@pytest.fixture
def turn_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    def turn(now: datetime) -> None:
        monkeypatch.setenv("JOINEDUP_NOW", now.isoformat())
        settings.cache_clear()

    return turn


@pytest.mark.parametrize("state", ["before", "after"])
async def test_at_the_closing_instant_it_is_over_and_the_page_says_when(
    rater: Rating, scene: Scene, turn_clock: Clock, state: str
) -> None:
    await (rater.fill_in() if state == "after" else rater.get())
    turn_clock(CLOSED + timedelta(days=1))
    for answer, status in ((await rater.get(), 200), (await rater.fill_in(), 409)):
        assert answer.status_code == status
        assert heading(answer) == "The time for this feedback is over"
        said = words(answer.text)
        assert "It closed at the end of 28 February 2027." in said
        assert ("Yours was received" in said) == (state == "after")
    for step in ("/check", "/decline"):
        assert heading(await rater.get(step)) == "The time for this feedback is over"
    for step in ("/sent", "/saved"):
        assert led_to(await rater.get(step)) == rater.path


async def test_who_may_not_answer_any_more_is_told_so(
    rater: Rating, scene: Scene
) -> None:
    await FeedbackRequest.update({FeedbackRequest.state: State.WITHDRAWN}).where(
        FeedbackRequest.id == rater.request
    )
    page = await rater.get()
    assert heading(page) == "This feedback is not needed any more"
    late = await rater.fill_in()
    assert (late.status_code, heading(late)) == (409, heading(page))


async def test_before_it_opens_the_page_says_when(
    rater: Rating, turn_clock: Clock
) -> None:
    await rater.get()
    turn_clock(FEEDBACK_OPEN - timedelta(days=60))
    page = await rater.get()
    assert heading(page) == "It is too early for this feedback"
    assert "You can give it from 1 February 2027 until" in words(page.text)
    assert (await rater.fill_in()).status_code == 409
