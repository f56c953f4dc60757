"""The deadline of a request as a calendar entry (RFC 5545).

The law: an entry names no subject and holds no link that opens anything by itself, as
calendars are shared; moved, it is the same entry.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID

from service.records.frameworks import LONDON

OCTETS: Final = 75
"""Of a line at most, without its end."""
SUMMARY: Final = "Deadline for feedback / Dyddiad cau adborth"


def calendar_of(request: UUID, closes_at: datetime, host: str, now: datetime) -> str:
    """Write the entry; `host` makes its id unique in the world.

    A window only ever closes later, so its instant, in minutes, numbers its versions.
    """
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Joined-up Appraisal//Feedback//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{request}@{host}",
        f"SEQUENCE:{int(closes_at.timestamp()) // 60}",
        f"DTSTAMP:{_instant(now)}",
        _start(closes_at),
        f"SUMMARY:{SUMMARY}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(_folded(line) + "\r\n" for line in lines)


def _start(closes_at: datetime) -> str:
    """Return when it is; what closes at midnight in London is of the day before."""
    local = closes_at.astimezone(LONDON)
    if local.time() > time.min:
        return f"DTSTART:{_instant(closes_at)}"
    return f"DTSTART;VALUE=DATE:{local - timedelta(days=1):%Y%m%d}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> str:
    """Break a line of ASCII that is too long; what follows begins with a space."""
    parts = [line[:OCTETS]]
    rest = line[OCTETS:]
    while rest:
        parts.append(rest[: OCTETS - 1])
        rest = rest[OCTETS - 1 :]
    return "\r\n ".join(parts)
