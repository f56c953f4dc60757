"""Pages of raters who sign in: declare, delegate, draw.

The law: as of the API beside it: using these pages leaves no trace that anybody else
could read.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.edge.untraced import UNTRACED
from service.errors import NotFound
from service.feedback import actions
from service.feedback.giving import ending, showing, steps
from service.feedback.giving.steps import Place
from service.settings import settings
from service.web import forms
from service.web.language import say
from service.web.pages import PAGE, AnyRequest, page

Caller = NamedDependency[SignedIn]
PRIVATE: Final[dict[str, Any]] = {
    **PAGE,
    "security": signed_in(),
    "opt": {UNTRACED: True},
}

Step = TypeVar("Step")


class GivingPages(Controller):
    """The feedback that waits for whoever signed in, and its form."""

    path = "/feedback"

    @get(**PRIVATE)
    async def all(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Draw the list of what can still be given."""
        now = settings().clock()
        found = await actions.open_requests(caller, now)
        return page(
            request,
            "feedback/list.html",
            title=say("Feedback you are asked for"),
            items=await showing.listed(found, now.date()),
            too_many=showing.too_many(found),
        )

    @get("/{request_id:uuid}", **PRIVATE)
    async def form(
        self, request: AnyRequest, caller: Caller, request_id: FromPath[UUID]
    ) -> Response[Any]:
        """Draw the form."""
        return await steps.show(request, await _place(request_id, caller))

    @post("/{request_id:uuid}", **PRIVATE)
    async def take(
        self, request: AnyRequest, caller: Caller, request_id: FromPath[UUID]
    ) -> Response[Any]:
        """Keep or send it."""
        place = await _place(request_id, caller)
        return await steps.take(request, place, (await forms.sent(request)).values)

    @get("/{request_id:uuid}/{step:str}", **PRIVATE)
    async def step(
        self,
        request: AnyRequest,
        caller: Caller,
        request_id: FromPath[UUID],
        step: FromPath[str],
    ) -> Response[Any]:
        """Draw what comes after it: check, sent, saved or decline."""
        draw = _known(step, ending.DRAWS)
        return await draw(request, await _place(request_id, caller))

    @post("/{request_id:uuid}/{step:str}", **PRIVATE)
    async def take_step(
        self,
        request: AnyRequest,
        caller: Caller,
        request_id: FromPath[UUID],
        step: FromPath[str],
    ) -> Response[Any]:
        """Send what was checked, or decline."""
        take = _known(step, ending.TAKES)
        place = await _place(request_id, caller)
        return await take(request, place, (await forms.sent(request)).values)


def _known(step: str, steps: Mapping[str, Step]) -> Step:
    if step not in steps:
        raise NotFound("No such page.")
    return steps[step]


async def _place(request_id: UUID, caller: SignedIn) -> Place:
    now = settings().clock()
    path = f"/feedback/{request_id}"
    return Place(
        own=await actions.look(request_id, caller=caller, now=now),
        form=path,
        below=path,
        declined=path,
        signed_in=True,
    )
