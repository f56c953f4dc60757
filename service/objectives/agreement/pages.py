"""Pages for agreeing to an objective, or not. They only declare, read and draw."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.objectives.agreement import actions, disputing
from service.objectives.agreement.asking import (
    AGREEING,
    DISPUTING,
    REPLIES,
    AgreeForm,
    DisputeForm,
    ReplyForm,
    agreement,
    disagreement,
    returned,
    settlement,
    way_of,
)
from service.objectives.drawing import back_to, opened, sent
from service.objectives.forms import REASONS, ReasonForm
from service.objectives.offering import Kind
from service.objectives.reading import whole
from service.objectives.stages import Outcome
from service.settings import settings
from service.web.forms import started
from service.web.pages import PAGE, AnyRequest

Caller = NamedDependency[SignedIn]


class AgreementPages(Controller):
    """Agree, send back, dispute, settle, decline, leave."""

    path = "/objectives/{objective:uuid}"

    @get("/agreement", security=signed_in(), **PAGE)
    async def agreeing(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Show what it says, and ask whether they agree."""
        it = await opened(objective, Kind.AGREE, caller)
        return agreement(request, it, started(version=it.fact.version))

    @post("/agreement", security=signed_in(), **PAGE)
    async def agree(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Agree to the version that was read, in every capacity the person holds."""
        filled = await sent(
            request,
            AgreeForm,
            AGREEING,
            lambda form: actions.agree(
                objective,
                comment=form.comment,
                version=form.version,
                caller=caller,
                now=settings().clock(),
            ),
        )
        if filled is None:
            return back_to(objective, "agreed")
        it = await whole(objective, caller, settings().clock())
        return agreement(request, it, filled)

    @get("/return", security=signed_in(), **PAGE)
    async def returning(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask why it is sent back."""
        it = await opened(objective, Kind.SEND_BACK, caller)
        return returned(request, it, None)

    @post("/return", security=signed_in(), **PAGE)
    async def send_back(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Send it back to the line manager who set it, with the reason."""
        filled = await sent(
            request,
            ReasonForm,
            REASONS,
            lambda form: actions.send_back(
                objective,
                reason=form.reason,
                caller=caller,
                now=settings().clock(),
            ),
        )
        if filled is None:
            return back_to(objective, "sent-back")
        it = await whole(objective, caller, settings().clock())
        return returned(request, it, filled)

    @get("/dispute", security=signed_in(), **PAGE)
    async def disputing(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask what is disputed, and why."""
        it = await opened(objective, Kind.DISPUTE, caller)
        return disagreement(request, it, caller, None)

    @post("/dispute", security=signed_in(), **PAGE)
    async def dispute(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Dispute it, or one contribution; both line managers are told."""
        filled = await sent(
            request,
            DisputeForm,
            DISPUTING,
            lambda form: disputing.dispute(
                objective,
                reason=form.reason,
                contribution=form.about,
                caller=caller,
                now=settings().clock(),
            ),
        )
        if filled is None:
            return back_to(objective, "disputed")
        it = await whole(objective, caller, settings().clock())
        return disagreement(request, it, caller, filled)

    @get("/disputes/{dispute:uuid}/{way:str}", security=signed_in(), **PAGE)
    async def settling(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        dispute: FromPath[UUID],
        way: FromPath[str],
        caller: Caller,
    ) -> Response[str]:
        """Ask what is replied to a dispute that is kept, or dropped."""
        kind = way_of(way)
        it = await opened(objective, kind, caller, dispute)
        return settlement(request, it, dispute, kind, None)

    @post("/disputes/{dispute:uuid}/{way:str}", security=signed_in(), **PAGE)
    async def settle(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        dispute: FromPath[UUID],
        way: FromPath[str],
        caller: Caller,
    ) -> Response[str]:
        """Keep what is disputed, for the line manager; drop the dispute, if theirs."""
        kind = way_of(way)
        filled = await sent(
            request,
            ReplyForm,
            REPLIES,
            lambda form: disputing.settle(
                objective,
                dispute,
                outcome=Outcome.KEPT if kind == Kind.KEEP else Outcome.DROPPED,
                reply=form.reply,
                caller=caller,
                now=settings().clock(),
            ),
        )
        if filled is None:
            return back_to(objective, "settled")
        it = await whole(objective, caller, settings().clock())
        return settlement(request, it, dispute, kind, filled)
