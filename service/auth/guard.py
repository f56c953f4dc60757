"""Closed by default: a route serves only those whom its one declaration names.

The law: the declaration is the route's OpenAPI security, read here to guard it, and a
route without one stops the service from starting. A page is for people with a session
and takes no token; the API takes tokens and no cookie.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi.spec import SecurityRequirement
from litestar.params import SkipValidation
from litestar.routes import HTTPRoute

from service.auth import dpop
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.sign_in import csrf
from service.auth.tokens import REALM
from service.errors import NotAllowed, NotSignedIn

PAGE: Final = "page"
"""How a page is listed."""
PUBLIC: Final[list[SecurityRequirement]] = [{}]
"""Declares that a route is open to anyone."""
MACHINE: Final = "oauth2"
PERSON: Final = "person"
"""Names of the two security schemes in the OpenAPI document."""
SESSION: Final = "session"
"""Names the scheme of pages, which the OpenAPI document is not about."""
VISITORS: Final[list[SecurityRequirement]] = [{SESSION: []}, {}]
"""Declares that a page is open to anyone, and knows who has signed in."""
Declared: TypeAlias = tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
"""A declaration, as something that cannot be changed."""
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
    visitors: frozenset[str] | None = None
    """The same of whoever has a session; None: it is no page, and none is looked at."""
    anyone: bool = False
    """Whether a page is open to those without a session too."""

    @property
    def public(self) -> bool:
        """Say whether anyone is served."""
        return self.anyone or (
            self.scopes is None and self.roles is None and self.visitors is None
        )

    @property
    def pages(self) -> bool:
        """Say whether it is a page, for people with a browser."""
        return self.visitors is not None


class MissingScope(NotAllowed):
    """The access token's scopes do not allow this."""

    slug = "insufficient-scope"


class MissingRole(NotAllowed):
    """The person who asks holds none of the roles that allow this."""

    slug = "missing-role"


class SignInNeeded(NotSignedIn):
    """The page is for people who have signed in."""

    slug = "sign-in-needed"

    def __init__(self, words: Sequence[str] = ()) -> None:
        """Say so; `words` are what somebody wrote before their time was over."""
        super().__init__("Sign in with your department's account.")
        self.words = words


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


def signed_in(*roles: str) -> list[SecurityRequirement]:
    """Declare that a page is for whoever has signed in, or for one of these roles."""
    return [{SESSION: [str(role) for role in roles]}]


def access_to(handler: BaseRouteHandler) -> Access | None:
    """Return what a route declares; None if nothing, or nothing that can be kept.

    Litestar adds up the declarations of every layer, so one that is not all the
    handler's own counts for none.
    """
    if not isinstance(handler, HTTPRouteHandler):
        return None
    if is_automatic(handler):
        return Access()
    declared = handler.resolve_security()
    return _read(declared) if declared == [*(handler.security or ())] else None


def _read(declared: Sequence[SecurityRequirement]) -> Access | None:
    # Asked of every request, several times: what it amounts to is kept by what it is.
    return _access(
        tuple(
            tuple((name, tuple(wanted)) for name, wanted in requirement.items())
            for requirement in declared
        )
    )


@lru_cache(maxsize=1_000)
def _access(declared: Declared) -> Access | None:
    if declared == ((),):
        return Access()
    if declared == (((SESSION, ()),), ()):
        return Access(visitors=frozenset(), anyone=True)
    named = [pair for requirement in declared for pair in requirement]
    served = dict(named)
    once = len(named) == len(served) == len(declared)
    mixed = SESSION in served and len(served) > 1
    if not once or not served or mixed or served.keys() - {MACHINE, PERSON, SESSION}:
        return None
    scopes, *roles = map(served.get, (MACHINE, PERSON, SESSION))
    if scopes is not None and (not scopes or set(scopes) - {*Scope}):
        return None
    if not all(map(ROLE.fullmatch, (role for of in roles for role in of or ()))):
        return None
    people, visitors = (None if of is None else frozenset(of) for of in roles)
    return Access(
        None if scopes is None else frozenset(map(Scope, scopes)), people, visitors
    )


def is_automatic(handler: HTTPRouteHandler) -> bool:
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
    if needed.pages:
        await _enforce_on_page(connection, needed, caller)
    elif needed.public:
        return
    elif isinstance(caller, Machine) and needed.scopes is not None:
        _check_scopes(needed.scopes, caller)
    elif isinstance(caller, SignedIn) and needed.roles is not None:
        _check_roles(needed.roles, caller.roles)
    else:
        raise _not_served(caller, needed)


async def _enforce_on_page(
    connection: ASGIConnection[Any, Any, Any, Any], needed: Access, caller: object
) -> None:
    """Serve a page to whom it names, and take forms from our own pages only."""
    if isinstance(caller, SignedIn):
        _check_roles(needed.visitors or frozenset(), caller.roles)
    request = Request[Any, Any, Any](connection.scope, connection.receive)
    if not isinstance(caller, SignedIn) and not needed.anyone:
        raise SignInNeeded(await csrf.written(request))
    await csrf.check(request)


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
