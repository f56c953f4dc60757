"""Others' keys: fetched seldom, kept through an outage, and only those that count."""

import asyncio
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from service.auth import jwks
from service.auth.jwks import JwksCache, algorithms_of, keys_in, usable
from service.edge.outbound import NotFetched
from tests.auth.an_issuer import EC, ED, RSA, part, public
from tests.auth.an_issuer import jwks as key_set

URL = "https://login.hmt.example/keys"


class Publisher:
    """Gives what it has, counts who asks, and can be slow or down."""

    def __init__(self, *kids: str) -> None:
        self.kids = list(kids)
        self.body: bytes | None = None
        self.down = False
        self.fetches = 0
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, url: str) -> bytes:
        assert url.startswith(URL)
        self.fetches += 1
        await self.go.wait()
        if self.down:
            raise NotFetched("down")
        return self.body or key_set(*(public(EC, kid) for kid in self.kids))


def kids(keys: tuple[jwks.Key, ...]) -> list[str | None]:
    return [key.kid for key in keys]


async def test_a_key_is_fetched_once_and_kept_for_twenty_minutes() -> None:
    """The assertion rules: "cache <= 20 min"."""
    publisher = Publisher("one", "two")
    cache = JwksCache(publisher)
    assert kids(await cache.keys(URL, "one", 0.0)) == ["one"]
    assert kids(await cache.keys(URL, None, 1199.9)) == ["one", "two"]
    assert publisher.fetches == 1
    publisher.kids = ["two"]
    assert await cache.keys(URL, "one", 1200.0) == ()
    assert publisher.fetches == 2


async def test_many_at_once_are_one_fetch() -> None:
    """oauth.md: "JWKS cache: single flight"."""
    publisher = Publisher("one")
    publisher.go.clear()
    cache = JwksCache(publisher)
    asking = [asyncio.create_task(cache.keys(URL, "one", 0.0)) for _ in range(100)]
    for _ in range(3):
        await asyncio.sleep(0)
    publisher.go.set()
    found = await asyncio.gather(*asking)
    assert [kids(keys) for keys in found] == [["one"]] * 100
    assert publisher.fetches == 1


async def test_who_gives_up_waiting_does_not_end_the_fetch_for_others() -> None:
    publisher = Publisher("one")
    publisher.go.clear()
    cache = JwksCache(publisher)
    impatient = asyncio.create_task(cache.keys(URL, "one", 0.0))
    patient = asyncio.create_task(cache.keys(URL, "one", 0.0))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    publisher.go.set()
    assert kids(await patient) == ["one"]
    assert publisher.fetches == 1


async def test_a_rotation_is_found_within_a_minute() -> None:
    """oauth.md: "unknown kid at most one fetch a minute"."""
    publisher = Publisher("one")
    cache = JwksCache(publisher)
    await cache.keys(URL, "one", 0.0)
    publisher.kids = ["one", "two"]
    assert await cache.keys(URL, "two", 59.9) == ()
    assert kids(await cache.keys(URL, "two", 60.0)) == ["two"]
    assert publisher.fetches == 2


async def test_a_thousand_unknown_kids_are_two_fetches() -> None:
    """Abuse case 29: "1,000 unknown kids: <= 2 outgoing fetches"."""
    publisher = Publisher("one")
    cache = JwksCache(publisher)
    for number in range(1000):
        assert await cache.keys(URL, f"unknown-{number}", number * 0.1) == ()
    assert publisher.fetches == 2
    asking = [cache.keys(URL, f"another-{n}", 125.0) for n in range(1000)]
    await asyncio.gather(*asking)
    assert publisher.fetches == 3


