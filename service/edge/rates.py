"""How much each caller may ask for, counted once for all instances.

The law: a limit is on who asks, proved by their token, never on an address from a
header; nobody can use up another's share.

The rate is that of the sliding window of a minute: what the window before took counts
by how much of it still lies within a minute. An instance takes a fiftieth of the limit
at a time, so that most requests ask no database; two instances stay within 5 %.
"""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from service.db import transaction
from service.errors import Refusal

WINDOW: Final = 60
"""Seconds."""
SHARES: Final = 50
"""Into how many shares a limit is divided; an instance takes one at a time."""
MOST_KEYS: Final = 10_000

TAKE: Final = """
WITH clock AS (
    SELECT s / 60 AS number, 1 - (s % 60) / 60.0 AS weight, (60 - s % 60) AS rest
    FROM (SELECT floor(extract(epoch FROM clock_timestamp()))::bigint AS s) t
), allowance AS (
    SELECT number, rest, floor($3 - weight * coalesce((SELECT taken FROM rate_window
        WHERE key = $1 AND window_number = number - 1), 0))::integer AS most
    FROM clock
)
INSERT INTO rate_window AS r (key, window_number, taken, granted)
SELECT $1, number, greatest(0, least($2, most)), greatest(0, least($2, most))
FROM allowance
ON CONFLICT (key, window_number) DO UPDATE SET
    granted = greatest(0, least($2, (SELECT most FROM allowance) - r.taken)),
    taken = r.taken + greatest(0, least($2, (SELECT most FROM allowance) - r.taken))
RETURNING granted, (SELECT rest FROM clock) AS rest
"""
"""By the database's clock, which is the same for every instance."""
FORGET: Final = """
DELETE FROM rate_window
WHERE window_number < floor(extract(epoch FROM clock_timestamp()) / 60) - 1
"""


class TooMany(Refusal):
    """The caller asks more often than it may."""

    status = 429
    slug = "too-many-requests"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands after one request."""

    limit: int
    """Requests a minute."""
    left: int
    """At least so many more are allowed at once."""
    resets_in: int
    """Seconds until the present window ends."""
    allowed: bool

    def headers(self) -> dict[str, str]:
        """Return the headers of draft-ietf-httpapi-ratelimit-headers-10."""
        said = {
            "RateLimit-Policy": f'"minute";q={self.limit};w={WINDOW}',
            "RateLimit": f'"minute";r={self.left};t={self.resets_in}',
        }
        if not self.allowed:
            said["Retry-After"] = str(self.resets_in)
        return said


@dataclass(slots=True)
class _Share:
    left: int
    until: float
    """By this instance's monotonic clock: when the window ends."""


Take = Callable[[str, int, int], Awaitable[tuple[int, int]]]
"""(key, share, limit) to how many are granted and the seconds the window has left."""


async def take(key: str, share: int, limit: int) -> tuple[int, int]:
    """Take up to `share` of what is left of a limit, for this instance."""
    async with transaction() as connection:
        # What is lost with the database's memory is a few requests' count.
        await connection.execute("SET LOCAL synchronous_commit = off")
        row = await connection.fetchrow(TAKE, key, share, limit)
    return (0, WINDOW) if row is None else (row["granted"], row["rest"])


def in_memory(clock: Callable[[], float]) -> Take:
    """Return what takes shares from this process alone; `clock` is monotonic.

    Each instance then gives the whole limit: the price of writing nothing down.
    """
    taken: dict[str, tuple[int, int]] = {}

    async def take_here(key: str, share: int, limit: int) -> tuple[int, int]:
        number, into = divmod(int(clock()), WINDOW)
        window, before = taken.get(key, (number, 0))
        if window != number:
            before = 0
        granted = max(0, min(share, limit - before))
        if len(taken) >= MOST_KEYS:
            taken.clear()
        taken[key] = number, before + granted
        return granted, WINDOW - into

    return take_here


class Rates:
    """One instance's shares of every caller's limit; `clock` is monotonic."""

    def __init__(
        self, *, take: Take = take, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Hold no share yet."""
        self._take = take
        self._clock = clock
        self._shares: dict[str, _Share] = {}

    async def count(self, key: str, limit: int) -> Standing:
        """Count one request of `key` against `limit` a minute."""
        now = self._clock()
        held = self._shares.get(key)
        if held is None or held.until <= now or held.left < 1:
            granted, rest = await self._take(key, max(1, limit // SHARES), limit)
            held = self._hold(key, _Share(granted, now + rest))
        allowed = held.left >= 1
        held.left -= allowed
        resets_in = max(1, math.ceil(held.until - now))
        return Standing(limit, held.left, resets_in, allowed)

    def _hold(self, key: str, share: _Share) -> _Share:
        if len(self._shares) >= MOST_KEYS:
            self._shares.clear()
        self._shares[key] = share
        return share


def check(standing: Standing) -> None:
    """Refuse whoever asked too often, saying when to come back."""
    if not standing.allowed:
        raise TooMany(
            f"At most {standing.limit} requests a minute: wait"
            f" {standing.resets_in} seconds.",
            headers=standing.headers(),
        )


async def forget_windows() -> int:
    """Delete the counts of windows that no limit looks at any more."""
    async with transaction() as connection:
        done = await connection.execute(FORGET)
    return int(done.removeprefix("DELETE "))
