"""`joinedup cycles extend-feedback`: what it takes, and what it says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from service.auth.caller import Operator
from service.cli import cycles as cli
from service.feedback import windows
from tests.factories import FEEDBACK_OPEN

CYCLE = UUID(int=5)


@dataclass
class Extended:
    """What the command asked for, in place of a database."""

    asked: dict[str, Any]
    closes_at = datetime(2027, 3, 8, tzinfo=UTC)
    releases_at = datetime(2027, 3, 22, tzinfo=UTC)


@pytest.fixture
def extended(monkeypatch: pytest.MonkeyPatch) -> Extended:
    found = Extended({})

    async def extend(cycle: UUID, **asked: Any) -> Extended:
        found.asked.update(asked, cycle=cycle)
        return found

    @asynccontextmanager
    async def opened() -> AsyncIterator[datetime]:
        yield FEEDBACK_OPEN

    monkeypatch.setattr(windows, "extend", extend)
    monkeypatch.setattr(cli, "opened", opened)
    return found


def run(*words: str) -> Result:
    command = ["extend-feedback", str(CYCLE), *words]
    return CliRunner().invoke(cli.cycles, command)


def test_it_extends_the_window_of_one_cycle(extended: Extended) -> None:
    done = run("--closes", "2027-03-08T00:00:00Z")
    assert done.exit_code == 0, done.output
    assert "closes at 2027-03-08T00:00:00+00:00 and is released at" in done.output
    assert isinstance(extended.asked.pop("caller"), Operator)
    assert extended.asked == {
        "cycle": CYCLE,
        "closes_at": datetime(2027, 3, 8, tzinfo=UTC),
        "releases_at": None,
        "now": FEEDBACK_OPEN,
    }


def test_it_takes_the_release_as_well(extended: Extended) -> None:
    released = "2027-03-25T00:00:00+00:00"
    assert run("--closes", "2027-03-08T00:00Z", "--releases", released).exit_code == 0
    assert extended.asked["releases_at"] == datetime.fromisoformat(released)


@pytest.mark.parametrize(
    "words",
    [
        ("--closes", "2027-03-08T00:00:00"),
        ("--closes", "tomorrow"),
        ("--closes", "2027-03-08T00:00:00Z", "--releases", "2027-03-22"),
    ],
)
def test_an_instant_that_is_none_is_refused_with_how_to_write_one(
    extended: Extended, words: tuple[str, ...]
) -> None:
    done = run(*words)
    assert done.exit_code == 1
    assert "write an instant with its offset" in done.output
    assert extended.asked == {}
