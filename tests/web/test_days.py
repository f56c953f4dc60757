"""Days as people write them, in London."""

from datetime import UTC, date, datetime

import pytest

from service.web.days import after_day, as_written, midnight, read_day


@pytest.mark.parametrize(
    "text",
    [
        "27/3/2027",
        "27/03/2027",
        "27 3 2027",
        "27.3.2027",
        "27-3-2027",
        "2027-03-27",
        " 27 March 2027 ",
        "27 mar 2027",
        "27 Mawrth 2027",
    ],
)
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert read_day(text) == date(2027, 3, 27)


@pytest.mark.parametrize(
    "text",
    [
        *("", "27", "3/27/2027", "31/2/2027", "27/3/27", "27 Smarch 2027", "soon"),
        *("31/12/9999", "9999-12-31", "1/1/0001", None, 3),
    ],
)
def test_what_is_no_day_is_refused(text: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic catches any of them
        read_day(text)


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (date(2027, 2, 1), datetime(2027, 2, 1, tzinfo=UTC)),
        (date(2027, 7, 1), datetime(2027, 6, 30, 23, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 24, 23, tzinfo=UTC)),
    ],
)
def test_a_day_begins_in_london(day: date, begins: datetime) -> None:
    assert midnight(day) == begins
    assert read_day(as_written(begins)) == day


def test_what_has_a_last_day_is_over_on_the_next() -> None:
    assert after_day(date(2027, 12, 31)) == date(2028, 1, 1)
