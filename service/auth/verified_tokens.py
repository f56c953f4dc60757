"""Remembers for half a minute which tokens verified, so that a signature is read once.

The law: what is remembered is what the token states, never that it is still good; who
asks looks again at its end, its key or issuer, and whether it was ended.
"""

import hashlib
import time
from collections.abc import Callable
from typing import Final

from service.auth.tokens import Verified

KEPT_SECONDS: Final = 30.0
MOST_TOKENS: Final = 10_000


class VerifiedTokens:
    """One process's verified tokens, by their SHA-256; `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember none."""
        self._clock = clock
        self._kept: dict[bytes, tuple[float, Verified]] = {}

    def get(self, token: str) -> Verified | None:
        """Return what a token stated when it verified, if that was a moment ago."""
        kept_at, verified = self._kept.get(_digest(token), (float("-inf"), None))
        return verified if self._clock() - kept_at < KEPT_SECONDS else None

    def keep(self, token: str, verified: Verified) -> None:
        """Remember a token that has just verified; the oldest make room."""
        digest = _digest(token)
        self._kept.pop(digest, None)  # So that the first in the dict is the oldest.
        if len(self._kept) >= MOST_TOKENS:
            del self._kept[next(iter(self._kept))]
        self._kept[digest] = self._clock(), verified


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
