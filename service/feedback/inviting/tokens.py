"""Tokens of links, their codes, and what shows that a code was typed.

Pure but for the service's secret. The law: each is made of 256 random bits in the
database and a key outside it, so that whoever reads only one of the two opens nothing.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from service.auth.secret import derive

DIGITS: Final = 6
FULL: Final = 32
"""Bytes of a salt."""


def token_of(salt: bytes) -> str:
    """Return the token of a link: 256 bits, as 43 characters for an address."""
    return _text(hmac.digest(derive("feedback link"), salt, "sha256"))


def digest_of(token: str) -> bytes:
    """Return what a token is kept as."""
    return sha256(token.encode()).digest()


def code_of(salt: bytes) -> str:
    """Return the code of a salt: six digits."""
    made = hmac.digest(derive("feedback code"), salt, "sha256")
    return f"{int.from_bytes(made) % 10**DIGITS:0{DIGITS}}"


def is_code(salt: bytes, typed: str) -> bool:
    """Say whether a code is that of a salt, in the same time whatever was typed."""
    return hmac.compare_digest(code_of(salt).encode(), typed.encode())


def session_for(digest: bytes, until: datetime) -> str:
    """Return what shows, until an instant, that the code of a link was typed."""
    last = str(int(until.timestamp()))
    return f"{last}.{_seal(digest, last)}"


def is_session(said: str, digest: bytes, now: datetime) -> bool:
    """Say whether this shows so of the link with that digest."""
    last, _, seal = said.partition(".")
    # Before the number is read: what is not ours may be of any length.
    if not hmac.compare_digest(seal.encode(), _seal(digest, last).encode()):
        return False
    return now < datetime.fromtimestamp(int(last), UTC)


def _seal(digest: bytes, last: str) -> str:
    key = derive("feedback link session")
    return _text(hmac.digest(key, digest + last.encode(), "sha256"))


def _text(made: bytes) -> str:
    return urlsafe_b64encode(made).rstrip(b"=").decode()
