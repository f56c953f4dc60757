"""Every failure of a page as a page.

The law: what is refused is the same as on the API; a person reads it as one sentence.
"""

from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response

from service.auth.guard import SignInNeeded, access_to
from service.edge import problems
from service.errors import NotSignedIn, Refusal, Unprocessable
from service.logs import request_id
from service.web.language import say
from service.web.pages import FAULT, TITLES, here, page, see_other
from service.web.refusing import sentence_of

APIS: Final = ("/v1/", "/oauth/", "/scim/", "/problems/", "/.well-known/")
"""Where programs ask, whatever they say they accept."""
SIGN_IN: Final = "/sign-in?to="
SERVER_FAULT: Final = 500


def is_page(request: Request[Any, Any, Any]) -> bool:
    """Say whether who asks is to be answered with a page."""
    handler = request.scope.get("route_handler")
    if handler is not None and not request.scope["path"].startswith(APIS):
        access = access_to(handler)
        if access is not None and access.pages:
            return True
    accepted = request.headers.get("accept", "")
    return not request.scope["path"].startswith(APIS) and "text/html" in accepted


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Render any exception as a page; who is to sign in first is led there."""
    refusal = problems.refusal_of(error)
    if isinstance(refusal, NotSignedIn) and request.method == "GET":
        return see_other(SIGN_IN + quote(here(request), safe=""))
    problems.answer(request, error)  # Logs what is our own fault.
    return refused(request, refusal)


def refused(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    """Draw the page of a refusal."""
    ours = refusal.status >= SERVER_FAULT and refusal.status not in TITLES
    drawn = page(
        request,
        "shell/refusal.html",
        title=say(FAULT if ours else TITLES.get(refusal.status, FAULT)),
        status=refusal.status,
        sentence=None if ours else sentence_of(refusal),
        faults=[fault.detail for fault in refusal.faults]
        if isinstance(refusal, Unprocessable)
        else [],
        number=request_id(),
        words=refusal.words if isinstance(refusal, SignInNeeded) else [],
        sign_in=SIGN_IN + quote(here(request), safe="")
        if isinstance(refusal, NotSignedIn)
        else None,
    )
    if "Retry-After" in refusal.headers:
        drawn.headers["Retry-After"] = refusal.headers["Retry-After"]
    return drawn
