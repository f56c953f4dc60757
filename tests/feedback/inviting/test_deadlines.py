"""The calendar entry, read by the rules of RFC 5545."""

import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest

from service.feedback.inviting.deadlines import calendar_of

NOW = datetime(2027, 2, 10, 9, tzinfo=UTC)
CLOSES = datetime(2027, 3, 1, tzinfo=UTC)
REQUEST = uuid4()
NAMED = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[^;:]+)*):(.*)")


def entry(
    closes_at: datetime = CLOSES, host: str = "joinedup.example"
) -> dict[str, str]:
    """Unfold (3.1) and read each line; inside one VEVENT no property comes twice."""
    text = calendar_of(REQUEST, closes_at, host, NOW)
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n")
    raw = text.encode("ascii").split(b"\r\n")[:-1]
    assert all(0 < len(line) <= 75 for line in raw)
    lines = text.replace("\r\n ", "").split("\r\n")[:-1]
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VEVENT", "END:VCALENDAR"]
    found: dict[str, str] = {}
    for line in lines:
        match = NAMED.fullmatch(line)
        assert match is not None, line
        name, _, value = match.groups()
        if name not in {"BEGIN", "END"}:
            assert name not in found
            found[name] = value
    return found


def test_it_has_what_the_standard_requires_of_a_published_entry() -> None:
    found = entry()
    assert found["VERSION"] == "2.0"
    assert found["METHOD"] == "PUBLISH"
    assert {"PRODID", "UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= found.keys()
    assert {"ORGANIZER", "ATTENDEE", "URL", "LOCATION"}.isdisjoint(found)


@pytest.mark.parametrize(
    ("closes", "said"),
    [
        ("2026-10-25T18:00+01:00", "20261025T170000Z"),
        ("2026-10-25T17:00+00:00", "20261025T170000Z"),
        ("2027-03-28T17:00+01:00", "20270328T160000Z"),
    ],
)
def test_its_instants_are_utc(closes: str, said: str) -> None:
    assert entry(datetime.fromisoformat(closes))["DTSTART"] == said
    assert entry()["DTSTAMP"] == "20270210T090000Z"


@pytest.mark.parametrize(
    ("closes", "said"),
    [
        ("2027-03-01T00:00+00:00", "DTSTART;VALUE=DATE:20270228"),
        ("2026-10-24T23:00+00:00", "DTSTART;VALUE=DATE:20261024"),  # In summer.
        ("2026-07-01T00:00+00:00", "DTSTART:20260701T000000Z"),
    ],
)
def test_what_closes_at_midnight_in_london_is_of_the_day_that_ends(
    closes: str, said: str
) -> None:
    lines = calendar_of(REQUEST, datetime.fromisoformat(closes), "x.example", NOW)
    assert said in lines.split("\r\n")


def test_extended_it_is_a_later_version_of_the_same_entry() -> None:
    first, second = entry(), entry(CLOSES + timedelta(minutes=1))
    assert first["UID"] == second["UID"] == f"{REQUEST}@joinedup.example"
    assert int(first["SEQUENCE"]) < int(second["SEQUENCE"]) < 2**31


def test_a_long_line_is_folded_and_reads_as_before() -> None:
    host = ".".join(["department"] * 12) + ".example"
    assert entry(host=host)["UID"] == f"{REQUEST}@{host}"


def test_another_zone_is_the_same_instant() -> None:
    there = CLOSES.astimezone(timezone(timedelta(hours=9)))
    assert entry(there)["DTSTART"] == entry()["DTSTART"]
