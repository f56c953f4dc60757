"""When an event is tried again, and which step leads where."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from service.auth.caller import Scope
from service.changes.rules import Stream
from service.hr.webhooks.rules import (
    ATTEMPTS,
    DELAYS,
    STEPS,
    NotActive,
    Step,
    Subject,
    WebhookState,
    after,
    delay_after,
    wait_asked,
)

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def waits(chance: float) -> list[timedelta]:
    found = [delay_after(attempt, chance) for attempt in range(1, ATTEMPTS)]
    return [each for each in found if each is not None]


def test_it_is_tried_for_about_three_days_ever_less_often() -> None:
    for chance in (0.0, 1.0):
        asked = waits(chance)
        assert len(asked) == len(DELAYS)
        assert timedelta(days=3) <= sum(asked, timedelta(0)) <= timedelta(days=3.5)
        assert asked == sorted(asked)
    assert waits(0.0)[0] == timedelta(seconds=5)
    assert delay_after(ATTEMPTS, 0.0) is None
    assert delay_after(ATTEMPTS + 1, 0.0, timedelta(hours=1)) is None


def test_what_failed_together_does_not_come_back_together() -> None:
    assert all(late > soon for soon, late in zip(waits(0.0), waits(1.0), strict=True))


def test_a_receiver_is_not_asked_sooner_than_it_says() -> None:
    asked = timedelta(hours=3)
    assert delay_after(1, 0.0, asked) == asked
    assert delay_after(1, 1.0, asked) == asked * 1.1
    assert delay_after(ATTEMPTS - 1, 0.0, asked) == DELAYS[-1]
    assert delay_after(1, 0.0, timedelta(days=400)) == timedelta(days=1)


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("Mon, 01 Jun 2026 09:02:00 GMT", 120),
        ("Mon, 01 Jun 2026 09:02:00 -0000", 120),
        ("Mon, 01 Jun 2026 08:00:00 GMT", 0),
        (None, 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("1.5", 0),
        ("²", 0),
        ("9" * 400, 999_999_999),
        ("Mon, 99 Jun 2026 09:02:00 GMT", 0),
        (f"Mon, {'9' * 20} Jun 2026 09:02:00 GMT", 0),
        (f"Mon, 01 Jun 2026 09:02:00 +{'9' * 20}", 0),
    ],
)
def test_how_long_a_receiver_asks_to_be_left_alone(
    field: str | None, seconds: int
) -> None:
    assert wait_asked(field, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("state", "step"), [*product(WebhookState, Step)])
def test_every_step_from_every_state(state: WebhookState, step: Step) -> None:
    if (state, step) in STEPS:
        assert after(state, step) is STEPS[state, step]
    else:
        with pytest.raises(NotActive):
            after(state, step)


def test_only_an_active_webhook_is_disabled() -> None:
    leads = {state for state, step in STEPS if step is Step.DISABLE}
    assert leads == {WebhookState.ACTIVE}
    assert STEPS[WebhookState.DISABLED, Step.VERIFY] is WebhookState.ACTIVE


def test_every_stream_of_the_feed_can_be_heard_of_by_who_may_read_it() -> None:
    assert {*map(str, Subject)} == {*map(str, Stream), "cycles"}
    assert Subject.SCORES.scope is Scope.SCORES_READ
    assert {subject.scope for subject in Subject} <= {*Scope}
