"""The public keys that others publish, kept for a while and fetched seldom.

The law: however many ask, and whatever key ids they name, an address is asked at most
once a minute; its keys are trusted for twenty minutes, or for a day while it is down.
"""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from service.edge.outbound import NotFetched, fetch
from service.errors import Refusal

FRESH: Final = 1200.0
"""Seconds that keys are served without asking again."""
STALE: Final = 86_400.0
"""Seconds that keys are served while their address does not answer."""
SOONEST: Final = 60.0
"""Seconds between two questions to one address."""
TIMEOUT: Final = 5.0
LIMIT: Final = 200_000
"""Bytes of a set."""
MOST_KEYS: Final = 50
MOST_SETS: Final = 1000
SMALLEST_RSA: Final = 2048
"""Bits."""
MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "EC": ("kty", "crv", "x", "y"),
    "RSA": ("kty", "n", "e"),
    "OKP": ("kty", "crv", "x"),
}
"""What makes up a public key; the rest of a JWK cannot then spoil it."""
ALGORITHMS: Final[Mapping[tuple[str, str | None], tuple[str, ...]]] = {
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA", "Ed25519"),
    ("RSA", None): ("PS256", "PS384", "PS512", "RS256", "RS384", "RS512"),
}
"""What each kind of key can have signed with."""

Key: TypeAlias = ECKey | RSAKey | OKPKey
Fetch: TypeAlias = Callable[[str], Awaitable[bytes]]

log = structlog.get_logger()


async def fetched(url: str) -> bytes:
    """Fetch a key set as this service fetches anything."""
    return await fetch(url, limit=LIMIT, timeout=TIMEOUT)


def keys_in(body: bytes) -> tuple[Key, ...]:
    """Return the keys of a set that can verify a signature; others do not count."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        return ()
    found = map(usable, listed[:MOST_KEYS])
    return tuple(key for key in found if key is not None)


def usable(jwk: object) -> Key | None:
    """Return a JWK as a key, or None if it cannot verify a signature of ours.

    A published private key proves nothing any more, so it is no key.
    """
    if not isinstance(jwk, dict) or "d" in jwk or jwk.get("use", "sig") != "sig":
        return None
    kty, kid, alg = jwk.get("kty"), jwk.get("kid"), jwk.get("alg")
    members = MEMBERS.get(kty) if isinstance(kty, str) else None
    if members is None or not isinstance(kid, str | None):
        return None
    try:
        key = _imported({name: jwk.get(name) for name in members}, kid)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    can = algorithms_of(key)
    return key if can and (alg is None or alg in can) else None


def _imported(members: dict[str, Any], kid: str | None) -> Key:
    named = {} if kid is None else {"kid": kid}
    if members["kty"] == "EC":
        return ECKey.import_key({**members, **named})
    if members["kty"] == "OKP":
        return OKPKey.import_key({**members, **named})
    if len(urlsafe_b64decode(f"{members['n']}==")) * 8 < SMALLEST_RSA:
        raise ValueError("too short")
    return RSAKey.import_key({**members, **named})


def algorithms_of(key: Key) -> tuple[str, ...]:
    """Return what this key can have signed with; nothing for curves we do not read."""
    curve = None if isinstance(key, RSAKey) else key.curve_name
    return ALGORITHMS.get((key.key_type, curve), ())


class _Set:
    """What is known of one address; times are monotonic."""

    def __init__(self) -> None:
        self.keys: tuple[Key, ...] = ()
        self.answered_at = self.asked_at = float("-inf")
        self.asking: asyncio.Task[None] | None = None

    def holds(self, kid: str | None) -> bool:
        return any(kid is None or key.kid == kid for key in self.keys)


class JwksCache:
    """One process's copy of others' keys, by the address that publishes them."""

    def __init__(self, fetch: Fetch = fetched) -> None:
        """Know none; `fetch` is told an address and gives what it publishes."""
        self._fetch = fetch
        self._sets: dict[str, _Set] = {}

    async def keys(self, url: str, kid: str | None, now: float) -> tuple[Key, ...]:
        """Return the keys of this id, or all if `kid` is None; `now` is monotonic.

        None at all: the address publishes no such key. `NotFetched`: it is not known,
        because the address has given nothing usable for a day.
        """
        known = self._set(url)
        fresh = now - known.answered_at < FRESH and known.holds(kid)
        if known.asking is not None and not fresh:
            await asyncio.shield(known.asking)
        elif not fresh and now - known.asked_at >= SOONEST:
            known.asked_at = now
            known.asking = asyncio.create_task(self._ask(url, known, now))
            await asyncio.shield(known.asking)
        if now - known.answered_at >= STALE:
            raise NotFetched(
                "The issuer's keys cannot be had: try again in a minute.",
                headers={"Retry-After": "60"},
            )
        return tuple(key for key in known.keys if kid is None or key.kid == kid)

    def _set(self, url: str) -> _Set:
        if url not in self._sets and len(self._sets) >= MOST_SETS:
            del self._sets[next(iter(self._sets))]
        return self._sets.setdefault(url, _Set())

    async def _ask(self, url: str, known: _Set, now: float) -> None:
        """Take what the address publishes; keep what there is when it fails."""
        try:
            keys = keys_in(await self._fetch(url))
            if keys:
                known.keys, known.answered_at = keys, now
            else:
                log.warning("no usable key", url=url)
        except Refusal as refusal:
            log.warning("keys not fetched", url=url, why=refusal.slug)
        finally:
            known.asking = None
