"""Mail that a developer's machine kept instead of sending.

The law: there is no such page where people sign in for real.
"""

import re
from typing import Final
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from markupsafe import Markup, escape

from service.auth.guard import VISITORS
from service.errors import NotFound
from service.jobs.development import Kept, kept
from service.settings import settings
from service.web.language import say
from service.web.pages import PAGE, AnyRequest, page

LINK: Final = re.compile(r"(https?://[^\s<>\"']+)")


@get("/dev/mail", security=VISITORS, **PAGE)
async def mails(request: AnyRequest) -> Response[str]:
    """List them, the newest first."""
    return page(
        request, "mail/all.html", title=say("Mail on this machine"), mails=_kept()
    )


@get("/dev/mail/{mail:uuid}", security=VISITORS, **PAGE)
async def mail(request: AnyRequest, mail: FromPath[UUID]) -> Response[str]:
    """Show one, its links to this service as links."""
    for each in _kept():
        if each.id == mail:
            issuer = str(request.app.state.issuer).rstrip("/")
            return page(
                request,
                "mail/one.html",
                title=each.subject,
                mail=each,
                text=linked(each.text, issuer),
            )
    raise NotFound("No such mail.")


def linked(text: str, issuer: str) -> Markup:
    """Return a text as HTML in which this service's addresses are links."""
    parts = LINK.split(text)
    return Markup().join(
        Markup('<a class="govuk-link" href="{0}">{0}</a>').format(part)
        if place % 2 and part.startswith(f"{issuer}/")
        else escape(part)
        for place, part in enumerate(parts)
    )


def _kept() -> list[Kept]:
    chosen = settings()
    if not chosen.dev_sign_in:
        raise NotFound("No such page.")
    return [*kept(chosen)]
