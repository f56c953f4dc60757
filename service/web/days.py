"""Days as people write them.

The law: a day is a day in London, and what could be two days is none.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Final

from babel.dates import get_month_names
from pydantic import BeforeValidator

from service.web.language import Language
from service.web.templating import HERE

WRITTEN: Final = re.compile(r"(\d{1,2})[ /.-]+(\w+)[ /.-]+(\d{4})")
ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
YEARS: Final = range(1900, 3000)
"""In which anything can be meant: there is a day after each, in every time zone."""


def read_day(text: object) -> date:
    """Read 27/3/2027, 27 March 2027 or 2027-03-27; the month in either language."""
    if not isinstance(text, str):
        raise ValueError("write a day")  # noqa: TRY004 - what pydantic catches
    if found := ISO.fullmatch(text.strip()):
        year, month, day = map(int, found.groups())
    elif found := WRITTEN.fullmatch(text.strip()):
        day, year = int(found[1]), int(found[3])
        month = int(found[2]) if found[2].isdecimal() else _months()[found[2].lower()]
    else:
        raise ValueError("write a day such as 27/3/2027")
    if year not in YEARS:
        raise ValueError("write a year such as 2027")
    return date(year, month, day)


class _Months(dict[str, int]):
    def __missing__(self, name: str) -> int:
        raise ValueError(f"no month is called {name}")


@cache
def _months() -> Mapping[str, int]:
    """Return the number of each month by its names."""
    return _Months(
        (name.lower(), number)
        for language in Language
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=language).items()
    )


Day = Annotated[date, BeforeValidator(read_day)]
"""A day in a form."""


def midnight(day: date) -> datetime:
    """Return the instant at which a day begins in London."""
    return datetime.combine(day, time.min, tzinfo=HERE).astimezone(UTC)


def after_day(day: date) -> date:
    """Return the day after a last one: the first on which something is over."""
    return day + timedelta(days=1)


def as_written(at: datetime) -> str:
    """Write the day of an instant as a form has it before anybody changes it."""
    here = at.astimezone(HERE)
    return f"{here.day}/{here.month}/{here.year}"
