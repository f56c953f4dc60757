"""What waits for somebody to do, as each room tells the page that lists it.

The law: it says what is to be done, where and by when, and nothing of what others did.
"""

from dataclasses import dataclass
from datetime import date, datetime

from service.web.templating import day, until


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
    """Write by when something is to be done."""
    return until(due) if isinstance(due, datetime) else day(due)
