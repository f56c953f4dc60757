"""HTTP for raters who cannot sign in: declare, delegate, present.

The law: an address alone changes nothing and names nobody; whatever does needs the code
besides, and a link that does not count is answered as one that never was.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from litestar import Controller, Request, Response, get, post, put
from litestar.openapi import ResponseSpec
from litestar.params import (
    FromHeader,
    FromPath,
    FromQuery,
    HeaderParameter,
    JSONBody,
    PathParameter,
)

from service.access.rules import NotShared
from service.auth.guard import PUBLIC
from service.edge.conditional import require_match, version_tag
from service.edge.rates import TooMany
from service.edge.untraced import UNTRACED
from service.errors import PreconditionRequired, Stale
from service.feedback import actions as raters_own
from service.feedback import rules as feedback
from service.feedback.form.items import Language
from service.feedback.inviting import actions, rules
from service.feedback.inviting.limiting import count
from service.feedback.inviting.schemas import CodeIn, LinkOut, SessionOut
from service.feedback.life import WrongState
from service.feedback.presenting import hinted, shown
from service.feedback.schemas import HintsOut, ReasonIn, RequestOut
from service.feedback.schemas import Response as Filled
from service.settings import settings

Asked = Request[Any, Any, Any]
Token = Annotated[str, PathParameter(description="Of the address that was mailed.")]
Session = Annotated[
    str | None,
    HeaderParameter(name="Feedback-Session", description="As the code was answered."),
]
TRACELESS: Final[dict[str, Any]] = {UNTRACED: True, "refuses": (TooMany,)}
CODED: Final = (TooMany, rules.CodeWanted)
ACTS: Final = (*CODED, feedback.NotOpen, WrongState, feedback.BadAnswers)
SUBMITS: Final = (*ACTS, feedback.NotEligible, NotShared, Stale, PreconditionRequired)
DRAFT: Final = ResponseSpec(
    Filled, generate_examples=False, description="The draft, with its ETag."
)
NOTHING: Final = Filled(answers={})


class LinkController(Controller):
    """One form of a rater whose organisation has no way to sign in."""

    path = "/v1/feedback-links/{token:str}"
    tags = ("Feedback",)

    @get(
        operation_id="getFeedbackLink",
        summary="See until when a link counts",
        security=PUBLIC,
        opt=TRACELESS,
    )
    async def look(self, request: Asked, token: FromPath[Token]) -> LinkOut:
        """Return when its window closes; whom the form is about takes a code."""
        await count(request, token)
        own = await actions.led_to(token, settings().clock())
        return LinkOut(closes_at=own.closes_at)

    @post(
        "/codes",
        operation_id="askFeedbackCode",
        summary="Have a code mailed",
        security=PUBLIC,
        status_code=204,
        opt={UNTRACED: True, "refuses": (TooMany, rules.CodeTooSoon)},
    )
    async def ask_code(self, request: Asked, token: FromPath[Token]) -> None:
        """Mail a code to the person asked, at most every five minutes."""
        await count(request, token)
        await actions.ask_code(token, settings().clock())

    @post(
        "/sessions",
        operation_id="typeFeedbackCode",
        summary="Type the code",
        security=PUBLIC,
        status_code=200,
        opt={UNTRACED: True, "refuses": (TooMany, rules.WrongCode)},
    )
    async def type_code(
        self, request: Asked, token: FromPath[Token], data: JSONBody[CodeIn]
    ) -> SessionOut:
        """Return what opens the form for half an hour; a code works once."""
        await count(request, token)
        now = settings().clock()
        session, until = await actions.type_code(token, data.code, now)
        return SessionOut(session=session, expires_at=until)

    @post(
        "/openings",
        operation_id="openFeedbackLink",
        summary="Open the form of a link",
        security=PUBLIC,
        status_code=200,
        opt={UNTRACED: True, "refuses": CODED},
    )
    async def open(
        self,
        request: Asked,
        token: FromPath[Token],
        session: FromHeader[Session] = None,
        language: FromQuery[Language] = Language.ENGLISH,
    ) -> RequestOut:
        """Return the request with its form; nobody learns that you looked."""
        await count(request, token)
        now = settings().clock()
        asked, caller = await actions.let_in(token, session, now)
        own = await raters_own.look(asked, caller=caller, now=now)
        return await shown(own, language, now.date())

    @get(
        "/response",
        operation_id="getFeedbackLinkResponse",
        summary="Get what was saved through a link",
        security=PUBLIC,
        responses={200: DRAFT},
        opt={UNTRACED: True, "refuses": CODED},
    )
    async def saved(
        self,
        request: Asked,
        token: FromPath[Token],
        session: FromHeader[Session] = None,
    ) -> Response[bytes]:
        """Return your own draft; nothing yet is an empty one."""
        await count(request, token)
        now = settings().clock()
        asked, caller = await actions.let_in(token, session, now)
        own = await raters_own.look(asked, caller=caller, now=now)
        filled = raters_own.drafted(own)
        return _tagged(NOTHING if filled is None else Filled.of(filled), own.version)

    @get(
        "/response/hints",
        operation_id="getFeedbackLinkHints",
        summary="See what may tell who you are, through a link",
        security=PUBLIC,
        opt={UNTRACED: True, "refuses": CODED},
    )
    async def hints(
        self,
        request: Asked,
        token: FromPath[Token],
        session: FromHeader[Session] = None,
        language: FromQuery[Language] = Language.ENGLISH,
    ) -> HintsOut:
        """Return the words of your own draft by which the subject may recognise you."""
        await count(request, token)
        now = settings().clock()
        asked, caller = await actions.let_in(token, session, now)
        own = await raters_own.look(asked, caller=caller, now=now)
        filled = raters_own.drafted(own)
        found = [] if filled is None else await hinted(own, filled, language)
        return HintsOut(items=found)

    @put(
        "/response",
        operation_id="saveFeedbackLinkResponse",
        summary="Save a draft through a link",
        security=PUBLIC,
        responses={200: DRAFT},
        opt={UNTRACED: True, "refuses": (*ACTS, Stale, PreconditionRequired)},
    )
    async def save(
        self,
        request: Asked,
        token: FromPath[Token],
        data: JSONBody[Filled],
        session: FromHeader[Session] = None,
    ) -> Response[bytes]:
        """Save what you have so far; from the second time on, If-Match is wanted."""
        await count(request, token)
        now = settings().clock()
        asked, caller = await actions.let_in(token, session, now)
        version = await raters_own.save(
            asked, data.filled(), check=_matching(request), caller=caller, now=now
        )
        return _tagged(data, version)

    @post(
        "/submission",
        operation_id="submitFeedbackLinkResponse",
        summary="Submit what was saved through a link",
        security=PUBLIC,
        status_code=204,
        opt={UNTRACED: True, "refuses": SUBMITS},
    )
    async def submit(
        self,
        request: Asked,
        token: FromPath[Token],
        session: FromHeader[Session] = None,
    ) -> None:
        """Submit the draft that If-Match names; until the window closes, amend."""
        await count(request, token)
        now = settings().clock()
        asked, caller = await actions.let_in(token, session, now)
        await raters_own.submit_saved(
            asked, check=_matching(request), caller=caller, now=now
        )

    @post(
        "/decline",
        operation_id="declineFeedbackLink",
        summary="Decline through a link",
        security=PUBLIC,
        status_code=204,
        opt={UNTRACED: True, "refuses": (*ACTS, feedback.NoReason)},
    )
    async def decline(
        self,
        request: Asked,
        token: FromPath[Token],
        data: JSONBody[ReasonIn],
        session: FromHeader[Session] = None,
    ) -> None:
        """Decline with a reason, which nobody is shown; the link ends with it."""
        await count(request, token)
        now = settings().clock()
        asked, caller = await actions.let_in(token, session, now)
        await raters_own.decline(asked, reason=data.reason, caller=caller, now=now)


def _matching(request: Asked) -> Callable[[int], None]:
    return lambda version: require_match(request, version)


def _tagged(draft: Filled, version: int) -> Response[bytes]:
    return Response(
        draft.model_dump_json().encode(),
        media_type="application/json",
        headers={"ETag": version_tag(version)},
    )
