"""Closed by default: a route serves only those whom its one declaration names.

The law: the declaration is the route's OpenAPI security, read here to guard it, and a
route without one stops the service from starting.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi.spec import SecurityRequirement
from litestar.routes import ASGIRoute, BaseRoute, HTTPRoute

from service.auth.caller import Machine, Scope
from service.auth.tokens import REALM
from service.errors import NotAllowed, NotSignedIn

Access: TypeAlias = frozenset[Scope]
"""The scopes a machine needs, all of them; none at all on a public route."""

PUBLIC: Final[list[SecurityRequirement]] = [{}]
"""Declares that a route is open to anyone."""


class MissingScope(NotAllowed):
    """The access token's scopes do not allow this."""

    slug = "insufficient-scope"


def machine(first: Scope, *more: Scope) -> list[SecurityRequirement]:
    """Declare that a route serves machines whose token holds every one of these."""
    return [{"oauth2": [scope.value for scope in (first, *more)]}]


def access_to(handler: BaseRouteHandler) -> Access | None:
    """Return what a route declares; None if nothing, or nothing that can be kept.

    Litestar adds up the declarations of every layer and OpenAPI reads the sum as
    alternatives, so anything but exactly one is no declaration.
    """
    if not isinstance(handler, HTTPRouteHandler):
        return None
    if _is_automatic(handler):
        return frozenset()
    match handler.resolve_security():
        case [requirement] if not requirement:
            return frozenset()
        case [{"oauth2": [_, *_] as scopes, **others}] if not (
            others or set(scopes) - {*Scope}
        ):
            return frozenset(map(Scope, scopes))
        case _:
            return None


def _is_automatic(handler: HTTPRouteHandler) -> bool:
    """Tell Litestar's own answer to OPTIONS, which says only what is allowed."""
    return handler.fn.__module__ == HTTPRoute.__module__


async def enforce(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Refuse whoever the route's declaration does not name."""
    needed = access_to(handler)
    if needed is None:
        raise NotAllowed("This route does not say who may use it.")
    if not needed:
        return
    caller = connection.scope.get("user")
    if not isinstance(caller, Machine):
        raise NotSignedIn(
            "Send an access token from POST /oauth/token as `Authorization: Bearer …`.",
            headers={"WWW-Authenticate": REALM},
        )
    if missing := needed - caller.scopes:
        raise MissingScope(
            f"The access token lacks {', '.join(sorted(missing))}: ask for a token with"
            " it, or have it added to the client's registration.",
            headers={
                "WWW-Authenticate": f'{REALM}, error="insufficient_scope",'
                f' scope="{" ".join(sorted(needed))}"'
            },
        )


def check_declared(app: Litestar) -> None:
    """Refuse to start with a route that does not say who may use it."""
    silent = [f"{method} {path}" for method, path, to in _all(app) if to is None]
    if silent:
        raise ImproperlyConfiguredException(
            f"Give each of these routes one declaration of access: {', '.join(silent)}"
        )


def routes(app: Litestar) -> list[tuple[str, str, str]]:
    """List every route as method, path and access: scopes, or `public`."""
    return sorted(
        (method, path, "UNDECLARED" if access is None else _spoken(access))
        for method, path, access in _all(app)
    )


def _spoken(access: Access) -> str:
    return " ".join(sorted(access)) or "public"


def _all(app: Litestar) -> Iterator[tuple[str, str, Access | None]]:
    for route in app.routes:
        for handler in _handlers(route):
            if not isinstance(handler, HTTPRouteHandler):
                yield "*", route.path, None
            elif not _is_automatic(handler):
                for method in sorted(handler.http_methods):
                    yield str(method), route.path_format, access_to(handler)


def _handlers(route: BaseRoute) -> list[BaseRouteHandler]:
    if isinstance(route, HTTPRoute):
        return [*route.route_handlers]
    if isinstance(route, ASGIRoute):
        return [route.route_handler]
    return [route.route_handler]  # type: ignore[attr-defined] # WebSocketRoute has it
