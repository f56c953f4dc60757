"""Pages on which two people open who the raters of a record are.

The law: what somebody reads here is read by the same act as over the API, which audits
and tells it before anything is shown; nothing is shown by merely looking.
"""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from pydantic import Field

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import details_of
from service.errors import NotFound, Refusal
from service.feedback.break_glass import actions, rules
from service.feedback.break_glass.actions import Opening
from service.feedback.life import State
from service.records.queries import record_named
from service.settings import settings
from service.web.forms import Filled, Form, read, started
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
ASKS: Final = signed_in(Role.HR_ADMINISTRATOR)
APPROVES: Final = signed_in(Role.DATA_PROTECTION_OFFICER)
EITHER: Final = signed_in(Role.DATA_PROTECTION_OFFICER, Role.HR_ADMINISTRATOR)
HERE: Final = "/hr/break-glass"
STATES: Final = {
    State.PROPOSED: mark("Not asked yet"),
    State.VETOED: mark("Vetoed"),
    State.OBJECTED: mark("Objected to"),
    State.DRAWN: mark("Drawn"),
    State.INVITED: mark("Asked"),
    State.OPENED: mark("Has opened the form"),
    State.DRAFT: mark("Has begun"),
    State.SUBMITTED: mark("Has answered"),
    State.DECLINED: mark("Has declined"),
    State.WITHDRAWN: mark("Asked no more"),
    State.EXPIRED: mark("Has not answered"),
}


class AskForm(Form):
    """On which record, and why."""

    record: Annotated[str, Field(max_length=200)]
    reason: Annotated[str, Field(max_length=1000)]


SENTENCES: Final = {
    ("record", "*"): mark("Enter the number of the appraisal record"),
    ("reason", "missing"): mark("Enter why you need to know who gave feedback"),
    ("reason", "*"): mark("The reason must have 1,000 characters or fewer"),
}


class BreakGlassPages(Controller):
    """Break-glass in one organisation."""

    path = HERE

    @get(security=EITHER, **PAGE)
    async def all(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """List what was asked for in the organisation."""
        found = await actions.openings(caller)
        names = await _names(found)
        return page(
            request,
            "hr/break_glass.html",
            title=say("Break-glass"),
            asks=Role.HR_ADMINISTRATOR in caller.roles,
            found=[(each, names.get(each.asked_by), _state(each)) for each in found],
        )

    @get("/new", security=ASKS, **PAGE)
    async def new(
        self, request: AnyRequest, record: FromQuery[str] = ""
    ) -> Response[Any]:
        """Say what break-glass is, and ask why."""
        return _asked(request, started(record=record), 200)

    @post("/new", security=ASKS, **PAGE)
    async def ask(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Ask about a record of the caller's own organisation."""
        filled = await read(request, AskForm, SENTENCES)
        if filled.form is not None:
            try:
                on = await record_named(filled.form.record, [caller.organisation])
                made = await actions.ask(
                    on, filled.form.reason, caller=caller, now=settings().clock()
                )
                return see_other(f"{HERE}/{made.id}")
            except NotFound:
                said = say("Your organisation has no appraisal record of this number")
                filled = Filled(filled.values, {"record": said})
            except Refusal as refusal:
                filled = filled.refused(refusal, {"feedback-no-reason": "reason"})
        return _asked(request, filled, UNPROCESSABLE)

    @get("/{opening:uuid}", security=EITHER, **PAGE)
    async def one(
        self, request: AnyRequest, caller: Caller, opening: FromPath[UUID]
    ) -> Response[Any]:
        """Show what was asked for, and what the caller may do about it."""
        return await _shown(request, opening, caller, Filled(), 200)

    @post("/{opening:uuid}/approval", security=APPROVES, **PAGE)
    async def approve(
        self, request: AnyRequest, caller: Caller, opening: FromPath[UUID]
    ) -> Response[Any]:
        """Let whoever asked read who the raters are, for one hour."""
        try:
            await actions.approve(opening, caller=caller, now=settings().clock())
        except Refusal as refusal:
            filled: Filled[Any] = Filled()
            wrong = filled.refused(refusal)
            return await _shown(request, opening, caller, wrong, UNPROCESSABLE)
        return see_other(f"{HERE}/{opening}")

    @post("/{opening:uuid}/raters", security=ASKS, **PAGE)
    async def raters(
        self, request: AnyRequest, caller: Caller, opening: FromPath[UUID]
    ) -> Response[Any]:
        """Show who was asked and who answered; each time is audited and told."""
        try:
            found = await actions.read(opening, caller=caller, now=settings().clock())
        except Refusal as refusal:
            filled: Filled[Any] = Filled()
            wrong = filled.refused(refusal)
            return await _shown(request, opening, caller, wrong, UNPROCESSABLE)
        return page(
            request,
            "hr/break_glass_raters.html",
            title=say("Who was asked for feedback"),
            back=f"{HERE}/{opening}",
            found=[(each, say(STATES[each.state])) for each in found],
        )


def _asked(request: AnyRequest, filled: Filled[Any], status: int) -> Response[str]:
    return page(
        request,
        "hr/break_glass_new.html",
        title=say("Ask who gave feedback"),
        status=status,
        filled=filled,
    )


async def _shown(
    request: AnyRequest,
    id_: UUID,
    caller: SignedIn,
    filled: Filled[Any],
    status: int,
) -> Response[str]:
    found = await actions.opening(id_, caller)
    names = await _names([found])
    at = found.approved_at
    until = None if at is None else rules.expires_at(at)
    mine = found.asked_by == caller.id
    officer = Role.DATA_PROTECTION_OFFICER in caller.roles
    return page(
        request,
        "hr/break_glass_one.html",
        title=say("Break-glass"),
        status=status,
        filled=filled,
        opening=found,
        asked_by=names.get(found.asked_by),
        approved_by=names.get(found.approved_by) if found.approved_by else None,
        state=_state(found),
        until=until,
        approves=at is None and not mine and officer,
        reads=mine and until is not None and settings().clock() < until,
    )


def _state(found: Opening) -> str:
    at = found.approved_at
    if at is None:
        return say("Waits for a data protection officer")
    if settings().clock() < rules.expires_at(at):
        return say("Approved: open for an hour")
    return say("Over")


async def _names(found: list[Opening]) -> dict[UUID, str]:
    people = {one for each in found for one in (each.asked_by, each.approved_by) if one}
    with within_reach(EVERYONE):
        known = await details_of(people)
    return {
        person: f"{called.given_name} {called.family_name}"
        for person, called in known.items()
    }
