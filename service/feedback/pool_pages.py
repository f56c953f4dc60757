"""Pages of a record's pool, for its subject and their line manager. They only declare.

The law: they show the pool and never the draw.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from service.access import finding
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.directory.searching import Found, NothingToSearchFor
from service.errors import Refusal
from service.feedback import nominating, rules
from service.feedback.life import State, Step
from service.feedback.naming import named
from service.feedback.pooling.forms import (
    PROPOSES,
    REASONS,
    ProposeForm,
    ReasonForm,
)
from service.feedback.pooling.reading import Pool, look
from service.feedback.rules import Origin
from service.settings import settings
from service.web.forms import Filled, read
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
MOST: Final = 20
"""People whom one search shows."""
LONGEST_QUERY: Final = 200
ORIGINS: Final = {
    Origin.OBJECTIVE: mark("shares an objective"),
    Origin.SUBJECT: mark("proposed by the person appraised"),
    Origin.MANAGER: mark("added by the line manager"),
    Origin.CARRIED: mark("proposed last year"),
}
STATES: Final = {
    State.PROPOSED: mark("Can be asked"),
    State.VETOED: mark("Vetoed by the line manager"),
    State.OBJECTED: mark("Objected to by the person appraised"),
}
TAKEN_OUT: Final = {
    Step.VETO: (mark("Veto %(name)s"), mark("Veto")),
    Step.OBJECT: (mark("Object to %(name)s"), mark("Object")),
}


class PoolPages(Controller):
    """The colleagues whom a record's raters are drawn from."""

    path = "/records/{record:uuid}/raters"

    @get(security=signed_in(), **PAGE)
    async def pool(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[str]:
        """Show the pool, and how it can be changed."""
        _, found = await look(record, caller=caller, now=settings().clock())
        return _pool(request, found)

    @get("/find", security=signed_in(), **PAGE)
    async def find(
        self,
        request: AnyRequest,
        caller: Caller,
        record: FromPath[UUID],
        q: FromQuery[str] = "",
    ) -> Response[str]:
        """Search the directory for colleagues to propose."""
        now = settings().clock()
        _, found = await look(record, caller=caller, now=now)
        people: Sequence[Found] = ()
        wrong: dict[str, str] = {}
        if q.strip():
            try:
                people, _ = await finding.find(
                    q[:LONGEST_QUERY],
                    caller,
                    organisation=None,
                    after=None,
                    limit=MOST,
                    now=now,
                )
            except NothingToSearchFor:
                wrong = {"q": say("Enter a name, or what they work on")}
        else:
            wrong = {"q": say("Enter a name, or what they work on")}
        return _pool(request, found, Filled({"q": (q,)}, wrong), people=people)

    @post(security=signed_in(), **PAGE)
    async def propose(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[str]:
        """Add colleagues to the pool, as the subject or their manager."""
        now = settings().clock()
        filled = await read(request, ProposeForm, PROPOSES)
        on, found = await look(record, caller=caller, now=now)
        if filled.form is not None:
            try:
                nominees = await named(on, filled.form.nominees(), now.date())
                await nominating.nominate(
                    on, nominees, found.part, caller=caller, now=now
                )
                return see_other(f"/records/{record}/raters?done=added")
            except Refusal as refusal:
                filled = filled.refused(refusal, filled.form.fields())
        return _pool(request, found, filled)

    @get("/{nomination:uuid}/veto", security=signed_in(), **PAGE)
    async def vetoing(
        self,
        request: AnyRequest,
        caller: Caller,
        record: FromPath[UUID],
        nomination: FromPath[UUID],
    ) -> Response[str]:
        """Ask why somebody is vetoed."""
        _, found = await look(record, caller=caller, now=settings().clock())
        return _reason(request, found, nomination, Step.VETO)

    @post("/{nomination:uuid}/veto", security=signed_in(), **PAGE)
    async def veto(
        self,
        request: AnyRequest,
        caller: Caller,
        record: FromPath[UUID],
        nomination: FromPath[UUID],
    ) -> Response[str]:
        """Take a colleague out, as the subject's line manager."""
        return await _take_out(request, caller, record, nomination, Step.VETO)

    @get("/{nomination:uuid}/objection", security=signed_in(), **PAGE)
    async def objecting(
        self,
        request: AnyRequest,
        caller: Caller,
        record: FromPath[UUID],
        nomination: FromPath[UUID],
    ) -> Response[str]:
        """Ask why the subject objects to somebody."""
        _, found = await look(record, caller=caller, now=settings().clock())
        return _reason(request, found, nomination, Step.OBJECT)

    @post("/{nomination:uuid}/objection", security=signed_in(), **PAGE)
    async def objection(
        self,
        request: AnyRequest,
        caller: Caller,
        record: FromPath[UUID],
        nomination: FromPath[UUID],
    ) -> Response[str]:
        """Take one colleague out, as the subject."""
        return await _take_out(request, caller, record, nomination, Step.OBJECT)


def _pool(
    request: AnyRequest,
    found: Pool,
    filled: Filled[ProposeForm] | None = None,
    *,
    people: Sequence[Found] = (),
) -> Response[str]:
    in_pool = {each.person for each in found.items}
    return page(
        request,
        "records/raters.html",
        title=say("Colleagues who can give feedback on you")
        if found.part is Origin.SUBJECT
        else say("Colleagues who can give feedback on %(name)s", name=found.subject),
        status=UNPROCESSABLE if filled is not None and filled.errors else 200,
        filled=filled,
        pool=found,
        people=[each for each in people if each.person not in in_pool],
        searched=request.url.path.endswith("/find"),
        done=request.query_params.get("done"),
        origins=ORIGINS,
        states=STATES,
    )


async def _take_out(
    request: AnyRequest,
    caller: SignedIn,
    record: UUID,
    nomination: UUID,
    step: Step,
) -> Response[str]:
    now = settings().clock()
    filled = await read(request, ReasonForm, REASONS)
    on, found = await look(record, caller=caller, now=now)
    if filled.form is not None:
        try:
            await nominating.take_out(
                on, nomination, step, reason=filled.form.reason, caller=caller, now=now
            )
            return see_other(f"/records/{record}/raters?done=taken-out")
        except Refusal as refusal:
            filled = filled.refused(refusal, {"#/reason": "reason"})
    return _reason(request, found, nomination, step, filled)


def _reason(
    request: AnyRequest,
    found: Pool,
    nomination: UUID,
    step: Step,
    filled: Filled[ReasonForm] | None = None,
) -> Response[str]:
    about = found.named(nomination)
    if found.part != nominating.TAKES_OUT[step]:
        raise rules.NotYourPart(
            f"It is for the {nominating.TAKES_OUT[step]} to {step} a proposal."
        )
    title, button = TAKEN_OUT[step]
    return page(
        request,
        "records/take_out.html",
        title=say(title, name=about.name or about.email or say("a colleague")),
        status=UNPROCESSABLE if filled is not None and filled.errors else 200,
        filled=filled,
        pool=found,
        button=say(button),
        objects=step is Step.OBJECT,
    )
