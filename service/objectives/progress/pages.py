"""Pages for the one status and dissents. They only declare, read and draw."""

from uuid import UUID, uuid4

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.objectives.drawing import back_to, drawn, opened, sent
from service.objectives.offering import Kind, offers
from service.objectives.progress import asking, queries, statuses
from service.objectives.progress.asking import DissentForm, StatusForm
from service.objectives.progress.schemas import DissentIn, StatusIn
from service.objectives.reading import whole
from service.settings import settings
from service.web.language import say
from service.web.pages import PAGE, AnyRequest

Caller = NamedDependency[SignedIn]


class ProgressPages(Controller):
    """Report how an objective gets on, or say that one sees it differently."""

    path = "/objectives/{objective:uuid}"

    @get("/progress", security=signed_in(), **PAGE)
    async def over_time(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Show every status with its dissents, and every reading."""
        now = settings().clock()
        it = await whole(objective, caller, now)
        said, readings = await queries.over_time(objective, it.sight)
        reads = {
            offer.about for offer in offers(it, caller, now) if offer.kind == Kind.READ
        }
        title = say("How it has been going")
        return drawn(
            request, "progress", it, title, said=said, readings=readings, reads=reads
        )

    @get("/status", security=signed_in(), **PAGE)
    async def reporting(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask an accountable owner how it gets on."""
        it = await opened(objective, Kind.REPORT, caller)
        return asking.status(request, it, None)

    @post("/status", security=signed_in(), **PAGE)
    async def report(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Report the one status; earlier ones are kept."""
        filled = await sent(
            request,
            StatusForm,
            asking.STATUSES,
            lambda form: statuses.report(
                objective,
                StatusIn(status=form.status, text=form.text),
                id_=uuid4(),
                caller=caller,
                now=settings().clock(),
            ),
        )
        if filled is None:
            return back_to(objective, "reported")
        it = await whole(objective, caller, settings().clock())
        return asking.status(request, it, filled)

    @get("/dissent", security=signed_in(), **PAGE)
    async def dissenting(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Show the status, and ask how they see it."""
        it = await opened(objective, Kind.DISSENT, caller)
        return asking.dissent(request, it, None)

    @post("/dissent", security=signed_in(), **PAGE)
    async def dissent(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Dissent from the status that was read, beside it."""
        filled = await sent(
            request,
            DissentForm,
            asking.DISSENTS,
            lambda form: statuses.dissent(
                objective,
                DissentIn(status=form.status, text=form.text),
                id_=uuid4(),
                caller=caller,
                now=settings().clock(),
            ),
        )
        if filled is None:
            return back_to(objective, "dissented")
        it = await whole(objective, caller, settings().clock())
        return asking.dissent(request, it, filled)
