"""Pages of views of consistency: they name nobody, and nothing follows from them."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import Refusal
from service.scores.moderation import views
from service.scores.moderation.rules import ViewKind
from service.scores.moderation.wording import VIEWS
from service.settings import settings
from service.web.forms import Filled, Form, read
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
READS: Final = signed_in(Role.AUDITOR, Role.CENTRAL_TEAM)
TAKES: Final = signed_in(Role.CENTRAL_TEAM)
HERE: Final = "/moderation/views"


class ViewForm(Form):
    """Which view of a cycle is taken."""

    kind: ViewKind


SENTENCES: Final = {("kind", "*"): mark("Select which view to take")}


class ViewPages(Controller):
    """How judgements are distributed."""

    path = HERE

    @get(security=READS, **PAGE)
    async def cycles(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """List the cycles of which there may be views."""
        found = await views.cycles_for(caller, settings().clock())
        return page(
            request,
            "moderation/views.html",
            title=say("Views of consistency"),
            cycles=[(each["id"], each["year"], each["framework"]) for each in found],
        )

    @get("/{cycle:uuid}", security=READS, **PAGE)
    async def of_cycle(
        self, request: AnyRequest, caller: Caller, cycle: FromPath[UUID]
    ) -> Response[Any]:
        """List the views that the organisation's central team took."""
        return await _listed(request, cycle, caller, Filled(), 200)

    @post("/{cycle:uuid}", security=TAKES, **PAGE)
    async def take(
        self, request: AnyRequest, caller: Caller, cycle: FromPath[UUID]
    ) -> Response[Any]:
        """Take a view, once in its stage."""
        filled = await read(request, ViewForm, SENTENCES)
        if filled.form is not None:
            kind = filled.form.kind
            try:
                await views.take(cycle, kind, caller=caller, now=settings().clock())
                return see_other(f"{HERE}/{cycle}/{kind}")
            except Refusal as refusal:
                filled = filled.refused(refusal)
        return await _listed(request, cycle, caller, filled, UNPROCESSABLE)

    @get("/{cycle:uuid}/{kind:str}", security=READS, **PAGE)
    async def one(
        self,
        request: AnyRequest,
        caller: Caller,
        cycle: FromPath[UUID],
        kind: FromPath[ViewKind],
    ) -> Response[Any]:
        """Show a view as it was taken."""
        found = await views.read(cycle, kind, caller=caller, now=settings().clock())
        return page(
            request,
            "moderation/view.html",
            title=say(VIEWS[kind]),
            cycle=cycle,
            found=found,
        )


async def _listed(
    request: AnyRequest,
    cycle: UUID,
    caller: SignedIn,
    filled: Filled[Any],
    status: int,
) -> Response[str]:
    found = await views.taken(cycle, caller=caller, now=settings().clock())
    return page(
        request,
        "moderation/views_of.html",
        title=say("Views of a cycle"),
        status=status,
        filled=filled,
        cycle=cycle,
        found=[(kind, say(VIEWS[kind]), at) for kind, at in found],
        takes=Role.CENTRAL_TEAM in caller.roles,
        kinds=[{"value": kind, "text": say(name)} for kind, name in VIEWS.items()],
    )
