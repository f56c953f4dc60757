"""What the routes of an app declare, all of them: checked at the start, and listed.

The law: a route that does not say who may use it stops the service from starting.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from litestar import Litestar
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import ASGIRoute, BaseRoute, HTTPRoute

from service.auth.guard import PAGE, PERSON, Access, access_to, is_automatic
from service.auth.sign_in import csrf


def check_declared(app: Litestar) -> None:
    """Refuse to start with a route that does not say who may use it.

    Nor with a form that other sites could send: what the OpenAPI document leaves out is
    there for browsers, and those of its routes that change something are pages.
    """
    _refuse(
        "Give each of these routes one declaration of access",
        (one for one in _all(app) if one.access is None),
    )
    _refuse(
        "Declare VISITORS instead of PUBLIC of these forms, or describe these routes",
        (one for one in _all(app) if one.unguarded),
    )
    _refuse(
        "Leave these pages out of the OpenAPI document",
        (one for one in _all(app) if one.described and one.access and one.access.pages),
    )


def _refuse(remedy: str, found: Iterable["_Route"]) -> None:
    if names := [f"{one.method} {one.path}" for one in found]:
        raise ImproperlyConfiguredException(f"{remedy}: {', '.join(names)}")


def routes(app: Litestar) -> list[tuple[str, str, str]]:
    """List every route as method, path and access.

    That is a machine's scopes, `person` or `page`, these with roles, or `public`.
    """
    return sorted((one.method, one.path, _spoken(one.access)) for one in _all(app))


def _spoken(access: Access | None) -> str:
    if access is None:
        return "UNDECLARED"
    if access.public:
        return "public"
    machines = " ".join(sorted(access.scopes or ()))
    people = _named(PERSON, access.roles)
    return " | ".join(filter(None, [machines, people, _named(PAGE, access.visitors)]))


def _named(kind: str, roles: frozenset[str] | None) -> str:
    return "" if roles is None else ":".join([kind, *sorted(roles)])


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: str
    access: Access | None
    described: bool = False
    """Whether the OpenAPI document is to describe it."""

    @property
    def unguarded(self) -> bool:
        """Say whether it is a form that any site could have a browser send."""
        guarded = self.described or self.access != Access()
        return not guarded and self.method in csrf.UNSAFE


def _all(app: Litestar) -> Iterator[_Route]:
    for route in app.routes:
        for handler in _handlers(route):
            if not isinstance(handler, HTTPRouteHandler):
                yield _Route("*", route.path, None)
            elif not is_automatic(handler):
                described = handler.resolve_include_in_schema()
                for method in sorted(handler.http_methods):
                    yield _Route(
                        str(method), route.path_format, access_to(handler), described
                    )


def _handlers(route: BaseRoute) -> list[BaseRouteHandler]:
    if isinstance(route, HTTPRoute):
        return [*route.route_handlers]
    if isinstance(route, ASGIRoute):
        return [route.route_handler]
    return [route.route_handler]  # type: ignore[attr-defined] # WebSocketRoute has it
