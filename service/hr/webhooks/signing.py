"""Secrets of webhooks, and what they sign: Standard Webhooks 1.0.

The law: a secret is told once and stored only sealed, so that it opens nothing in a
copy of the database.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.auth.keys import WrongSecretKey
from service.auth.secret import derive

PREFIX: Final = "whsec_"
BYTES: Final = 32
"""Of randomness; the specification wants 24 to 64."""
NONCE: Final = 12


def new_secret() -> str:
    """Return a secret as it is told: `whsec_` and Base64."""
    return PREFIX + base64.b64encode(os.urandom(BYTES)).decode()


def seal(secret: str, id_: UUID) -> bytes:
    """Encrypt a secret so that it opens only as the one of this id."""
    nonce = os.urandom(NONCE)
    return nonce + _cipher().encrypt(nonce, secret.encode(), id_.bytes)


def unseal(sealed: bytes, id_: UUID) -> str:
    """Return a secret, or refuse when the service's secret key is another."""
    try:
        return _cipher().decrypt(sealed[:NONCE], sealed[NONCE:], id_.bytes).decode()
    except (InvalidTag, ValueError) as error:
        raise WrongSecretKey(
            "A webhook's secret does not open with this secret key: set"
            " JOINEDUP_SECRET_KEY to what it was, or have the client rotate it."
        ) from error


def _cipher() -> AESGCM:
    return AESGCM(derive("webhook secrets"))


def headers(
    id_: UUID, body: bytes, secrets: Sequence[str], now: datetime
) -> dict[str, str]:
    """Return what goes with an event: its id, the instant, a signature a secret."""
    stamp = str(int(now.timestamp()))
    signed = f"{id_}.{stamp}.".encode() + body
    return {
        "webhook-id": str(id_),
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(signed, each) for each in secrets),
    }


def _signature(signed: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def proof(challenge: str, secret: str) -> str:
    """Return what shows that whoever was challenged holds the secret.

    It is no signature: or whoever sends a receiver challenges could have it sign.
    """
    return hashlib.sha256(f"{challenge}.{secret}".encode()).hexdigest()
