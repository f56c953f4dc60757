"""What waits for somebody to do, as each room tells the page that lists it.

The law: it says what is to be done, where and by when, and nothing of what others did.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from service.web.templating import HERE, day, moment


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that one person is to do."""

    says: str
    """Marked for translation; `%(name)s` in it is filled with `name`."""
    path: str
    """Of the page on which it is done."""
    name: str = ""
    due: date | datetime | None = None
    """By when; an instant where it ends then, and not before."""


def by(due: date | datetime) -> str:
    """Write by when something is to be done: of midnight, the day that ends then."""
    if not isinstance(due, datetime):
        return day(due)
    here = due.astimezone(HERE)
    if here.time() == time.min:
        return day(here.date() - timedelta(days=1))
    return moment(due)
