"""The page of whose mail comes back; never what it was about."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.db.reach import EVERYONE, within_reach
from service.jobs.undelivered import unreached
from service.web.language import say
from service.web.pages import PAGE, AnyRequest, page


@get("/hr/undelivered", security=signed_in(Role.HR_ADMINISTRATOR), **PAGE)
async def undelivered(
    request: AnyRequest, caller: NamedDependency[SignedIn]
) -> Response[Any]:
    """List the organisation's people whose present address takes no mail."""
    with within_reach(EVERYONE):  # Rows of no organisation, by the query's own.
        found = await unreached(caller.organisation)
    return page(
        request, "hr/undelivered.html", title=say("E-mail that came back"), found=found
    )
