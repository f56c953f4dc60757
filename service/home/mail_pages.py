"""Mail that a developer's machine kept instead of sending.

The law: there is no such page where people sign in for real, and it is shown to whoever
sits at the machine: what was kept lets raters in.
"""

import re
from typing import Final
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from markupsafe import Markup, escape

from service.auth.guard import VISITORS
from service.auth.sign_in import development
from service.errors import NotFound
from service.jobs.development import kept, newest
from service.settings import settings
from service.web.language import say
from service.web.pages import PAGE, AnyRequest, page

LINK: Final = re.compile(r"(https?://[^\s<>\"']+)")


@get("/dev/mail", security=VISITORS, **PAGE)
async def mails(request: AnyRequest) -> Response[str]:
    """List them, the newest first."""
    development.check(request)
    mails, in_all = newest(settings())
    return page(
        request,
        "mail/all.html",
        title=say("Mail on this machine"),
        mails=mails,
        in_all=in_all,
    )


@get("/dev/mail/{mail:uuid}", security=VISITORS, **PAGE)
async def mail(request: AnyRequest, mail: FromPath[UUID]) -> Response[str]:
    """Show one, its links to this service as links."""
    development.check(request)
    found = kept(mail, settings())
    if found is None:
        raise NotFound("No such mail.")
    issuer = str(request.app.state.issuer).rstrip("/")
    return page(
        request,
        "mail/one.html",
        title=found.subject,
        mail=found,
        text=linked(found.text, issuer),
    )


def linked(text: str, issuer: str) -> Markup:
    """Return a text as HTML in which this service's addresses are links."""
    parts = LINK.split(text)
    return Markup().join(
        Markup('<a class="govuk-link" href="{0}">{0}</a>').format(part)
        if place % 2 and part.startswith(f"{issuer}/")
        else escape(part)
        for place, part in enumerate(parts)
    )
