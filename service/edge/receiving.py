"""What others serve and we call: webhooks, as the OpenAPI document states them.

The law: a receiver is described as a handler is, with schemas of the same names, and is
never mounted.
"""

from collections.abc import Iterator
from typing import Any, Final

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

RECEIVERS: Final = "receivers"
"""Names, in a route's `opt`, the handlers that whoever calls it then has to serve."""
UNSAID: Final = "400"
"""Litestar's own answer to what it cannot read, to which no receiver is held."""


def routes_of_receivers(app: Litestar) -> Iterator[HTTPRoute]:
    """Give the routes that callers of the app's routes serve, for Litestar to draw."""
    described: dict[HTTPRouteHandler, None] = {}
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                described |= dict.fromkeys(handler.opt.get(RECEIVERS, ()))
    # Only an app makes routes of handlers; this one answers nobody.
    apart = Litestar([*described], openapi_config=None, logging_config=None)
    for route in apart.routes:
        if isinstance(route, HTTPRoute):
            yield route


def set_apart(drawn: dict[str, Any], routes: list[HTTPRoute]) -> list[dict[str, Any]]:
    """Move what was drawn of receivers to `webhooks`; return their operations."""
    items = {
        route.path_format.removeprefix("/"): drawn["paths"].pop(route.path_format)
        for route in routes
    }
    if items:
        drawn["webhooks"] = items
    operations = [operation for item in items.values() for operation in item.values()]
    for operation in operations:
        operation["responses"].pop(UNSAID, None)
        operation["security"] = []
    return operations
