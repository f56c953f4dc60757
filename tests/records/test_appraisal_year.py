from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.records import frameworks
from service.records.frameworks import (
    Calendar,
    CycleDay,
    Stage,
    add_working_days,
    load,
)


def test_a_year_runs_from_april_to_march() -> None:
    days = frameworks.appraisal_year(load("uk-scs-2025"), 2026)
    assert days == (date(2026, 4, 1), date(2027, 3, 31))


def test_a_stage_begins_at_midnight_in_london_in_summer_and_in_winter() -> None:
    instants = frameworks.stage_instants(load("uk-scs-2025"), 2026)
    assert instants[Stage.OBJECTIVE_SETTING] == datetime(2026, 3, 31, 23, tzinfo=UTC)
    assert instants[Stage.MID_YEAR_CONSISTENCY_CHECK] == datetime(
        2026, 9, 30, 23, tzinfo=UTC
    )
    assert instants[Stage.FEEDBACK_OPENS] == datetime(2027, 2, 1, tzinfo=UTC)
    assert instants[Stage.FEEDBACK_CLOSES] == datetime(2027, 3, 1, tzinfo=UTC)
    assert instants[Stage.FEEDBACK_RELEASES] == datetime(2027, 3, 15, tzinfo=UTC)
    assert {instant.tzinfo for instant in instants.values()} == {UTC}


@pytest.mark.parametrize("year", range(2011, 2060))
def test_the_stages_of_any_year_follow_one_another(year: int) -> None:
    instants = frameworks.stage_instants(load("uk-scs-2025"), year)
    assert list(instants) == list(Stage)
    assert list(instants.values()) == sorted(instants.values())
    local = [i.astimezone(ZoneInfo("Europe/London")) for i in instants.values()]
    assert {(i.hour, i.minute, i.second) for i in local} == {(0, 0, 0)}
    closes = local[list(Stage).index(Stage.FEEDBACK_CLOSES)].date()
    assert (closes - timedelta(days=1)).month == 2  # 28 or 29 February is the last
    assert closes < date(year + 1, 3, 31)
    assert local[list(Stage).index(Stage.FEEDBACK_RELEASES)].month == 3


def test_ten_working_days_over_easter_skip_its_bank_holidays() -> None:
    # Good Friday and Easter Monday 2026 are 3 and 6 April.
    wednesday = date(2026, 4, 1)
    holidays = frameworks.bank_holidays()
    assert add_working_days(wednesday, 10, holidays) == date(2026, 4, 17)
    assert add_working_days(wednesday, 10) == date(2026, 4, 15)


def test_a_release_waits_for_bank_holidays() -> None:
    # A window that closes on 22 March 2027 runs into Easter: 26 and 29 March.
    calendar = Calendar(
        feedback_closes=CycleDay(month=3, day=22, years_on=1),
        end_year_assessment=CycleDay(month=4, day=20, years_on=1),
    )
    framework = load("uk-scs-2025").model_copy(update={"calendar": calendar})
    instants = frameworks.stage_instants(framework, 2026)
    assert instants[Stage.FEEDBACK_RELEASES] == datetime(2027, 4, 6, 23, tzinfo=UTC)


@given(
    day=st.dates(date(2019, 1, 1), date(2028, 11, 30)),
    working_days=st.integers(1, 30),
)
def test_working_days_are_those_that_numpy_counts(day: date, working_days: int) -> None:
    holidays = frameworks.bank_holidays()
    expected = np.busday_offset(
        day, working_days, roll="backward", holidays=sorted(holidays)
    )
    assert add_working_days(day, working_days, holidays) == expected.astype(date)


def test_bank_holidays_are_working_days_off_and_at_least_eight_a_year() -> None:
    holidays = frameworks.bank_holidays()
    assert all(day.weekday() < 5 for day in holidays)
    years = [day.year for day in holidays]
    assert {year: years.count(year) for year in sorted(set(years))} == {
        **dict.fromkeys(range(2019, 2029), 8),
        2022: 10,  # Platinum Jubilee, state funeral
        2023: 9,  # Coronation
    }
