"""Seals what is stored so that a copy of the database opens nothing.

The law: what was sealed for one purpose and one thing opens for no other.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.auth.keys import WrongSecretKey
from service.auth.secret import derive

NONCE: Final = 12
"""Bytes before each ciphertext; random."""


def seal(secret: bytes, purpose: str, name: bytes) -> bytes:
    """Encrypt a secret so that it opens only for this purpose and under this name."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(derive(purpose)).encrypt(nonce, secret, name)


def unseal(sealed: bytes, purpose: str, name: bytes) -> bytes:
    """Return a secret, or refuse when the service's secret key is another."""
    try:
        return AESGCM(derive(purpose)).decrypt(sealed[:NONCE], sealed[NONCE:], name)
    except (InvalidTag, ValueError) as error:
        raise WrongSecretKey(
            "What is stored does not open with this secret key: set"
            " JOINEDUP_SECRET_KEY to what it was, or register it again."
        ) from error
