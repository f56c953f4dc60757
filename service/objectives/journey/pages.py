"""Pages of the journey: outcome, costs, place, check. They only declare and draw."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.db.reach import EVERYONE, within_reach
from service.errors import NotFound
from service.objectives import actions
from service.objectives.content import Content, Priority, Valued
from service.objectives.drawing import back_to, opened, sent
from service.objectives.forms import NO_SENTENCES, PlainForm
from service.objectives.journey import asking, drawing
from service.objectives.journey.asking import OutcomeForm, PlaceForm, SavedForm
from service.objectives.journey.saving import onwards, save
from service.objectives.offering import Kind
from service.objectives.queries import ObjectiveFact
from service.objectives.reading import whole
from service.objectives.rules import ContributionRole, NotYours
from service.objectives.schemas import ContributionIn, Named, NewObjectiveIn
from service.records.queries import RecordFact
from service.records.whose import record_for
from service.settings import settings
from service.web.pages import PAGE, AnyRequest, see_other

Caller = NamedDependency[SignedIn]
To = FromQuery[str | None]


class JourneyPages(Controller):
    """Set a shared objective step by step, or change one."""

    path = "/objectives"

    @get("/new", security=signed_in(), **PAGE)
    async def starting(
        self, request: AnyRequest, caller: Caller, record: FromQuery[str | None] = None
    ) -> Response[str]:
        """Ask what is to be achieved; on whose record is chosen among one's people."""
        if not record:
            return see_other("/people")
        on = await _settable(record, caller)
        return await drawing.new(request, on, None)

    @post("/new", security=signed_in(), **PAGE)
    async def start(
        self, request: AnyRequest, caller: Caller, record: FromQuery[str]
    ) -> Response[str]:
        """Keep a draft of it, which only its line manager and HR see."""
        on = await _settable(record, caller)
        id_ = uuid4()
        filled = await sent(
            request,
            OutcomeForm,
            asking.OUTCOME,
            lambda form: actions.set_objective(
                on, _draft(on, form), id_=id_, caller=caller, now=settings().clock()
            ),
        )
        if filled is None:
            return see_other(f"/objectives/{id_}/partners")
        return await drawing.new(request, on, filled)

    @get("/{objective:uuid}/outcome", security=signed_in(), **PAGE)
    async def asking_outcome(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Show what is to be achieved, to change it."""
        it = await opened(objective, Kind.CHANGE, caller)
        return drawing.outcome(request, it, None)

    @post("/{objective:uuid}/outcome", security=signed_in(), **PAGE)
    async def outcome(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        caller: Caller,
        to: To = None,
    ) -> Response[str]:
        """Save it, and go on to who else takes part."""
        it = await opened(objective, Kind.CHANGE, caller)
        filled = await sent(
            request,
            OutcomeForm,
            asking.OUTCOME,
            lambda form: save(it, form, _outcome(it.fact, form), caller),
            drawing.FIELDS,
        )
        if filled is None:
            return onwards(it, "partners", to)
        it = await whole(objective, caller, settings().clock())
        return drawing.outcome(request, it, filled)

    @get("/{objective:uuid}/costs", security=signed_in(), **PAGE)
    async def asking_costs(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask what each department puts in, and what it gains."""
        it = await opened(objective, Kind.CHANGE, caller)
        return drawing.costs(request, it, None)

    @post("/{objective:uuid}/costs", security=signed_in(), **PAGE)
    async def costs(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        caller: Caller,
        to: To = None,
    ) -> Response[str]:
        """Save it, and go on to where the objective counts."""
        it = await opened(objective, Kind.CHANGE, caller)
        model, sentences = asking.values_form(it.fact)
        filled = await sent(
            request,
            model,
            sentences,
            lambda form: save(it, form, _costs(it.fact, form), caller),
        )
        if filled is None:
            return onwards(it, "place", to)
        it = await whole(objective, caller, settings().clock())
        return drawing.costs(request, it, filled)

    @get("/{objective:uuid}/place", security=signed_in(), **PAGE)
    async def asking_place(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask where it counts, and which public priority it serves."""
        it = await opened(objective, Kind.CHANGE, caller)
        return drawing.place(request, it, None)

    @post("/{objective:uuid}/place", security=signed_in(), **PAGE)
    async def place(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        caller: Caller,
        to: To = None,
    ) -> Response[str]:
        """Save it, and go on to check all of it."""
        it = await opened(objective, Kind.CHANGE, caller)
        filled = await sent(
            request,
            PlaceForm,
            asking.PLACE,
            lambda form: save(it, form, _place(it.fact, form), caller),
            drawing.FIELDS,
        )
        if filled is None:
            return onwards(it, "check", to)
        it = await whole(objective, caller, settings().clock())
        return drawing.place(request, it, filled)

    @get("/{objective:uuid}/check", security=signed_in(), **PAGE)
    async def checking(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Show all of it, each part with a link to change it."""
        it = await opened(objective, Kind.CHANGE, caller)
        return drawing.check(request, it, caller, None)

    @post("/{objective:uuid}/check", security=signed_in(), **PAGE)
    async def propose(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Put it to everyone whose agreement it needs."""
        filled = await sent(
            request,
            PlainForm,
            NO_SENTENCES,
            lambda _: actions.propose(objective, caller=caller, now=settings().clock()),
        )
        if filled is None:
            return back_to(objective, "proposed")
        it = await whole(objective, caller, settings().clock())
        return drawing.check(request, it, caller, filled)


async def _settable(record: str, caller: SignedIn) -> RecordFact:
    """Return a record on which the caller sets objectives, and can do so now.

    Whoever may look at it, such as its own person, is told who sets them.
    """
    now = settings().clock()
    on = await record_for(record, caller, None, now.date())
    with within_reach(EVERYONE):
        try:
            await actions.check_sets_on(on, caller, now)
        except NotFound:
            raise NotYours(
                "The line manager of the person whose record it is sets shared"
                " objectives on it: ask them."
            ) from None
        await actions.check_takes_more(on)
    return on


def _draft(on: RecordFact, form: OutcomeForm) -> NewObjectiveIn:
    return NewObjectiveIn(
        stage="draft",
        title=form.title,
        outcome=form.outcome,
        measures=form.measures,
        ownership_model=form.ownership_model,
        contributions=[
            ContributionIn(
                organisation=on.organisation,
                person=Named(id=on.person),
                role=ContributionRole.LEAD,
                share=100,
                commitment=form.commitment,
            )
        ],
    )


def _outcome(fact: ObjectiveFact, form: OutcomeForm) -> Content:
    parts = [
        replace(part, commitment=form.commitment)
        if part.person == fact.person
        else part
        for part in fact.content.contributions
    ]
    return replace(
        fact.content,
        title=form.title,
        outcome=form.outcome,
        measures=form.measures,
        ownership_model=form.ownership_model,
        contributions=tuple(parts),
    )


def _costs(fact: ObjectiveFact, form: SavedForm) -> Content:
    said = [
        Valued(organisation, **_said(form, number))
        for number, organisation in enumerate(sorted(fact.present))
    ]
    return replace(
        fact.content,
        value_map=tuple(v for v in said if v != Valued(v.organisation)),
    )


def _said(form: SavedForm, number: int) -> dict[str, Any]:
    return {**asking.value_of(form, number)}


def _place(fact: ObjectiveFact, form: PlaceForm) -> Content:
    scheme, _, code = (form.priority or "").partition(" ")
    return replace(
        fact.content,
        kind=form.kind,
        weight=form.weight,
        element=form.element,
        standard=form.standard,
        ends_on=form.ends_on,
        priority=Priority(scheme, code) if code else None,
    )
