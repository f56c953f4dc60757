"""Pages of one judgement: what the manager judged, and what panels made of it."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from pydantic import Field

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.directory.queries import line_manager_on
from service.errors import NotFound, Refusal
from service.records.queries import RecordFact
from service.records.whose import record_for
from service.scores.moderation import actions
from service.scores.moderation.naming import names_of
from service.scores.moderation.queries import levels_of
from service.scores.moderation.rules import may_moderate
from service.scores.moderation.schemas import EventIn
from service.scores.moderation.wording import LEVELS, STAGES
from service.settings import settings
from service.web.forms import Filled, Form, read, started
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
Reason = Annotated[str, Field(max_length=2000)]


class JudgementForm(Form):
    """What a line manager judges."""

    level: Annotated[str, Field(max_length=60)]
    reason: Reason


class EventForm(Form):
    """What a panel made of a judgement."""

    before: Annotated[str, Field(max_length=60)]
    after: Annotated[str, Field(max_length=60)]
    reason: Reason


SENTENCES: Final = {
    ("level", "*"): mark("Select your judgement"),
    ("after", "*"): mark("Select what stands now"),
    ("reason", "missing"): mark("Enter a reason"),
    ("reason", "*"): mark("The reason must have 2,000 characters or fewer"),
}
FIELDS: Final = {"#/level": "level", "#/after": "after"}


class JudgementPages(Controller):
    """A manager's judgement of a record, and what became of it."""

    path = "/moderation/records/{record:uuid}"

    @get(security=signed_in(), **PAGE)
    async def one(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[Any]:
        """Show every judgement and event: to the subject, once it is told."""
        return await _shown(request, record, caller, Filled(), 200)

    @post(security=signed_in(), **PAGE)
    async def judge(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[Any]:
        """State a judgement, as the line manager; the last counts."""
        now = settings().clock()
        on = await record_for(str(record), caller, None, now.date())
        filled = await read(request, JudgementForm, SENTENCES)
        if filled.form is not None:
            form = filled.form
            try:
                await actions.judge(on, form.level, form.reason, caller=caller, now=now)
                return see_other(f"/moderation/records/{record}")
            except Refusal as refusal:
                filled = filled.refused(refusal, FIELDS)
        return await _shown(request, record, caller, filled, UNPROCESSABLE)


class CasePages(Controller):
    """A record before a panel, for one of its members."""

    path = "/moderation/panels/{panel:uuid}/records/{record:uuid}"

    @get(security=signed_in(), **PAGE)
    async def one(
        self,
        request: AnyRequest,
        caller: Caller,
        panel: FromPath[UUID],
        record: FromPath[UUID],
    ) -> Response[Any]:
        """Show what stands of a judgement, and ask what the panel makes of it."""
        return await _case(request, panel, record, caller, None)

    @post(security=signed_in(), **PAGE)
    async def moderate(
        self,
        request: AnyRequest,
        caller: Caller,
        panel: FromPath[UUID],
        record: FromPath[UUID],
    ) -> Response[Any]:
        """Record what the panel made of it; what was before is kept."""
        filled = await read(request, EventForm, SENTENCES)
        if filled.form is not None:
            wanted = EventIn(record=record, **filled.form.model_dump())
            try:
                await actions.record_event(
                    panel, wanted, caller=caller, now=settings().clock()
                )
                return see_other(f"/moderation/panels/{panel}/records")
            except Refusal as refusal:
                filled = filled.refused(refusal, FIELDS)
        return await _case(request, panel, record, caller, filled)


async def _shown(
    request: AnyRequest,
    record: UUID,
    caller: SignedIn,
    filled: Filled[Any],
    status: int,
) -> Response[str]:
    now = settings().clock()
    on = await record_for(str(record), caller, None, now.date())
    judged, events = await actions.told_of(on, caller=caller, now=now)
    own = caller.id == on.person
    judges = not own and await line_manager_on(on.person, now.date()) == caller.id
    names = await names_of(
        {on.person, *(j.manager for j in judged), *(e.recorded_by for e in events)}
    )
    return page(
        request,
        "moderation/record.html",
        title=say("Judgement of %(name)s", name=names.get(on.person, "")),
        status=status,
        filled=filled,
        record=record,
        titles=levels_of(on.framework),
        judged=[(j, say(STAGES[j.stage]), names.get(j.manager)) for j in judged],
        events=[
            (e, say(LEVELS[e.panel_level]), names.get(e.recorded_by)) for e in events
        ],
        judges=judges,
        levels=_levels(on),
    )


def _levels(on: RecordFact) -> list[dict[str, str]]:
    return [
        {"value": code, "text": title}
        for code, title in levels_of(on.framework).items()
    ]


async def _case(
    request: AnyRequest,
    panel: UUID,
    record: UUID,
    caller: SignedIn,
    filled: Filled[EventForm] | None,
) -> Response[str]:
    there = await actions.cases(panel, caller=caller, now=settings().clock())
    found = next((case for case in there if case[0].id == record), None)
    if found is None:
        raise NotFound(f"No record {record} is before the panel.")
    on, stands, how = found
    names = await names_of([on.person])
    return page(
        request,
        "moderation/case.html",
        title=names.get(on.person) or say("Somebody who left"),
        status=200 if filled is None else UNPROCESSABLE,
        filled=filled or started(before=stands.level if stands else ""),
        panel=panel,
        record=record,
        titles=levels_of(on.framework),
        stands=stands,
        asked=stands is not None and may_moderate(how),
        close=not may_moderate(how),
        levels=_levels(on),
    )
