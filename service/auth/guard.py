"""Closed by default: a route serves only those whom its one declaration names.

The law: the declaration is the route's OpenAPI security, read here to guard it, and a
route without one stops the service from starting.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi.spec import SecurityRequirement
from litestar.params import SkipValidation
from litestar.routes import ASGIRoute, BaseRoute, HTTPRoute

from service.auth import dpop
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.tokens import REALM
from service.errors import NotAllowed, NotSignedIn

PUBLIC: Final[list[SecurityRequirement]] = [{}]
"""Declares that a route is open to anyone."""
MACHINE: Final = "oauth2"
PERSON: Final = "person"
"""Names of the two security schemes in the OpenAPI document."""
Anyone: TypeAlias = NamedDependency[SkipValidation[Machine | SignedIn]]
"""The caller of a route that serves machines and people: the guard has let them in."""
ROLE: Final = re.compile(r"[a-z]+(_[a-z]+)*")
"""Roles are names here: what they mean is known to rooms above this one."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whom a route serves."""

    scopes: frozenset[Scope] | None = None
    """The scopes a machine needs, all of them; None: no machine is served."""
    roles: frozenset[str] | None = None
    """The roles of which a person needs one, or no role; None: nobody is served."""

    @property
    def public(self) -> bool:
        """Say whether anyone is served."""
        return self.scopes is None and self.roles is None


class MissingScope(NotAllowed):
    """The access token's scopes do not allow this."""

    slug = "insufficient-scope"


class MissingRole(NotAllowed):
    """The person who asks holds none of the roles that allow this."""

    slug = "missing-role"


class WrongCaller(NotAllowed):
    """The route serves machines and the caller is a person, or the other way round."""

    slug = "wrong-caller"


def machine(first: Scope, *more: Scope) -> list[SecurityRequirement]:
    """Declare that a route serves machines whose token holds every one of these."""
    return [{MACHINE: [scope.value for scope in (first, *more)]}]


def person(*roles: str) -> list[SecurityRequirement]:
    """Declare that a route serves people: of one of these roles, or anyone signed in.

    What serves both says `[*machine(…), *person(…)]`.
    """
    return [{PERSON: [str(role) for role in roles]}]


def access_to(handler: BaseRouteHandler) -> Access | None:
    """Return what a route declares; None if nothing, or nothing that can be kept.

    Litestar adds up the declarations of every layer, so one that is not all the
    handler's own counts for none.
    """
    if not isinstance(handler, HTTPRouteHandler):
        return None
    if _is_automatic(handler):
        return Access()
    declared = handler.resolve_security()
    return _access(declared) if declared == [*(handler.security or ())] else None


def _access(declared: Sequence[SecurityRequirement]) -> Access | None:
    if declared == PUBLIC:
        return Access()
    named = [pair for requirement in declared for pair in requirement.items()]
    served = dict(named)
    once = len(named) == len(served) == len(declared)
    if not once or not served or served.keys() - {MACHINE, PERSON}:
        return None
    scopes, roles = served.get(MACHINE), served.get(PERSON)
    if scopes is not None and (not scopes or set(scopes) - {*Scope}):
        return None
    if roles is not None and not all(map(ROLE.fullmatch, roles)):
        return None
    return Access(
        None if scopes is None else frozenset(map(Scope, scopes)),
        None if roles is None else frozenset(roles),
    )


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
    caller = connection.scope.get("user")
    if needed.public:
        return
    if isinstance(caller, Machine) and needed.scopes is not None:
        _check_scopes(needed.scopes, caller)
    elif isinstance(caller, SignedIn) and needed.roles is not None:
        _check_roles(needed.roles, caller.roles)
    else:
        raise _not_served(caller, needed)


def _check_scopes(needed: frozenset[Scope], caller: Machine) -> None:
    if missing := needed - caller.scopes:
        raise MissingScope(
            f"The access token lacks {', '.join(sorted(missing))}: ask for a token with"
            " it, or have it added to the client's registration.",
            headers={
                "WWW-Authenticate": f'{REALM}, error="insufficient_scope",'
                f' scope="{" ".join(sorted(needed))}"'
            },
        )


def _check_roles(needed: frozenset[str], held: Collection[str]) -> None:
    if needed and needed.isdisjoint(held):
        raise MissingRole(
            f"It needs the role {' or '.join(sorted(needed))}: have it granted to you"
            " with `joinedup roles grant`."
        )


def _not_served(caller: object, needed: Access) -> NotSignedIn | WrongCaller:
    if needed.scopes is None:
        wanted = "a person's access token, from your organisation's own issuer,"
    else:
        wanted = "an access token from POST /oauth/token"
    if caller is None:
        return NotSignedIn(
            f"Send {wanted} as `Authorization: Bearer …`.",
            headers={"WWW-Authenticate": f"{REALM}, {dpop.CHALLENGE}"},
        )
    return WrongCaller(f"Send {wanted} instead of this one.")


def check_declared(app: Litestar) -> None:
    """Refuse to start with a route that does not say who may use it."""
    silent = [f"{method} {path}" for method, path, to in _all(app) if to is None]
    if silent:
        raise ImproperlyConfiguredException(
            f"Give each of these routes one declaration of access: {', '.join(silent)}"
        )


def routes(app: Litestar) -> list[tuple[str, str, str]]:
    """List every route as method, path and access: scopes, `person`, or `public`."""
    return sorted(
        (method, path, "UNDECLARED" if access is None else _spoken(access))
        for method, path, access in _all(app)
    )


def _spoken(access: Access) -> str:
    machines = " ".join(sorted(access.scopes or ()))
    people = "" if access.roles is None else ":".join([PERSON, *sorted(access.roles)])
    return " | ".join(filter(None, [machines, people])) or "public"


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
