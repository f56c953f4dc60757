"""What somebody was told, as a page: the same as their mails. It only declares."""

from typing import Final

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.jobs import actions, queries
from service.jobs.mail import path_of, subject
from service.settings import settings
from service.web.forms import Form, read
from service.web.language import say, spoken
from service.web.pages import PAGE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
MOST: Final = 50
"""Of them, the newest are shown."""


class NoticePages(Controller):
    """What the service has told whoever asks."""

    path = "/notices"

    @get(security=signed_in(), **PAGE)
    async def own(self, request: AnyRequest, caller: Caller) -> Response[str]:
        """List the newest first, and say which have not been read."""
        found = await queries.own(
            caller.id, caller.organisation, unread=False, after=None, limit=MOST
        )
        return page(
            request,
            "home/notices.html",
            title=say("What you were told"),
            notices=[
                {
                    "says": subject(spoken(), each.kind),
                    "path": path_of(each),
                    "at": each.created_at,
                    "due": each.due_on,
                    "new": each.read_at is None,
                }
                for each in found
            ],
        )

    @post("/reading", security=signed_in(), **PAGE)
    async def read_all(self, request: AnyRequest, caller: Caller) -> Response[str]:
        """Mark all of them as read."""
        await read(request, Form)
        await actions.read_all(caller.id, caller.organisation, settings().clock())
        return see_other("/notices")
