"""Counts each request of a known caller on a route, and says where it stands.

The law: it stands behind authentication, so that only a caller's own requests count.
"""

from typing import Final

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from service.edge.rates import Rates, check
from service.edge.untraced import is_untraced

KEY: Final = "rates"
"""Name in `app.state` of this instance's `Rates`."""


class RateLimited(ASGIMiddleware):
    """Limits each caller on each route by `rates` and `rate_limit` of the state.

    What leaves no trace is counted by `untraced_rates`, each instance for itself.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        """Count the request; refuse it with 429, or pass it on with its standing."""
        caller = scope.get("user")
        if caller is None or scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        state = scope["litestar_app"].state
        rates: Rates = state.untraced_rates if is_untraced(scope) else state.rates
        route = f"{caller.key} {scope['method']} {scope.get('path_template', '')}"
        standing = await rates.count(route[:300], state.rate_limit)
        check(standing)
        # Nobody behind this says it: it need not be looked for among their headers.
        said = [
            (name.lower().encode(), value.encode())
            for name, value in standing.headers().items()
        ]

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *said]
            await send(message)

        await next_app(scope, receive, sent)
