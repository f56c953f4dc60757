"""Reminders by the calendar in London, and what is still worth sending."""

from datetime import UTC, datetime, timedelta

import pytest

from service.feedback.inviting.rules import (
    CODES_A_DAY,
    TRIES,
    About,
    is_wanted,
    reminder_due,
)
from service.feedback.life import OPEN, WAITING, State

CLOSES = datetime(2027, 3, 1, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("days", "about"),
    [(7, About.REMINDER_7), (3, About.REMINDER_3), (1, About.REMINDER_1)],
)
def test_a_reminder_is_due_from_its_instant_on(days: int, about: About) -> None:
    since = CLOSES - timedelta(days=days)
    assert reminder_due(CLOSES, since) == (about, since)
    before = reminder_due(CLOSES, since - MOMENT)
    assert before is None or before[0] != about


def test_run_late_only_the_last_is_due() -> None:
    due = reminder_due(CLOSES, CLOSES - timedelta(hours=2))
    assert due is not None
    assert due[0] == About.REMINDER_1
    assert reminder_due(CLOSES, CLOSES - MOMENT) == due


def test_nothing_is_due_once_it_has_closed_or_long_before() -> None:
    assert reminder_due(CLOSES, CLOSES) is None
    assert reminder_due(CLOSES, CLOSES + timedelta(days=1)) is None
    assert reminder_due(CLOSES, CLOSES - timedelta(days=7) - MOMENT) is None


@pytest.mark.parametrize(
    ("closes", "days", "since"),
    [
        # 25 October 2026: the clocks go back; 28 March 2027: forward.
        ("2026-10-27T17:00+00:00", 3, "2026-10-24T16:00+00:00"),
        ("2026-10-25T17:00+00:00", 1, "2026-10-24T16:00+00:00"),
        ("2026-10-26T00:00+00:00", 1, "2026-10-24T23:00+00:00"),
        ("2026-10-26T01:30+00:00", 1, "2026-10-25T00:30+00:00"),
        ("2027-03-30T16:00+00:00", 7, "2027-03-23T17:00+00:00"),
        ("2027-03-28T16:00+00:00", 1, "2027-03-27T17:00+00:00"),
        ("2027-03-28T23:00+00:00", 1, "2027-03-28T00:00+00:00"),
        ("2027-03-29T00:30+00:00", 1, "2027-03-28T01:30+00:00"),  # No such time.
    ],
)
def test_it_is_the_same_time_of_day_in_london(
    closes: str, days: int, since: str
) -> None:
    about = About(f"reminder_{days}")
    assert reminder_due(at(closes), at(since)) == (about, at(since))
    before = reminder_due(at(closes), at(since) - MOMENT)
    assert before is None or before[0] != about


@pytest.mark.parametrize("state", State)
def test_a_reminder_goes_only_to_whom_something_waits_for(state: State) -> None:
    now = CLOSES - timedelta(days=2)
    assert is_wanted(About.REMINDER_3, state, CLOSES, now) == (state in WAITING)
    assert not is_wanted(About.REMINDER_7, state, CLOSES, now)  # It was held.
    assert not is_wanted(About.REMINDER_3, state, CLOSES, CLOSES)


@pytest.mark.parametrize("state", [*OPEN, State.DECLINED])
def test_an_invitation_goes_out_whatever_its_rater_has_done(state: State) -> None:
    assert is_wanted(About.INVITATION, state, CLOSES, CLOSES - MOMENT)
    assert not is_wanted(About.INVITATION, state, CLOSES, CLOSES)


def test_whoever_was_withdrawn_is_not_invited() -> None:
    now = CLOSES - MOMENT
    assert not is_wanted(About.INVITATION, State.WITHDRAWN, CLOSES, now)


@pytest.mark.parametrize("state", State)
def test_thanks_are_for_what_was_submitted(state: State) -> None:
    assert is_wanted(About.THANKS, state, CLOSES, CLOSES) == (state == State.SUBMITTED)


def test_guessing_for_four_weeks_finds_a_code_once_in_seven_hundred_times() -> None:
    assert 28 * CODES_A_DAY * TRIES / 10**6 < 1 / 700
