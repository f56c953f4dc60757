"""What leaves no trace is limited all the same, in the memory of one process."""

import json

import pytest
from litestar import Controller, Litestar, get, post

from service.edge.openapi import About, document
from service.edge.rates import WINDOW, Rates, in_memory
from service.edge.untraced import UNTRACED


class Clock:
    """A monotonic clock that stands until it is moved."""

    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


async def allowed(rates: Rates, key: str, limit: int, times: int) -> int:
    return sum([(await rates.count(key, limit)).allowed for _ in range(times)])


async def test_a_caller_gets_the_limit_and_no_more() -> None:
    clock = Clock()
    rates = Rates(take=in_memory(clock), clock=clock)
    assert await allowed(rates, "one", 100, 250) == 100
    assert await allowed(rates, "other", 100, 60) == 60


async def test_a_new_minute_brings_a_new_share() -> None:
    clock = Clock()
    rates = Rates(take=in_memory(clock), clock=clock)
    assert await allowed(rates, "one", 10, 30) == 10
    clock.seconds += WINDOW
    assert await allowed(rates, "one", 10, 30) == 10


async def test_what_is_left_of_the_minute_is_told() -> None:
    clock = Clock()
    clock.seconds = 10 * WINDOW + 45.0
    standing = await Rates(take=in_memory(clock), clock=clock).count("one", 100)
    assert standing.resets_in == WINDOW - 45


class Routes(Controller):
    path = "/v1/quiet"

    @post(security=[{}], opt={UNTRACED: True})
    async def act(self) -> None: ...

    @post("/loud", security=[{}])
    async def speak(self) -> None: ...

    @get(security=[{}])
    async def look(self) -> None: ...


@pytest.mark.parametrize(("path", "offered"), [("", False), ("/loud", True)])
def test_no_key_for_retries_is_offered_where_no_answer_is_kept(
    path: str, *, offered: bool
) -> None:
    app = Litestar([Routes], openapi_config=None)
    about = About("https://joinedup.example", "1", {}, {})
    drawn = json.loads(document(app, about))
    operation = drawn["paths"]["/v1/quiet" + path]["post"]
    named = {each["name"] for each in operation.get("parameters", [])}
    assert ("Idempotency-Key" in named) == offered
    assert ("409" in operation["responses"]) == offered
