"""kill -9 of the demo, at any moment: it goes on, and nothing acknowledged is lost.

Law: what another connection has seen committed is there at the next start.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.demos import ROWS, SCORES, SMALL, Demo
from tests.e2e.running import (
    a_folder,
    ask,
    begun,
    json_of,
    overheard,
    runs,
    server_pid,
    until,
)

pytestmark = pytest.mark.slow

CHANCE = random.Random(20260401)  # noqa: S311 - the same moments in every run
SEEN = """
SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM appraisal_record),
    (SELECT count(*) FROM objective_agreement),
    (SELECT count(*) FROM feedback_draw), (SELECT count(*) FROM feedback_answer),
    (SELECT count(*) FROM score)
"""
Counts = tuple[int, ...]
NOTHING: Counts = (0,) * 6


@dataclass(frozen=True)
class Moment:
    """When to kill: after some seconds, or once so much has been acknowledged."""

    name: str
    comes: Callable[[float, Counts], bool]
    server_too: bool = False


def _after(least: float, most: float) -> Moment:
    seconds = round(CHANCE.uniform(least, most), 2)
    return Moment(f"after {seconds} s", lambda passed, _: passed > seconds)


def _with(name: str, place: int, most: int, *, server_too: bool) -> Moment:
    count = CHANCE.randint(1, most)
    return Moment(
        f"{count} {name}", lambda _, seen: seen[place] >= count, server_too=server_too
    )


MOMENTS = [
    _after(0.8, 1.4),  # While the database is being made, or its tables.
    _after(1.4, 2.2),
    _with("people", 0, 1, server_too=False),
    _with("agreements", 2, 40, server_too=True),
    _with("draws", 3, 30, server_too=False),
    _with("answers", 4, 1000, server_too=True),
    _with("answers", 4, 3000, server_too=False),
    _with("scores", 5, 1, server_too=True),
]


@dataclass(frozen=True)
class Strike:
    """One kill: what had been seen committed before it, and what was there after."""

    moment: Moment
    struck: bool
    before: Counts
    after: Counts


def _strike(data: Path, moment: Moment, said: Path) -> Strike:
    seen = NOTHING
    with begun(data, *SMALL, said=said) as demo:
        started = time.monotonic()
        while demo.poll() is None and not moment.comes(
            time.monotonic() - started, seen
        ):
            seen = _overheard(data) or seen
            assert time.monotonic() - started < 60
        struck = demo.poll() is None
        server = None
        with suppress(OSError, ValueError, IndexError):
            server = server_pid(data)
        os.killpg(demo.pid, signal.SIGKILL)
        if server is not None:
            with suppress(ProcessLookupError):
                os.kill(server, signal.SIGKILL if moment.server_too else 0)
            until(lambda: not runs(server))
    return Strike(moment, struck, seen, _after_restart(data))


def _overheard(data: Path) -> Counts | None:
    rows = overheard(data, SEEN)
    return None if rows is None else rows[0]


def _after_restart(data: Path) -> Counts:
    """Count again, as the next command will find it; no tables yet: nothing."""
    ((made,),) = ask(data, "SELECT to_regclass('score') IS NOT NULL")
    return ask(data, SEEN)[0] if made else NOTHING


@dataclass(frozen=True)
class Story:
    """A demo killed again and again, then left alone."""

    strikes: list[Strike]
    said: dict[str, Any]
    rows: list[tuple[Any, ...]]
    scores: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with a_folder() as killed:
        strikes = [
            _strike(killed / "data", moment, killed / "said") for moment in MOMENTS
        ]
        yield Story(
            strikes,
            json_of(killed / "data", *SMALL),
            ask(killed / "data", ROWS),
            ask(killed / "data", SCORES),
        )


def test_most_kills_struck_a_running_demo(story: Story) -> None:
    struck = [strike.moment.name for strike in story.strikes if strike.struck]
    assert len(struck) >= 5, struck
    # And some of them when there was something to lose.
    assert sum(any(strike.before) for strike in story.strikes if strike.struck) >= 3


def test_nothing_that_was_acknowledged_is_lost(story: Story) -> None:
    for strike in story.strikes:
        lost = [b for b, a in zip(strike.before, strike.after, strict=True) if a < b]
        assert not lost, strike
    for one, following in zip(story.strikes, story.strikes[1:], strict=False):
        kept = zip(one.after, following.after, strict=True)
        assert all(later >= earlier for earlier, later in kept), (one, following)


def test_an_import_is_there_whole_or_not_at_all(story: Story) -> None:
    assert {strike.after[0] for strike in story.strikes} <= {0, 120}


def test_left_alone_it_ends_as_if_never_disturbed(story: Story, demo: Demo) -> None:
    assert demo.same(story.said)
    assert story.scores == ask(demo.data, SCORES)
    counts = slice(0, -1)  # All but the instant.
    assert story.rows[0][counts] == ask(demo.data, ROWS)[0][counts]
