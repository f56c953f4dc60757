"""Draws a page: its shell, its headers, what guards its forms.

The law: a page is nobody else's: it is never kept, framed or sent on, and loads nothing
but what this service gives.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response
from litestar.datastructures import Cookie

from service.auth.caller import SignedIn
from service.auth.guard import access_to
from service.auth.sign_in import csrf
from service.web.addresses import local
from service.web.forms import Filled
from service.web.language import mark, say, spoken
from service.web.templating import draw

AnyRequest = Request[Any, Any, Any]
PAGE: Final[Mapping[str, Any]] = {"include_in_schema": False}
"""Of every handler that draws a page: the API's document is not about them."""
HTML: Final = "text/html"
UNPROCESSABLE: Final = 422
NAVIGATION: Final = "navigation"
"""Name in `app.state` of the places that pages lead to."""
INLINE: Final = (
    "document.body.className += ' js-enabled' + ('noModule' in"
    " HTMLScriptElement.prototype ? ' govuk-frontend-supported' : '');"
)
"""The one script in GOV.UK Frontend's template, let in by its digest."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere that every page leads to."""

    path: str
    name: str
    """Marked for translation."""
    roles: frozenset[str] = frozenset()
    """Of which one is needed; none: it is there for everyone."""


def policy(*, form_action: str = "'self'", frame_ancestors: str = "'none'") -> str:
    """Return what a page may load, send and be framed by."""
    digest = b64encode(sha256(INLINE.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self';"
        f" img-src 'self'; form-action {form_action};"
        f" frame-ancestors {frame_ancestors}; base-uri 'none'"
    )


def page(
    request: AnyRequest,
    template: str,
    *,
    title: str,
    status: int = 200,
    filled: Filled[Any] | None = None,
    allowed: str | None = None,
    **context: object,
) -> Response[str]:
    """Draw a page; `template` lies in `templates`, `title` is its heading.

    With `filled` the errors of a form stand in the title and at the top; `allowed` is
    the content security policy, if not the usual one.
    """
    token, cookie = csrf.token_for(request) if _has_forms(request) else ("", None)
    shell = {
        "title": title,
        "filled": filled if filled is not None else Filled(),
        "csrf": token,
        "lang": spoken(),
        "here": here(request),
        "navigation": _navigation(request),
        "name": getattr(request.scope.get("auth"), "name", None),
    }
    return html(
        draw(template, {**shell, **context}),
        status=status,
        allowed=allowed,
        cookies=[cookie] if cookie else [],
    )


def _has_forms(request: AnyRequest) -> bool:
    """Say whether it is a page of ours, whose visit is known.

    Where nobody looks whose it is, as at a wrong address, a token would be a stranger's
    and take the place of the one that the forms in other windows have.
    """
    handler = request.scope.get("route_handler")
    access = None if handler is None else access_to(handler)
    return access is not None and access.pages


def html(
    text: str,
    *,
    status: int = 200,
    allowed: str | None = None,
    cookies: Sequence[Cookie] = (),
) -> Response[str]:
    """Answer with HTML, and what a browser is to make of it."""
    return Response(
        text,
        status_code=status,
        media_type=HTML,
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": allowed or policy(),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "interest-cohort=()",
        },
        cookies=list(cookies),
    )


def see_other(path: str, *, cookies: Sequence[Cookie] = ()) -> Response[str]:
    """Lead on to a page of this service after a form was taken."""
    return Response(
        "",
        status_code=303,
        media_type=HTML,
        headers={"Location": local(path), "Cache-Control": "no-store"},
        cookies=list(cookies),
    )


def here(request: AnyRequest) -> str:
    """Return the path and query of the page, to come back to."""
    query = request.scope["query_string"].decode("ascii", "replace")
    path = quote(request.scope["path"], safe="/:@!$&'()*+,;=~-._")
    return f"{path}?{query}" if query else path


def _navigation(request: AnyRequest) -> list[dict[str, object]]:
    """Return the places this person may go to; strangers have none."""
    caller = request.scope.get("user")
    if not isinstance(caller, SignedIn):
        return []
    places: Sequence[Place] = request.app.state.get(NAVIGATION, ())
    return [
        {
            "href": place.path,
            "text": say(place.name),
            "active": _is_below(request.scope["path"], place.path),
        }
        for place in places
        if not place.roles or place.roles & caller.roles
    ]


def _is_below(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(f"{place}/"))


TITLES: Final[Mapping[int, str]] = {
    400: mark("The page cannot be read"),
    401: mark("Sign in again"),
    403: mark("You cannot do this"),
    404: mark("Page not found"),
    405: mark("Page not found"),
    409: mark("This cannot be done now"),
    410: mark("This is over"),
    412: mark("Somebody has changed this"),
    413: mark("That is too large"),
    422: mark("There is a problem"),
    429: mark("Too many requests"),
    503: mark("The service is busy"),
}
"""Heading of the page that says a refusal, by its status."""
FAULT: Final = mark("Sorry, there is a problem with the service")
