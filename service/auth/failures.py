"""Failed authentications: limited for whoever fails, and for nobody else.

The law: failures are counted by address and client together. A stranger who fails in a
client's name from elsewhere does not stop that client; one department that fails behind
a shared address does not stop another there. An address that goes on failing in ever
new names is stopped for all names that have not once succeeded from it lately.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from service.edge.rates import MOST_KEYS, WINDOW, Rates, Standing, TooMany

OF_CLIENT: Final = 20
"""Failures a minute of one client from one address."""
OF_ADDRESS: Final = 100
"""Failures a minute from one address, whoever they are of."""
TRUSTED_FOR: Final = 3600.0
"""Seconds for which a success shields a client from its address's failures."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whose attempt it is: the connection's own address, and the name it claims."""

    address: str
    client: str

    @property
    def pair(self) -> str:
        """Return the key of the two together."""
        return f"failures {self.address} {self.client}"[:300]

    @property
    def place(self) -> str:
        """Return the key of the address."""
        return f"failures {self.address}"[:300]


class Failures:
    """One instance's view of who fails; `clock` is monotonic, counts are everyone's."""

    def __init__(
        self, rates: Rates, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Hold nothing against anybody."""
        self._rates = rates
        self._clock = clock
        self._stopped: dict[str, tuple[float, int]] = {}
        self._trusted: dict[str, float] = {}

    def check(self, who: Who) -> None:
        """Refuse, without looking at the credentials, whoever failed too often."""
        now = self._clock()
        if self._trusted.get(who.pair, -1.0) > now:
            return  # Its secret has 256 bits: guessing gains nothing, stopping harms.
        for key in (who.pair, who.place):
            until, limit = self._stopped.get(key, (-1.0, 0))
            if until > now:
                standing = Standing(limit, 0, max(1, round(until - now)), allowed=False)
                raise TooMany(
                    "Too many failed authentications: check the client's credentials,"
                    f" and wait {standing.resets_in} seconds.",
                    headers=standing.headers(),
                )

    async def failed(self, who: Who) -> None:
        """Count a failure, against the client there and against the address."""
        for key, limit in ((who.pair, OF_CLIENT), (who.place, OF_ADDRESS)):
            standing = await self._rates.count(key, limit)
            if not standing.allowed:
                self._keep(self._stopped, key, (self._clock() + WINDOW, limit))

    def succeeded(self, who: Who) -> None:
        """Shield the client from what others do in its name or at its address."""
        self._keep(self._trusted, who.pair, self._clock() + TRUSTED_FOR)

    @staticmethod
    def _keep(kept: dict[str, Any], key: str, value: object) -> None:
        if len(kept) >= MOST_KEYS:
            kept.clear()
        kept[key] = value
