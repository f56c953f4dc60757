"""Pages for milestones, indicators and readings. They only declare, read and draw."""

from uuid import UUID, uuid4

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.objectives.drawing import back_to, opened, sent, unless_stale
from service.objectives.offering import Kind
from service.objectives.progress import asking, figures, indicators, milestones
from service.objectives.progress.asking import MilestoneForm
from service.objectives.progress.figures import IndicatorForm, ReadingForm
from service.objectives.progress.schemas import (
    IndicatorIn,
    MilestoneChangeIn,
    MilestoneIn,
    ReadingIn,
)
from service.objectives.reading import whole
from service.settings import settings
from service.web.pages import PAGE, AnyRequest

Caller = NamedDependency[SignedIn]


class PlanningPages(Controller):
    """Plan and report what is to be there, and what is measured."""

    path = "/objectives/{objective:uuid}"

    @get("/milestones/new", security=signed_in(), **PAGE)
    async def planning(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask what is to be there, and by when."""
        it = await opened(objective, Kind.PLAN, caller)
        return asking.milestone(request, it, None, None)

    @post("/milestones/new", security=signed_in(), **PAGE)
    async def plan(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Plan a milestone."""
        filled = await sent(
            request,
            MilestoneForm,
            asking.MILESTONES,
            lambda form: milestones.add_milestone(
                objective,
                MilestoneIn(title=form.title, due_on=form.due_on),
                id_=uuid4(),
                caller=caller,
                now=settings().clock(),
            ),
        )
        if filled is None:
            return back_to(objective, "planned")
        it = await whole(objective, caller, settings().clock())
        return asking.milestone(request, it, filled, None)

    @get("/milestones/{milestone:uuid}", security=signed_in(), **PAGE)
    async def changing_milestone(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        milestone: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Show a milestone, and ask what it is to say."""
        it = await opened(objective, Kind.MILESTONE, caller, milestone)
        named = asking.milestone_of(it, milestone)
        return asking.milestone(request, it, None, named)

    @post("/milestones/{milestone:uuid}", security=signed_in(), **PAGE)
    async def change_milestone(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        milestone: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Change it, or say that it is met, which contributors may say as well."""
        filled = await sent(
            request,
            MilestoneForm,
            asking.MILESTONES,
            lambda form: milestones.change_milestone(
                objective,
                milestone,
                MilestoneChangeIn(
                    title=form.title, due_on=form.due_on, state=form.state
                ),
                caller=caller,
                now=settings().clock(),
                checked=unless_stale(form.version),
            ),
        )
        if filled is None:
            return back_to(objective, "planned")
        it = await whole(objective, caller, settings().clock())
        named = asking.milestone_of(it, milestone)
        return asking.milestone(request, it, filled, named)

    @get("/indicators/new", security=signed_in(), **PAGE)
    async def measuring(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask what is measured."""
        it = await opened(objective, Kind.MEASURE, caller)
        return figures.indicator(request, it, None, None)

    @post("/indicators/new", security=signed_in(), **PAGE)
    async def measure(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Add an indicator."""
        filled = await sent(
            request,
            IndicatorForm,
            figures.INDICATORS,
            lambda form: indicators.add_indicator(
                objective,
                _stated(form),
                id_=uuid4(),
                caller=caller,
                now=settings().clock(),
            ),
            figures.FIGURES,
        )
        if filled is None:
            return back_to(objective, "measured")
        it = await whole(objective, caller, settings().clock())
        return figures.indicator(request, it, filled, None)

    @get("/indicators/{indicator:uuid}", security=signed_in(), **PAGE)
    async def changing_indicator(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        indicator: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Show an indicator, and ask what it is to say."""
        it = await opened(objective, Kind.INDICATOR, caller, indicator)
        named = figures.indicator_of(it, indicator)
        return figures.indicator(request, it, None, named)

    @post("/indicators/{indicator:uuid}", security=signed_in(), **PAGE)
    async def change_indicator(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        indicator: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Move its target, or say something else of it; nobody has to agree."""
        filled = await sent(
            request,
            IndicatorForm,
            figures.INDICATORS,
            lambda form: indicators.change_indicator(
                objective,
                indicator,
                _stated(form),
                caller=caller,
                now=settings().clock(),
                checked=unless_stale(form.version),
            ),
            figures.FIGURES,
        )
        if filled is None:
            return back_to(objective, "measured")
        it = await whole(objective, caller, settings().clock())
        named = figures.indicator_of(it, indicator)
        return figures.indicator(request, it, filled, named)

    @get("/indicators/{indicator:uuid}/readings/new", security=signed_in(), **PAGE)
    async def reading(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        indicator: FromPath[UUID],
        caller: Caller,
        corrects: FromQuery[UUID | None] = None,
    ) -> Response[str]:
        """Ask what an indicator stands at; `corrects` is the reading it replaces."""
        it = await opened(objective, Kind.READ, caller, indicator)
        named = figures.indicator_of(it, indicator)
        return figures.reading(request, it, None, named, corrects)

    @post("/indicators/{indicator:uuid}/readings/new", security=signed_in(), **PAGE)
    async def read(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        indicator: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Add what an indicator stood at on a day."""
        filled = await sent(
            request,
            ReadingForm,
            figures.READINGS,
            lambda form: indicators.add_reading(
                objective,
                indicator,
                ReadingIn(**form.model_dump()),
                id_=uuid4(),
                caller=caller,
                now=settings().clock(),
            ),
            figures.FIGURES,
        )
        if filled is None:
            return back_to(objective, "read")
        it = await whole(objective, caller, settings().clock())
        named = figures.indicator_of(it, indicator)
        corrects = filled.value("corrects") or None
        return figures.reading(request, it, filled, named, corrects)


def _stated(form: IndicatorForm) -> IndicatorIn:
    """Return what an indicator is to say; what was left empty is left out."""
    says = form.model_dump(exclude={"version"}, exclude_none=True)
    return IndicatorIn(**says)
