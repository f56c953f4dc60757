"""Pages for declining a contribution or leaving. They only declare, read and draw."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import NotFound
from service.objectives.agreement import actions
from service.objectives.agreement.actions import named_part
from service.objectives.agreement.asking import parting
from service.objectives.drawing import back_to, opened, sent
from service.objectives.forms import REASONS, ReasonForm
from service.objectives.offering import Kind
from service.objectives.reading import whole
from service.settings import settings
from service.web.pages import PAGE, AnyRequest

Caller = NamedDependency[SignedIn]
WAYS: Final[Mapping[str, tuple[Kind, str]]] = {
    "refusal": (Kind.DECLINE, "declined"),
    "departure": (Kind.LEAVE, "left"),
}


class PartingPages(Controller):
    """Decline what one's own report is asked for, or take them off."""

    path = "/objectives/{objective:uuid}/contributions/{contribution:uuid}"

    @get(["/refusal", "/departure"], security=signed_in(), **PAGE)
    async def parting(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Ask for the reason."""
        kind, _ = _way(request)
        it = await opened(objective, kind, caller, contribution)
        part = named_part(it.fact, contribution)
        return parting(request, it, part, kind, None)

    @post(["/refusal", "/departure"], security=signed_in(), **PAGE)
    async def part(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Decline it, or take them off; it goes back to be shared out."""
        kind, done = _way(request)
        act = actions.decline if kind == Kind.DECLINE else actions.leave
        filled = await sent(
            request,
            ReasonForm,
            REASONS,
            lambda form: act(
                objective,
                contribution,
                reason=form.reason,
                caller=caller,
                now=settings().clock(),
            ),
        )
        if filled is None:
            return back_to(objective, done)
        it = await whole(objective, caller, settings().clock())
        part = named_part(it.fact, contribution)
        return parting(request, it, part, kind, filled)


def _way(request: AnyRequest) -> tuple[Kind, str]:
    way = request.url.path.rpartition("/")[2]
    if way not in WAYS:
        raise NotFound("No such page.")
    return WAYS[way]
