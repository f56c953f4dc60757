"""How instants and figures are written: one way for each, on every page and mail."""

import re
from datetime import datetime
from decimal import Decimal

import pytest

from service.web.language import Language, speaking
from service.web.templating import (
    TEMPLATES,
    environment,
    exact,
    money,
    number,
    since,
    until,
)
from service.web.waiting import by

END = re.compile(
    r"\b(?:\w+_)?(?:closes|closes_at|until|decide_by|due_at|expires_at|deadline)"
    r"\s*\|\s*(?!until)(\w+)"
)
"""What ends then, written in a template by another filter."""


@pytest.mark.parametrize(
    ("at", "english", "welsh"),
    [
        ("2027-03-01T00:00+00:00", "the end of 28 February 2027", "28 Chwefror 2027"),
        ("2026-10-24T23:00+00:00", "the end of 24 October 2026", "24 Hydref 2026"),
        ("2027-01-01T00:00+00:00", "the end of 31 December 2026", "31 Rhagfyr 2026"),
        ("2026-07-01T00:00+00:00", "1am on 1 July 2026", "1am ar 1 Gorffennaf 2026"),
        ("2027-03-28T16:00+00:00", "5pm on 28 March 2027", "5pm ar 28 Mawrth 2027"),
        (
            "2027-03-01T00:01+00:00",
            "12:01am on 1 March 2027",
            "12:01am ar 1 Mawrth 2027",
        ),
    ],
)
def test_what_ends_at_midnight_ends_with_the_day_before(
    at: str, english: str, welsh: str
) -> None:
    instant = datetime.fromisoformat(at)
    assert until(instant) == by(instant) == english
    with speaking(Language.WELSH):
        prefix = "" if " ar " in welsh else "ddiwedd "
        assert until(instant) == by(instant) == prefix + welsh


def test_what_begins_at_midnight_begins_with_the_day() -> None:
    assert since(datetime.fromisoformat("2027-03-01T00:00+00:00")) == "1 March 2027"
    assert since(datetime.fromisoformat("2027-03-01T17:00+00:00")) == (
        "5pm on 1 March 2027"
    )


def test_every_template_tells_an_end_by_the_one_filter() -> None:
    """A grant's last day, which is a date, is no instant: `each.until|day`."""
    wrong = {
        f"{path.relative_to(TEMPLATES)}: {found[0]}"
        for path in TEMPLATES.rglob("*.html")
        for found in END.finditer(path.read_text(encoding="utf-8"))
        if found[0] != "until|day"
    }
    assert wrong == set()
    assert "until" in environment().filters


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (34, "34"),
        (34.0, "34"),
        (34.04, "34"),
        (34.05, "34.1"),
        (Decimal("34.95"), "35"),
        (-0.04, "0"),
        (-1.25, "-1.3"),
        (1234.5, "1,234.5"),
    ],
)
def test_a_figure_is_written_one_way(value: Decimal | float, written: str) -> None:
    assert number(value) == written
    with speaking(Language.WELSH):
        assert number(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [("20.000000", "20"), ("0.000125", "0.000125"), ("1200.50", "1,200.5")],
)
def test_what_people_stated_is_not_rounded(value: str, written: str) -> None:
    assert exact(Decimal(value)) == written


@pytest.mark.parametrize(
    ("pounds", "written"),
    [
        ("12000", "£12,000"),
        ("12000.00", "£12,000"),
        ("12000.50", "£12,000.50"),
        ("0.05", "£0.05"),
        ("-1234.56", "-£1,234.56"),
        ("999999999999.99", "£999,999,999,999.99"),
    ],
)
def test_money_is_written_to_the_penny(pounds: str, written: str) -> None:
    assert money(Decimal(pounds)) == written
