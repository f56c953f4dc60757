import httpx
import pytest
from litestar import Litestar

from service.auth.caller import Scope
from service.db import transaction
from service.edge.rates import SHARES, WINDOW, Rates, TooMany, check, forget_windows
from tests.factories import a_department, a_token


class Ledger:
    """What the database does for every instance, without its clock."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.asked = 0

    async def take(self, key: str, share: int, limit: int) -> tuple[int, int]:
        self.asked += 1
        granted = max(0, min(share, limit - self.taken.get(key, 0)))
        self.taken[key] = self.taken.get(key, 0) + granted
        return granted, WINDOW


async def allowed(rates: Rates, key: str, limit: int, times: int) -> int:
    return sum([(await rates.count(key, limit)).allowed for _ in range(times)])


async def test_a_caller_gets_the_limit_and_no_more() -> None:
    assert await allowed(Rates(take=Ledger().take), "hmt", 100, 250) == 100


async def test_two_instances_together_stay_within_five_percent_of_the_limit() -> None:
    ledger = Ledger()
    one, other = Rates(take=ledger.take), Rates(take=ledger.take)
    total = sum(
        [await allowed(r, "hmt", 600, 1) for _ in range(900) for r in (one, other)]
    )
    assert 570 <= total <= 600


async def test_most_requests_ask_no_database() -> None:
    ledger = Ledger()
    await allowed(Rates(take=ledger.take), "hmt", 600, 600)
    assert ledger.asked == SHARES


async def test_one_caller_does_not_use_up_anothers_share() -> None:
    rates = Rates(take=Ledger().take)
    await allowed(rates, "hmt", 50, 500)
    assert await allowed(rates, "defra", 50, 50) == 50


async def test_a_new_window_brings_a_new_share() -> None:
    seconds = [0.0]
    ledger = Ledger()
    rates = Rates(take=ledger.take, clock=lambda: seconds[0])
    assert await allowed(rates, "hmt", 10, 20) == 10
    seconds[0] = WINDOW + 1
    ledger.taken.clear()
    assert await allowed(rates, "hmt", 10, 20) == 10


async def test_a_refusal_says_when_to_come_back() -> None:
    rates = Rates(take=Ledger().take, clock=lambda: 0.0)
    await rates.count("hmt", 1)
    with pytest.raises(TooMany, match="At most 1 requests a minute") as refused:
        check(await rates.count("hmt", 1))
    assert refused.value.headers == {
        "RateLimit-Policy": '"minute";q=1;w=60',
        "RateLimit": '"minute";r=0;t=60',
        "Retry-After": "60",
    }


async def test_the_database_counts_for_all_instances(db: None) -> None:
    one, other = Rates(), Rates()
    total = sum([await allowed(r, "hmt GET /x", 100, 80) for r in (one, other)])
    assert total == 100


async def test_what_the_minute_before_took_still_counts(db: None) -> None:
    async with transaction() as connection:
        await connection.execute(
            "INSERT INTO rate_window (key, window_number, taken, granted) VALUES ('k',"
            " floor(extract(epoch FROM clock_timestamp()))::bigint / 60 - 1, 1000, 0)"
        )
        into = await connection.fetchval(
            "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint % 60"
        )
    got = await allowed(Rates(), "k", 1000, 1000)
    # A second or two may pass between the two looks at the clock.
    assert got <= 1000 * (into + 3) / 60


async def test_windows_that_no_limit_looks_at_are_forgotten(db: None) -> None:
    await allowed(Rates(), "k", 10, 1)
    async with transaction() as connection:
        await connection.execute(
            "INSERT INTO rate_window (key, window_number, taken, granted)"
            " VALUES ('old', 1, 1, 1)"
        )
    assert await forget_windows() == 1


async def test_a_client_over_its_limit_is_told_so_and_others_are_served(
    app: Litestar, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_department("hmt")
    await a_department("defra")
    monkeypatch.setitem(app.state._state, "rate_limit", 3)
    hmt = await a_token(client, "hmt", scopes=[Scope.CYCLES_READ])
    defra = await a_token(client, "defra", scopes=[Scope.CYCLES_READ])
    forged = {"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1"}

    answers = [await client.get("/v1/cycles", headers=hmt | forged) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"minute";q=3;w=60'
    assert answers[3].json()["type"].endswith("/problems/too-many-requests")
    assert int(answers[3].headers["Retry-After"]) >= 1
    assert (await client.get("/v1/cycles", headers=defra)).status_code == 200
