"""What anybody may read: help, privacy, cookies, accessibility.

The law: these say what the service does, and change when it does.
"""

from typing import Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from service.auth.guard import VISITORS
from service.web.language import mark, say, spoken
from service.web.pages import AnyRequest, page

TITLES: Final = {
    "help": mark("Help"),
    "privacy": mark("Privacy notice"),
    "cookies": mark("Cookies"),
    "accessibility": mark("Accessibility statement"),
}


def _about(name: str) -> HTTPRouteHandler:
    @get(f"/{name}", security=VISITORS, include_in_schema=False)
    async def about(request: AnyRequest) -> Response[str]:
        """Draw it in the language spoken."""
        template = f"help/{spoken()}/{name}.html"
        return page(request, template, title=say(TITLES[name]))

    return about


help_pages: Final = [_about(name) for name in TITLES]
