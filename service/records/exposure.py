"""How long somebody was in post during a cycle, episode by episode.

Pure. Exposure below the framework's minimum means not eligible, never zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Episode:
    """One posting as far as it lies in the cycle."""

    organisation: str
    title: str
    start: date
    end: date
    """The day after the last."""

    @property
    def days(self) -> int:
        """Return its working days."""
        return working_days(self.start, self.end)


def clipped(
    postings: Iterable[tuple[str, str, date, date | None]], start: date, end: date
) -> list[Episode]:
    """Return what of these postings lies in [start, end), in order of time.

    A posting is (organisation, title, from, the day after the last or None).
    """
    episodes = [
        Episode(organisation, title, max(begins, start), min(ends or end, end))
        for organisation, title, begins, ends in postings
        if begins < end and (ends is None or ends > start)
    ]
    return sorted(episodes, key=lambda e: (e.start, e.end, e.organisation, e.title))


def exposure(episodes: Iterable[Episode]) -> int:
    """Return the working days in post, counting none twice where postings overlap."""
    total, reached = 0, date.min
    for episode in sorted(episodes, key=lambda e: (e.start, e.end)):
        total += working_days(max(episode.start, reached), episode.end)
        reached = max(reached, episode.end)
    return total


def working_days(start: date, end: date) -> int:
    """Count Mondays to Fridays from `start` until the day before `end`.

    Nothing when `end` is not after `start`, as where a posting and a period do not
    meet. Public holidays count: they differ between the nations of the UK.
    """
    if end <= start:
        return 0
    weeks, rest = divmod((end - start).days, 7)
    weekdays = ((start.weekday() + day) % 7 for day in range(rest))
    return weeks * 5 + sum(weekday < SATURDAY for weekday in weekdays)
