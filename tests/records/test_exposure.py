from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.records.exposure import clipped, exposure, working_days

START, END = date(2026, 4, 1), date(2027, 4, 1)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2026, 11, 23), date(2026, 11, 30), 5),  # Monday to Monday
        (date(2026, 11, 27), date(2026, 11, 28), 1),  # a Friday
        (date(2026, 11, 28), date(2026, 11, 30), 0),  # a weekend
        (date(2026, 4, 1), date(2027, 4, 1), 261),
        (date(2026, 11, 23), date(2026, 11, 23), 0),
        (date(2026, 11, 24), date(2026, 11, 23), 0),
    ],
)
def test_working_days_are_mondays_to_fridays_without_the_last(
    start: date, end: date, days: int
) -> None:
    assert working_days(start, end) == days


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(0, 400))
def test_working_days_are_what_counting_on_a_calendar_gives(
    start: date, length: int
) -> None:
    days = (start + timedelta(day) for day in range(length))
    counted = sum(day.isoweekday() <= 5 for day in days)
    assert working_days(start, start + timedelta(length)) == counted


def test_a_posting_counts_as_far_as_it_lies_in_the_cycle() -> None:
    (before, within) = clipped(
        [
            ("hmt", "Director", date(2026, 12, 1), None),
            ("hmt", "Deputy", date(2019, 1, 1), date(2026, 12, 1)),
            ("hmt", "Adviser", date(2018, 1, 1), date(2019, 1, 1)),
        ],
        START,
        END,
    )
    assert (before.start, before.end) == (START, date(2026, 12, 1))
    assert (within.start, within.end) == (date(2026, 12, 1), END)
    assert before.days + within.days == exposure([before, within]) == 261


def test_days_of_two_postings_at_once_count_once() -> None:
    halves = [("hmt", title, START, END) for title in ("Half of one", "Half of two")]
    assert exposure(clipped(halves, START, END)) == 261


def test_a_posting_after_the_cycle_is_no_exposure() -> None:
    assert exposure(clipped([("hmt", "Director", END, None)], START, END)) == 0
