"""HTTP for those who give feedback: declare, delegate, present.

The law: whoever was not asked is told what they would be told if nobody had been, and
using these routes leaves no trace that anybody else could read.
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody

from service.access.rules import NotShared
from service.auth.caller import SignedIn
from service.auth.guard import person
from service.edge.conditional import require_match, version_tag
from service.edge.untraced import UNTRACED
from service.errors import PreconditionRequired, Stale
from service.feedback import actions, rules
from service.feedback.form.items import Language
from service.feedback.life import WrongState
from service.feedback.presenting import hinted, listed, shown
from service.feedback.schemas import (
    HintsOut,
    ReasonIn,
    RequestOut,
    RequestPage,
)
from service.feedback.schemas import Response as Filled
from service.settings import settings

Asked = Request[Any, Any, Any]
Caller = NamedDependency[SignedIn]
TRACELESS: Final[dict[str, Any]] = {UNTRACED: True}
ACTS: Final = (rules.NotOpen, WrongState, rules.BadAnswers)
SUBMITS: Final = (*ACTS, rules.NotEligible, NotShared, Stale, PreconditionRequired)
DRAFT: Final = ResponseSpec(
    Filled, generate_examples=False, description="The draft, with its ETag."
)
NOTHING: Final = Filled(answers={})


class RequestController(Controller):
    """The requests for feedback that wait for whoever asks."""

    path = "/v1/feedback-requests"
    tags = ("Feedback",)

    @get(
        operation_id="listFeedbackRequests",
        summary="List the feedback you are asked for",
        security=person(),
        opt=TRACELESS,
    )
    async def all(self, caller: Caller) -> RequestPage:
        """Return your own requests that can still be answered, soonest first."""
        now = settings().clock()
        found = await actions.open_requests(caller, now)
        return RequestPage(items=await listed(found, now.date()))

    @get(
        "/{request_id:uuid}",
        operation_id="getFeedbackRequest",
        summary="Open a request for feedback",
        security=person(),
        opt=TRACELESS,
    )
    async def one(
        self,
        caller: Caller,
        request_id: FromPath[UUID],
        language: FromQuery[Language] = Language.ENGLISH,
    ) -> RequestOut:
        """Return your own request with its form; nobody learns that you looked."""
        now = settings().clock()
        own = await actions.look(request_id, caller=caller, now=now)
        return await shown(own, language, now.date())

    @get(
        "/{request_id:uuid}/response",
        operation_id="getFeedbackResponse",
        summary="Get what you have saved",
        security=person(),
        responses={200: DRAFT},
        opt=TRACELESS,
    )
    async def saved(
        self, caller: Caller, request_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Return your own draft; nothing yet is an empty one."""
        now = settings().clock()
        own = await actions.look(request_id, caller=caller, now=now)
        filled = actions.drafted(own)
        return _tagged(NOTHING if filled is None else Filled.of(filled), own.version)

    @get(
        "/{request_id:uuid}/response/hints",
        operation_id="getFeedbackHints",
        summary="See what may tell who you are",
        security=person(),
        opt=TRACELESS,
    )
    async def hints(
        self,
        caller: Caller,
        request_id: FromPath[UUID],
        language: FromQuery[Language] = Language.ENGLISH,
    ) -> HintsOut:
        """Return the words of your own draft by which the subject may recognise you."""
        now = settings().clock()
        own = await actions.look(request_id, caller=caller, now=now)
        filled = actions.drafted(own)
        if filled is None:
            return HintsOut(items=[])
        return HintsOut(items=await hinted(own, filled, language))

    @put(
        "/{request_id:uuid}/response",
        operation_id="saveFeedbackResponse",
        summary="Save a draft",
        security=person(),
        responses={200: DRAFT},
        opt={**TRACELESS, "refuses": (*ACTS, Stale, PreconditionRequired)},
    )
    async def save(
        self,
        request: Asked,
        caller: Caller,
        request_id: FromPath[UUID],
        data: JSONBody[Filled],
    ) -> Response[bytes]:
        """Save what you have so far, again and again; it is sealed, and yours alone.

        From the second time on, If-Match holds the ETag of what you saved before.
        """
        version = await actions.save(
            request_id,
            data.filled(),
            check=_matching(request),
            caller=caller,
            now=settings().clock(),
        )
        return _tagged(data, version)

    @post(
        "/{request_id:uuid}/response/submission",
        operation_id="submitFeedbackResponse",
        summary="Submit what you have saved",
        security=person(),
        status_code=204,
        opt={**TRACELESS, "refuses": SUBMITS},
    )
    async def submit(
        self, request: Asked, caller: Caller, request_id: FromPath[UUID]
    ) -> None:
        """Submit the draft that If-Match names; until the window closes, amend."""
        await actions.submit_saved(
            request_id,
            check=_matching(request),
            caller=caller,
            now=settings().clock(),
        )

    @post(
        "/{request_id:uuid}/decline",
        operation_id="declineFeedbackRequest",
        summary="Decline to give feedback",
        security=person(),
        status_code=204,
        opt={**TRACELESS, "refuses": (*ACTS, rules.NoReason)},
    )
    async def decline(
        self, caller: Caller, request_id: FromPath[UUID], data: JSONBody[ReasonIn]
    ) -> None:
        """Decline with a reason, which nobody is shown; somebody else may be asked."""
        await actions.decline(
            request_id, reason=data.reason, caller=caller, now=settings().clock()
        )


def _matching(request: Asked) -> Callable[[int], None]:
    return lambda version: require_match(request, version)


def _tagged(draft: Filled, version: int) -> Response[bytes]:
    return Response(
        draft.model_dump_json().encode(),
        media_type="application/json",
        headers={"ETag": version_tag(version)},
    )
