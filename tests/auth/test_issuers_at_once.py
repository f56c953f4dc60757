"""What becomes of those who ask for the issuers while these are being read."""

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from service.auth import issuers
from service.auth.issuers import ExternalIssuer, Issuers, Registered
from tests.auth.an_issuer import AUDIENCE, URL
from tests.auth.conftest import NOW, Clock

ONE = ExternalIssuer("hmt", URL, AUDIENCE, f"{URL}/keys")


@dataclass
class Slow:
    """A database that answers when it is let."""

    holds: set[ExternalIssuer]
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    down: bool = False

    async def all_registered(self) -> list[Registered]:
        self.asked += 1
        await self.answers.wait()
        if self.down:
            raise ConnectionError
        return [Registered(uuid4(), NOW, one) for one in self.holds]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    slow = Slow({ONE})
    monkeypatch.setattr(issuers, "all_registered", slow.all_registered)
    return slow


async def three_ask(here: Issuers) -> list[asyncio.Task[frozenset[ExternalIssuer]]]:
    """Three who have all come before the database answers."""
    asking = [asyncio.create_task(here.current()) for _ in range(3)]
    for _ in range(3):
        await asyncio.sleep(0)
    return asking


async def test_all_who_come_first_at_once_are_told_of_every_issuer(slow: Slow) -> None:
    asking = await three_ask(Issuers(Clock()))
    slow.answers.set()
    assert await asyncio.gather(*asking) == [{ONE}] * 3
    assert slow.asked == 1


async def test_nobody_is_let_in_by_an_issuer_removed_while_nobody_came(
    slow: Slow,
) -> None:
    clock = Clock()
    here = Issuers(clock)
    slow.answers.set()
    assert await here.current() == {ONE}
    slow.answers.clear()
    slow.holds.clear()
    clock.seconds = 3600.0
    asking = await three_ask(here)
    slow.answers.set()
    assert await asyncio.gather(*asking) == [frozenset()] * 3


async def test_one_who_goes_away_does_not_take_the_others_along(slow: Slow) -> None:
    first, *others = await three_ask(Issuers(Clock()))
    first.cancel()
    slow.answers.set()
    assert await asyncio.gather(*others) == [{ONE}] * 2
    assert first.cancelled()
    assert slow.asked == 1


async def test_a_reading_that_fails_fails_for_all_and_is_tried_again(
    slow: Slow,
) -> None:
    here = Issuers(Clock())
    slow.down = True
    asking = await three_ask(here)
    slow.answers.set()
    said = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(one) for one in said] == [ConnectionError] * 3
    slow.down = False
    assert await here.current() == {ONE}