async def test_twin_without_the_minute_is_flooded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The broken twin: it is the pause that stops the flood."""
    monkeypatch.setattr(jwks, "SOONEST", 0.0)
    publisher = Publisher("one")
    cache = JwksCache(publisher)
    for number in range(50):
        await cache.keys(URL, f"unknown-{number}", 0.0)
    assert publisher.fetches == 50


async def test_stale_keys_serve_while_the_issuer_is_down_for_a_day() -> None:
    """oauth.md: "stale keys serve when the issuer is down"."""
    publisher = Publisher("one")
    cache = JwksCache(publisher)
    await cache.keys(URL, "one", 0.0)
    publisher.down = True
    for hours in range(1, 24):
        assert kids(await cache.keys(URL, "one", hours * 3600.0)) == ["one"]
    assert publisher.fetches == 24
    with pytest.raises(NotFetched) as refused:
        await cache.keys(URL, "one", 86_400.0)
    assert refused.value.headers == {"Retry-After": "60"}
    publisher.down = False
    assert kids(await cache.keys(URL, "one", 86_460.0)) == ["one"]


async def test_an_issuer_that_was_never_up_is_asked_once_a_minute() -> None:
    publisher = Publisher()
    publisher.down = True
    cache = JwksCache(publisher)
    for second in range(60):
        with pytest.raises(NotFetched):
            await cache.keys(URL, "one", float(second))
    assert publisher.fetches == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": []}',
        b'{"keys": [null, 1, "x", []]}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"keys": ' + b"[" * 100_000,
    ],
)
async def test_an_answer_without_a_usable_key_changes_nothing(body: bytes) -> None:
    assert keys_in(body) == ()
    publisher = Publisher("one")
    cache = JwksCache(publisher)
    await cache.keys(URL, "one", 0.0)
    publisher.body = body
    assert kids(await cache.keys(URL, "one", 1200.0)) == ["one"]


RSA_JWK, EC_JWK, ED_JWK = public(RSA, "r"), public(EC, "e"), public(ED, "d")
BAD: dict[str, dict[str, Any]] = {
    "a symmetric key": OctKey.generate_key(256).as_dict(),
    "a private RSA key": RSA.as_dict(private=True),
    "a private EC key": EC.as_dict(private=True),
    "a private Ed25519 key": ED.as_dict(private=True),
    "a key to encrypt with": {**EC_JWK, "use": "enc"},
    "no kty": {**EC_JWK, "kty": None},
    "a kty that is a list": {**EC_JWK, "kty": ["EC"]},
    "an unknown kty": {**EC_JWK, "kty": "AKP"},
    "a kid that is a number": {**EC_JWK, "kid": 7},
    "a point not on the curve": {**EC_JWK, "y": EC_JWK["x"]},
    "a coordinate missing": {**EC_JWK, "y": None},
    "a coordinate that is a number": {**EC_JWK, "x": 5},
    "a coordinate that is no base64": {**EC_JWK, "x": "!!"},
    "a coordinate outside ASCII": {**EC_JWK, "x": "é"},
    "an unknown curve": {**EC_JWK, "crv": "P-224"},
    "secp256k1": {**EC_JWK, "crv": "secp256k1"},
    "X25519": public(OKPKey.generate_key("X25519"), "x"),
    "Ed448": public(OKPKey.generate_key("Ed448"), "x"),
    "an RSA key of 1024 bits": {**RSA_JWK, "n": part(b"\x91" * 128)},
    "an RSA key without modulus": {**RSA_JWK, "n": None},
    "an RSA modulus outside ASCII": {**RSA_JWK, "n": "é"},
    "an RSA key without exponent": {**RSA_JWK, "e": None},
    "an RSA key for ES256": {**RSA_JWK, "alg": "ES256"},
    "an EC key for none": {**EC_JWK, "alg": "none"},
    "an alg that is a list": {**EC_JWK, "alg": ["ES256"]},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_one_bad_key_does_not_spoil_the_set(bad: dict[str, Any]) -> None:
    """oauth.md: "one bad key does not spoil the set"."""
    assert usable(bad) is None
    assert kids(keys_in(key_set(bad, RSA_JWK, bad, EC_JWK, ED_JWK))) == ["r", "e", "d"]


def test_what_else_a_key_says_does_not_spoil_it() -> None:
    more = {"x5c": ["!"], "x5t": 1, "key_ops": "x", "foo": {}, "use": "sig"}
    for jwk in (RSA_JWK, EC_JWK, ED_JWK):
        assert usable({**jwk, **more}) is not None
    assert usable({**EC_JWK, "kid": None}) is not None


def test_each_key_signs_with_its_own_algorithms_only() -> None:
    signs = {
        "ES256": public(ECKey.generate_key("P-256"), "1"),
        "ES384": public(ECKey.generate_key("P-384"), "2"),
        "ES512": public(ECKey.generate_key("P-521"), "3"),
        "PS256": public(RSAKey.generate_key(2048), "4"),
        "Ed25519": ED_JWK,
    }
    for algorithm, jwk in signs.items():
        key = usable({**jwk, "alg": algorithm})
        assert key is not None
        can = algorithms_of(key)
        assert [other for other in signs if other in can] == [algorithm]


def test_of_an_endless_set_the_first_fifty_count() -> None:
    many = [public(EC, str(number)) for number in range(60)]
    assert len(keys_in(json.dumps({"keys": many}).encode())) == 50


async def test_keys_of_the_same_id_are_all_given() -> None:
    publisher = Publisher("one", "one", "two")
    assert kids(await JwksCache(publisher).keys(URL, "one", 0.0)) == ["one", "one"]


async def test_sets_are_kept_apart_and_their_number_has_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jwks, "MOST_SETS", 2)
    publisher = Publisher("one")
    cache = JwksCache(publisher)
    for name in ("a", "b", "c", "b", "c"):
        await cache.keys(URL + name, "one", 0.0)
    assert publisher.fetches == 3
    await cache.keys(URL + "a", "one", 0.0)
    assert publisher.fetches == 4


async def test_by_default_it_fetches_as_the_service_fetches_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, int, float]] = []

    async def fetch(url: str, *, limit: int, timeout: float) -> bytes:  # noqa: ASYNC109 - as `fetch`
        asked.append((url, limit, timeout))
        return key_set(EC_JWK)

    monkeypatch.setattr(jwks, "fetch", fetch)
    assert kids(await JwksCache().keys(URL, None, 0.0)) == ["e"]
    assert asked == [(URL, 200_000, 5.0)]
