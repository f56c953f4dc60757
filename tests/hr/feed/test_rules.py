"""When a position leads on, and when it does not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from service.changes.rules import Op, Position
from service.hr.feed.rules import (
    HORIZON,
    Look,
    ResyncRequired,
    Row,
    check_leads_on,
    is_behind,
    moved_on,
)
from tests.refusing import refusal

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EPOCH = UUID(int=1)
START = "https://joinedup.example/v1/changes?stream=scores"


def at(**reached: int) -> Position:
    return Position(EPOCH, reached)


def row(organisation: str, sequence: int, *, age: timedelta = timedelta(0)) -> Row:
    return Row(organisation, sequence, "score", uuid4(), 1, Op.UPSERT, NOW - age)


def look(*rows: Row, **heads: int) -> Look:
    return Look(EPOCH, heads, rows)


@pytest.mark.parametrize(
    ("where", "seen"),
    [
        (at(hmt=0), look(hmt=0)),
        (at(hmt=3), look(hmt=9)),
        (at(hmt=3), look(row("hmt", 4), row("hmt", 5), hmt=9)),
        (at(dft=7, hmt=3), look(row("hmt", 4), dft=7, hmt=4)),
        (at(dft=7, hmt=3), look(row("dft", 8), row("hmt", 4), dft=8, hmt=4)),
        (at(hmt=3), look(row("hmt", 4, age=HORIZON), hmt=4)),
        (at(hmt=3), look(row("hmt", 4), row("hmt", 5, age=2 * HORIZON), hmt=5)),
    ],
)
def test_it_leads_on(where: Position, seen: Look) -> None:
    assert refusal(check_leads_on, where, seen, NOW, START) is None


OLD = HORIZON + timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("where", "seen", "why"),
    [
        (at(hmt=3), replace(look(hmt=3), epoch=UUID(int=2)), "restored"),
        (at(hmt=4), look(hmt=3), "ahead of the feed"),
        (at(dft=1, hmt=3), look(hmt=3), "ahead of the feed"),
        (at(hmt=3), look(row("hmt", 5), hmt=5), "no longer kept"),
        (at(hmt=3), look(row("hmt", 4), row("hmt", 6), hmt=6), "no longer kept"),
        (at(hmt=3), look(row("hmt", 4, age=OLD), hmt=4), "older than 90 days"),
        (
            at(dft=1, hmt=3),
            look(row("dft", 2), row("hmt", 4, age=OLD), dft=2, hmt=4),
            "older than 90 days",
        ),
    ],
)
def test_it_leads_on_no_more(where: Position, seen: Look, why: str) -> None:
    with pytest.raises(ResyncRequired, match=why) as refused:
        check_leads_on(where, seen, NOW, START)
    assert refused.value.headers == {"Link": f'<{START}>; rel="start"'}
    assert START in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "reached", "behind"),
    [
        ([], {"dft": 1, "hmt": 3}, True),
        ([row("hmt", 4)], {"dft": 1, "hmt": 4}, True),
        ([row("dft", 2), row("hmt", 4)], {"dft": 2, "hmt": 4}, True),
        ([row("dft", 2), row("hmt", 4), row("hmt", 5)], {"dft": 2, "hmt": 5}, False),
    ],
)
def test_a_page_moves_it_on(
    rows: Sequence[Row], reached: dict[str, int], *, behind: bool
) -> None:
    seen = look(*rows, dft=2, hmt=5)
    then = moved_on(at(dft=1, hmt=3), rows)
    assert then == Position(EPOCH, reached)
    assert is_behind(then, seen) == behind


def test_a_position_is_read_as_it_was_written() -> None:
    where = at(mod=7, dft=0, hmt=2**40)
    assert Position.of(where.plain(), {"hmt", "dft", "mod"}) == where
