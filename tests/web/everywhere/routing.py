"""Every way into the service's pages, as the app itself lists them."""

from dataclasses import dataclass

from litestar import Litestar

from service.auth.declared import _all
from service.auth.sign_in.csrf import UNSAFE

LEADS_ON = {"/sign-in/{provider}/callback"}
"""Pages that are never shown: they lead to another, or say that they cannot."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way into the service's pages."""

    method: str
    path: str
    anyone: bool
    roles: frozenset[str]


def page_routes(app: Litestar) -> list[Route]:
    """List every route that is a page, or takes a page's form."""
    return [
        Route(
            one.method, one.path, one.access.anyone, one.access.visitors or frozenset()
        )
        for one in _all(app)
        if one.access is not None and one.access.pages and one.method != "OPTIONS"
    ]


def shown(app: Litestar) -> set[str]:
    """The routes of pages that somebody is to see."""
    return {
        each.path for each in page_routes(app) if each.method not in UNSAFE
    } - LEADS_ON
