"""The keys that sign access tokens: next, then active, then retired.

The law: a key is published before it signs and until its last token has died, and its
private part is in the database only sealed.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import ECKey

from service.auth.rules import KeyState
from service.auth.secret import derive
from service.auth.tables import SigningKey
from service.db import transaction
from service.errors import Conflict, Unavailable

ALGORITHM: Final = "ES256"
NONCE: Final = 12
"""Bytes before each ciphertext; random, for a handful of keys."""
RETIRED_FOR: Final = timedelta(minutes=11)
"""How long a retired key verifies: the longest token's life, and some skew."""
RING_SECONDS: Final = 3.0
"""How long a process trusts the keys it read, before it reads them again."""
SOONEST: Final = 1.0
"""Seconds between readings that unknown key ids can cause."""


class WrongSecretKey(Unavailable):
    """The signing keys were sealed under another secret key."""

    slug = "wrong-secret-key"


class RotationUnderWay(Conflict):
    """Somebody else is changing the signing keys."""

    slug = "rotation-under-way"


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys as they are now."""

    signing: ECKey
    verifying: Mapping[str, ECKey]
    """Public parts by key id."""
    jwks: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """What `joinedup keys list` tells of a key."""

    kid: str
    state: str
    created_at: datetime
    retired_at: datetime | None


def seal(private: bytes, kid: str) -> bytes:
    """Encrypt a private key (DER) so that it opens only as the key `kid`."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(derive("signing keys")).encrypt(nonce, private, kid.encode())


def unseal(sealed: bytes, kid: str) -> bytes:
    """Return the private key (DER), or refuse when the secret key is another."""
    nonce, ciphertext = sealed[:NONCE], sealed[NONCE:]
    try:
        return AESGCM(derive("signing keys")).decrypt(nonce, ciphertext, kid.encode())
    except (InvalidTag, ValueError) as error:
        raise WrongSecretKey(
            f"Signing key {kid} does not open with this secret key: set"
            " JOINEDUP_SECRET_KEY (embedded: the file secret-key) to what it was. If"
            " that is lost, `joinedup keys rotate --discard` makes new keys, and every"
            " client must ask for a new token."
        ) from error


async def ensure_keys(now: datetime) -> None:
    """Make the first active and next key, once however many processes try."""
    async with transaction():
        states = await SigningKey.select(SigningKey.state).output(as_list=True)
        # Always in this order, so that two who try wait for each other, not both.
        for state in (KeyState.ACTIVE, KeyState.NEXT):
            if state not in states:
                await SigningKey.insert(_made(state, now)).on_conflict(
                    action="DO NOTHING"
                )


def _made(state: KeyState, now: datetime) -> SigningKey:
    key = ECKey.generate_key("P-256")
    kid = key.thumbprint()
    sealed = seal(key.as_der(private=True), kid)
    return SigningKey(
        kid=kid, sealed=sealed, state=state, created_at=now, retired_at=None
    )


async def rotate(now: datetime) -> None:
    """Retire the active key, sign with the next, publish a new one."""
    await KeyRing().current(now)  # Refuses keys that this secret key does not open.
    async with transaction():
        # Conditional, in the order the unique indexes allow; a second rotation waits
        # here for the first, and then finds no row.
        retired = (
            await SigningKey.update(
                {SigningKey.state: KeyState.RETIRED, SigningKey.retired_at: now}
            )
            .where(SigningKey.state == KeyState.ACTIVE)
            .returning(SigningKey.kid)
        )
        if not retired:
            raise RotationUnderWay("The keys are being rotated: look again, then try.")
        await SigningKey.update({SigningKey.state: KeyState.ACTIVE}).where(
            SigningKey.state == KeyState.NEXT
        )
        await SigningKey.insert(_made(KeyState.NEXT, now))
        await SigningKey.delete().where(SigningKey.retired_at < now - RETIRED_FOR)


async def discard(now: datetime) -> None:
    """Throw every key away and start anew: for a leaked key or a lost secret."""
    async with transaction():
        await SigningKey.delete(force=True)
        await ensure_keys(now)


async def statuses() -> list[KeyStatus]:
    """List the keys, newest first."""
    rows = await SigningKey.select(
        SigningKey.kid, SigningKey.state, SigningKey.created_at, SigningKey.retired_at
    ).order_by(SigningKey.created_at, SigningKey.kid, ascending=False)
    return [KeyStatus(**row) for row in rows]


class KeyRing:
    """One process's copy of the keys, read again every few seconds.

    `clock` is monotonic. There is no lock: the first caller to find the copy old reads,
    and the others go on with the old one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Read nothing yet."""
        self._clock = clock
        self._read_at = float("-inf")
        self._ring: Ring | None = None
        self._opened: dict[str, ECKey] = {}

    async def current(self, now: datetime) -> Ring:
        """Return the keys as they were a few seconds ago at most."""
        if self._ring is None or self._clock() - self._read_at >= RING_SECONDS:
            self._read_at = self._clock()
            self._ring = await self._read(now)
        return self._ring

    async def holding(self, kid: str, now: datetime) -> Ring:
        """Return the keys; read at once, at most every second, if `kid` is unknown."""
        ring = await self.current(now)
        if kid not in ring.verifying and self._clock() - self._read_at >= SOONEST:
            self._read_at = self._clock()
            ring = self._ring = await self._read(now)
        return ring

    async def _read(self, now: datetime) -> Ring:
        rows = await _published(now)
        if not any(row["state"] == KeyState.ACTIVE for row in rows):
            await ensure_keys(now)
            rows = await _published(now)
        opened = {row["kid"]: self._open(row["kid"], row["sealed"]) for row in rows}
        self._opened = opened
        (active,) = (row["kid"] for row in rows if row["state"] == KeyState.ACTIVE)
        public = {kid: _public(kid, key) for kid, key in opened.items()}
        return Ring(
            signing=opened[active],
            verifying={kid: ECKey.import_key(jwk) for kid, jwk in public.items()},
            jwks={"keys": [*public.values()]},
        )

    def _open(self, kid: str, sealed: bytes) -> ECKey:
        return self._opened.get(kid) or ECKey.import_key(unseal(sealed, kid))


async def _published(now: datetime) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        await SigningKey.select(SigningKey.kid, SigningKey.sealed, SigningKey.state)
        .where(
            SigningKey.retired_at.is_null()
            | (SigningKey.retired_at >= now - RETIRED_FOR)
        )
        .order_by(SigningKey.created_at, SigningKey.kid)
    )
    return rows


def _public(kid: str, key: ECKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}
