"""Names the caller of each request from its access token.

The law: a token is read from exactly one place, and a bad one is refused rather than
ignored; routes open to anyone never look at it.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as ASGIScope

from service.auth import queries, tokens
from service.auth.caller import Machine
from service.auth.guard import access_to
from service.auth.keys import KeyRing
from service.auth.tokens import REALM, InvalidToken
from service.errors import Malformed
from service.settings import settings

ENABLED_SECONDS: Final = 10.0
"""How long a client is taken to be enabled still; disabling it takes that long."""
MOST_CLIENTS: Final = 10_000


class AmbiguousToken(Malformed):
    """The access token is sent twice, or where it must not be."""

    slug = "token-ambiguous"


class EnabledClients:
    """Remembers for a few seconds which clients are enabled; `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember none."""
        self._clock = clock
        self._asked_at: dict[str, float] = {}

    async def holds(self, client_id: str) -> bool:
        """Say whether the client is enabled, or was a few seconds ago."""
        now = self._clock()
        if now - self._asked_at.get(client_id, float("-inf")) < ENABLED_SECONDS:
            return True
        if not await queries.is_enabled(client_id):
            return False
        if len(self._asked_at) >= MOST_CLIENTS:
            self._asked_at.clear()
        self._asked_at[client_id] = now
        return True


class Authentication(ASGIMiddleware):
    """Sets `scope["user"]` to the machine that asks, or to None.

    Reads `issuer` (str), `key_ring` and `enabled_clients` from `app.state`.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(
        self, scope: ASGIScope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        """Authenticate, then pass the request on; the guard decides about nobody."""
        scope["user"] = scope["auth"] = None
        if access_to(scope["route_handler"]):
            token = _token(ASGIConnection(scope))
            scope["user"] = None if token is None else await _machine(scope, token)
        await next_app(scope, receive, send)


def _token(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """Return the bearer token, if there is one (RFC 6750 section 2)."""
    values = connection.headers.getall("authorization", [])
    if len(values) > 1 or "access_token" in connection.query_params:
        raise AmbiguousToken(
            "Send one access token, in one Authorization header, never in the address.",
            headers={"WWW-Authenticate": f'{REALM}, error="invalid_request"'},
        )
    scheme, _, token = values[0].partition(" ") if values else ("", "", "")
    return token.strip(" ") if scheme.lower() == "bearer" else None


async def _machine(scope: ASGIScope, token: str) -> Machine:
    state, now = scope["litestar_app"].state, settings().clock()
    key_ring: KeyRing = state.key_ring
    ring = await key_ring.holding(tokens.kid_of(token), now)
    machine = tokens.verify(token, keys=ring.verifying, issuer=state.issuer, now=now)
    if not await state.enabled_clients.holds(machine.client_id):
        raise InvalidToken("belongs to a client that has been disabled")
    return machine
