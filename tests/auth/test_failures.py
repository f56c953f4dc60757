import httpx
import pytest

from service.auth.failures import OF_ADDRESS, OF_CLIENT, TRUSTED_FOR, Failures, Who
from service.edge.rates import WINDOW, Rates, TooMany
from tests.auth.conftest import Service
from tests.refusing import refusal

GRANT = {"grant_type": "client_credentials"}


class Ledger:
    def __init__(self) -> None:
        self.taken: dict[str, int] = {}

    async def take(self, key: str, share: int, limit: int) -> tuple[int, int]:
        granted = max(0, min(share, limit - self.taken.get(key, 0)))
        self.taken[key] = self.taken.get(key, 0) + granted
        return granted, WINDOW


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def failures(clock: Clock | None = None) -> Failures:
    ticking = clock or Clock()
    return Failures(Rates(take=Ledger().take, clock=ticking), ticking)


async def fail(held: Failures, who: Who, times: int) -> None:
    for _ in range(times):
        await held.failed(who)


async def test_a_client_that_goes_on_failing_is_stopped_before_it_is_looked_at() -> (
    None
):
    held, who = failures(), Who("192.0.2.1", "hr-hmt")
    await fail(held, who, OF_CLIENT)
    held.check(who)
    await held.failed(who)
    with pytest.raises(TooMany, match="Too many failed authentications") as refused:
        held.check(who)
    assert int(refused.value.headers["Retry-After"]) == WINDOW


async def test_a_stranger_elsewhere_cannot_stop_a_client() -> None:
    held = failures()
    await fail(held, Who("198.51.100.7", "hr-hmt"), 10 * OF_CLIENT)
    assert refusal(held.check, Who("192.0.2.1", "hr-hmt")) is None


async def test_one_department_cannot_stop_another_behind_the_same_address() -> None:
    held, good = failures(), Who("192.0.2.1", "hr-defra")
    held.succeeded(good)
    await fail(held, Who("192.0.2.1", "hr-hmt"), 2 * OF_ADDRESS)
    assert refusal(held.check, good) is None


async def test_an_address_that_fails_in_ever_new_names_is_stopped() -> None:
    held = failures()
    for number in range(OF_ADDRESS + 1):
        await held.failed(Who("192.0.2.1", f"guess-{number}"))
    with pytest.raises(TooMany):
        held.check(Who("192.0.2.1", "another-guess"))


async def test_who_shares_an_address_cannot_stop_a_client_in_its_own_name() -> None:
    held, who = failures(), Who("192.0.2.1", "hr-hmt")
    held.succeeded(who)
    await fail(held, who, 3 * OF_CLIENT)
    assert refusal(held.check, who) is None


async def test_the_shield_of_a_success_ends_with_the_hour() -> None:
    clock = Clock()
    held, who = failures(clock), Who("192.0.2.1", "hr-hmt")
    held.succeeded(who)
    clock.seconds = TRUSTED_FOR + 1
    await fail(held, who, OF_CLIENT + 1)
    with pytest.raises(TooMany):
        held.check(who)


async def test_after_the_minute_it_may_try_again() -> None:
    clock = Clock()
    held, who = failures(clock), Who("192.0.2.1", "hr-hmt")
    await fail(held, who, OF_CLIENT + 1)
    clock.seconds = WINDOW + 1
    assert refusal(held.check, who) is None


async def test_what_is_held_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.auth.failures.MOST_KEYS", 3)
    held = failures()
    for number in range(10):
        held.succeeded(Who("192.0.2.1", f"c{number}"))
    assert len(held._trusted) <= 3


async def test_the_endpoints_say_so_in_oauths_own_shape(service: Service) -> None:
    """Failed authentications limited per client and per address."""
    client_id, secret = await service.registered()
    answers: list[httpx.Response] = [
        await service.client.post("/oauth/token", data=GRANT, auth=(client_id, "wrong"))
        for _ in range(OF_CLIENT + 2)
    ]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [401] * (OF_CLIENT + 1) + [429]
    assert answers[-1].json()["error"] == "temporarily_unavailable"
    assert int(answers[-1].headers["Retry-After"]) >= 1

    other_id, other_secret = await service.registered()
    other = await service.client.post(
        "/oauth/token", data=GRANT, auth=(other_id, other_secret)
    )
    right = await service.client.post(
        "/oauth/token", data=GRANT, auth=(client_id, secret)
    )
    assert (other.status_code, right.status_code) == (200, 429)
