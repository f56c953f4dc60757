"""Sign-ins under way: a browser that was sent to a provider, and comes back once.

The law: an attempt ends with the first who brings its state, whoever that is; it counts
only for the browser that began it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.auth.sign_in import sessions
from service.auth.sign_in.tables import SignInAttempt
from service.db import transaction

LONGEST: Final = timedelta(minutes=10)
TAKE: Final = """
DELETE FROM sign_in_attempt WHERE state = $1
RETURNING provider, browser, nonce, verifier, next, expires_at
"""
FORGET: Final = "DELETE FROM sign_in_attempt WHERE expires_at <= $1 RETURNING state"


@dataclass(frozen=True, slots=True)
class Begun:
    """What goes out with a browser; only digests of state and browser are kept."""

    state: str
    browser: str
    """For its cookie."""
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was kept of it."""

    provider: str
    browser: bytes
    nonce: str
    verifier: str
    next: str
    expires_at: datetime

    def is_of(self, browser: str) -> bool:
        """Say whether this browser began it."""
        return hmac.compare_digest(self.browser, _digest(browser))


async def begin(provider: str, next_: str, now: datetime) -> Begun:
    """Write down that a browser is sent to a provider, to come back to `next_`."""
    begun = Begun(
        state=sessions.new_id(),
        browser=sessions.new_id(),
        nonce=sessions.new_id(),
        verifier=sessions.new_id(),  # 43 characters, the least of RFC 7636.
    )
    await SignInAttempt.insert(
        SignInAttempt(
            state=_digest(begun.state),
            provider=provider,
            browser=_digest(begun.browser),
            nonce=begun.nonce,
            verifier=begun.verifier,
            next=next_,
            expires_at=now + LONGEST,
        )
    )
    return begun


async def take(state: str) -> Attempt | None:
    """Return an attempt, and end it: of several who bring its state one gets it."""
    async with transaction() as connection:
        row = await connection.fetchrow(TAKE, _digest(state))
    return None if row is None else Attempt(*row)


async def forget_attempts(now: datetime) -> int:
    """Delete those who never came back; return how many there were."""
    async with transaction() as connection:
        rows = await connection.fetch(FORGET, now)
    return len(rows)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
