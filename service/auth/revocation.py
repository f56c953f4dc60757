"""Ends tokens before they expire: one by its id, or all that a client had till now.

The law: what is revoked is known in every process within seconds, and a process that
cannot learn it stops letting anyone in; a notification only makes it sooner.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.auth.keys import RETIRED_FOR
from service.auth.tables import RevokedToken
from service.db import transaction

CHANNEL: Final = "revocation"
"""Of PostgreSQL's NOTIFY."""
POLL_SECONDS: Final = 3.0
"""How old a process's copy may be before somebody reads it again."""
OLDEST_SECONDS: Final = 30.0
"""How old it may be for those who come while somebody reads it."""
AFTERLIFE: Final = timedelta(minutes=1)
"""For how long after its end a token is still taken for alive, by some slow clock."""

REVOKED = "SELECT jti FROM revoked_token WHERE expires_at > $1"
NOT_BEFORE = "SELECT id, not_before FROM oauth_client WHERE not_before > $1"
IS_REVOKED = """
SELECT EXISTS (SELECT FROM revoked_token WHERE jti = $1) OR EXISTS
    (SELECT FROM oauth_client WHERE id = $2 AND to_timestamp($3) < not_before)
"""
REVOKE = """
INSERT INTO revoked_token (jti, client, revoked_at, expires_at)
VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING jti
"""
END = """
UPDATE oauth_client SET not_before = greatest(not_before, $2) WHERE id = $1
RETURNING id
"""
SAY = "SELECT pg_notify($1, '')"


@dataclass(frozen=True, slots=True)
class Revoked:
    """What is revoked, as one reading found it."""

    jtis: frozenset[str] = frozenset()
    not_before: Mapping[str, datetime] | None = None
    """By client."""

    def is_revoked(self, jti: str, client_id: str, issued_at: int) -> bool:
        """Say whether a token has been ended; `issued_at` is its `iat`.

        Its `iat` is cut to the second, so one given out in the very second of its
        client's `not_before` is ended too, even if it came after.
        """
        since = (self.not_before or {}).get(client_id)
        return jti in self.jtis or (since is not None and issued_at < since.timestamp())


class Revocations:
    """One process's copy of what is revoked; `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Read nothing yet."""
        self._clock = clock
        self._read_at = float("-inf")
        self._hinted = False
        self._revoked = Revoked()
        self._reading = asyncio.Lock()

    def hint(self) -> None:
        """Read again at the next question: something was revoked just now."""
        self._hinted = True

    async def current(self, now: datetime) -> Revoked:
        """Return what is revoked, as it was a few seconds ago at most.

        One caller reads while the others go on with the old copy, but not for long.
        """
        too_old = self._age() >= OLDEST_SECONDS
        if self._is_due() and (too_old or not self._reading.locked()):
            async with self._reading:
                if self._is_due():
                    await self._read(now)
        return self._revoked

    def _age(self) -> float:
        return self._clock() - self._read_at

    def _is_due(self) -> bool:
        return self._hinted or self._age() >= POLL_SECONDS

    async def _read(self, now: datetime) -> None:
        # Both before the reading: what happens during it may not be in it.
        started, hinted = self._clock(), self._hinted
        self._hinted = False
        try:
            self._revoked = await _stored(now)
        except BaseException:
            self._hinted = hinted
            raise
        self._read_at = started


async def _stored(now: datetime) -> Revoked:
    async with transaction() as connection:
        revoked = await connection.fetch(REVOKED, now - AFTERLIFE)
        ended = await connection.fetch(NOT_BEFORE, now - RETIRED_FOR - AFTERLIFE)
    return Revoked(
        frozenset(row["jti"] for row in revoked),
        {row["id"]: row["not_before"] for row in ended},
    )


async def is_revoked_now(jti: str, client_id: str, issued_at: int) -> bool:
    """Ask the database itself: for whoever must not be a few seconds behind."""
    async with transaction() as connection:
        found = await connection.fetchval(IS_REVOKED, jti, client_id, issued_at)
    return found is True


async def revoke(
    jti: str, client_id: str, *, expires_at: datetime, now: datetime
) -> bool:
    """End one token; return False if it was ended before."""
    async with transaction() as connection:
        row = await connection.fetchrow(REVOKE, jti, client_id, now, expires_at)
        await connection.execute(SAY, CHANNEL)
    return row is not None


async def revoke_all(client_id: str, now: datetime) -> bool:
    """End every token that the client was given till now; return False if unknown."""
    async with transaction() as connection:
        row = await connection.fetchrow(END, client_id, now)
        await connection.execute(SAY, CHANNEL)
    return row is not None


async def forget_dead_revocations(now: datetime) -> int:
    """Delete the names of tokens that have died since; return how many there were."""
    dead = (
        await RevokedToken.delete()
        .where(RevokedToken.expires_at <= now - AFTERLIFE)
        .returning(RevokedToken.jti)
    )
    return len(dead)
