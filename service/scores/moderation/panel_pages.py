"""Pages of panels: who is on them, what is before them, and what they made of it."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from pydantic import Field

from service.access.finding_people import look
from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import NotFound, Refusal
from service.records.queries import cycles
from service.scores.moderation import actions, panels, rules
from service.scores.moderation.naming import names_of
from service.scores.moderation.queries import PanelFact, levels_of
from service.scores.moderation.rules import PanelLevel, may_moderate
from service.scores.moderation.wording import LEVELS
from service.settings import settings
from service.web.days import Day, after_day
from service.web.forms import Filled, Form, read, started
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
ADMINISTRATOR: Final = signed_in(Role.HR_ADMINISTRATOR)
HERE: Final = "/moderation"


class PanelForm(Form):
    """Of what a panel moderates the judgements."""

    cycle: UUID
    level: PanelLevel
    unit: Annotated[str | None, Field(max_length=300)] = None
    grade: Annotated[str | None, Field(max_length=40)] = None


class MemberForm(Form):
    """Who is named to a panel, and until when."""

    q: str = ""
    person: UUID
    until: Day


SENTENCES: Final = {
    ("cycle", "*"): mark("Select a cycle"),
    ("level", "*"): mark("Select which panel it is"),
    ("unit", "*"): mark("The unit must have 300 characters or fewer"),
    ("grade", "*"): mark("The grade must have 40 characters or fewer"),
    ("person", "*"): mark("Select who is to be on the panel"),
    ("until", "*"): mark("Enter the last day, like 27/3/2027"),
}
OF_A_PART: Final = mark("Enter the unit or the grade that a local panel looks at")
OF_ALL: Final = mark("Leave unit and grade empty: the overall panel looks at everybody")


class PanelPages(Controller):
    """The panels that moderate an organisation's judgements."""

    path = HERE

    @get(security=signed_in(), **PAGE)
    async def all(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """List the organisation's panels, or those that the caller is on."""
        day = settings().clock().date()
        found, on = await panels.panels_for(caller, day)
        there = await cycles([caller.organisation])
        return page(
            request,
            "moderation/panels.html",
            title=say("Panels"),
            administers=Role.HR_ADMINISTRATOR in caller.roles,
            found=[(each, _name(each), len(on[each.id])) for each in found],
            years={each["id"]: each["year"] for each in there},
        )

    @get("/panels/new", security=ADMINISTRATOR, **PAGE)
    async def new(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Ask what a new panel is to look at."""
        return await _asked(request, caller, started(), 200)

    @post("/panels/new", security=ADMINISTRATOR, **PAGE)
    async def open(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Open a panel."""
        filled = _of_something(await read(request, PanelForm, SENTENCES))
        form = filled.form
        if form is not None:
            try:
                made = await panels.open_panel(
                    form.cycle,
                    form.level,
                    unit=form.unit,
                    grade=form.grade,
                    caller=caller,
                    now=settings().clock(),
                )
                return see_other(f"{HERE}/panels/{made.id}")
            except Refusal as refusal:
                filled = filled.refused(refusal)
        return await _asked(request, caller, filled, UNPROCESSABLE)

    @get("/panels/{panel:uuid}", security=signed_in(), **PAGE)
    async def one(
        self, request: AnyRequest, caller: Caller, panel: FromPath[UUID]
    ) -> Response[Any]:
        """Show who is on a panel."""
        now = settings().clock()
        listed, on = await panels.panels_for(caller, now.date())
        found = next((each for each in listed if each.id == panel), None)
        if found is None:
            raise NotFound(f"No panel {panel}.")
        names = await names_of([member.person for member in on[panel]])
        return page(
            request,
            "moderation/panel.html",
            title=_name(found),
            panel=found,
            administers=Role.HR_ADMINISTRATOR in caller.roles,
            is_member=any(each.person == caller.id for each in on[panel]),
            members=[(each, names.get(each.person)) for each in on[panel]],
        )

    @get("/panels/{panel:uuid}/records", security=signed_in(), **PAGE)
    async def cases(
        self, request: AnyRequest, caller: Caller, panel: FromPath[UUID]
    ) -> Response[Any]:
        """Show a member what is before a panel."""
        there = await actions.cases(panel, caller=caller, now=settings().clock())
        names = await names_of([case.person for case, _, _ in there])
        return page(
            request,
            "moderation/cases.html",
            title=say("Records before the panel"),
            panel=panel,
            titles=levels_of(there[0][0].framework) if there else {},
            cases=[
                (case, names.get(case.person), stands, may_moderate(how))
                for case, stands, how in there
            ],
        )

    @get("/panels/{panel:uuid}/members/new", security=ADMINISTRATOR, **PAGE)
    async def ask_whom(
        self,
        request: AnyRequest,
        caller: Caller,
        panel: FromPath[UUID],
        q: FromQuery[str] = "",
    ) -> Response[Any]:
        """Ask who is to be on a panel."""
        return await _naming(request, panel, caller, q, None)

    @post("/panels/{panel:uuid}/members/new", security=ADMINISTRATOR, **PAGE)
    async def name(
        self, request: AnyRequest, caller: Caller, panel: FromPath[UUID]
    ) -> Response[Any]:
        """Name somebody to a panel."""
        filled = await read(request, MemberForm, SENTENCES)
        if filled.form is not None:
            try:
                await panels.name_member(
                    panel,
                    filled.form.person,
                    after_day(filled.form.until),
                    caller=caller,
                    now=settings().clock(),
                )
                return see_other(f"{HERE}/panels/{panel}")
            except Refusal as refusal:
                filled = filled.refused(refusal, FIELDS)
        return await _naming(request, panel, caller, filled.value("q"), filled)

    @get(
        "/panels/{panel:uuid}/members/{member:uuid}/end", security=ADMINISTRATOR, **PAGE
    )
    async def ask_to_end(
        self,
        request: AnyRequest,
        caller: Caller,
        panel: FromPath[UUID],
        member: FromPath[UUID],
    ) -> Response[Any]:
        """Ask whether a membership is to end."""
        day = settings().clock().date()
        found = await panels.panel_of(panel, caller, day)
        _, on = await panels.panels_for(caller, day)
        if not any(each.person == member for each in on[panel]):
            raise NotFound(f"Nobody with the id {member} is on the panel.")
        names = await names_of([member])
        return page(
            request,
            "hr/confirm.html",
            title=say("End this membership"),
            back=f"{HERE}/panels/{panel}",
            says=[
                f"{_name(found)}: {names.get(member, '')}",
                say("They are on the panel no more. What they recorded stands."),
            ],
            button=say("End the membership"),
        )

    @post(
        "/panels/{panel:uuid}/members/{member:uuid}/end", security=ADMINISTRATOR, **PAGE
    )
    async def end(
        self, caller: Caller, panel: FromPath[UUID], member: FromPath[UUID]
    ) -> Response[Any]:
        """End a membership now."""
        await panels.end_member(panel, member, caller=caller, now=settings().clock())
        return see_other(f"{HERE}/panels/{panel}")


FIELDS: Final = {
    "term-invalid": "until",
    "role-to-oneself": "person",
    **{
        refusal.slug: "person"
        for refusal in (rules.MemberAlready, rules.NotOfTheOrganisation)
    },
}


def _of_something(filled: Filled[PanelForm]) -> Filled[PanelForm]:
    """Hold a panel to what the API asks: a part of the organisation, or all of it."""
    form = filled.form
    if form is None:
        return filled
    of_a_part = form.unit is not None or form.grade is not None
    if of_a_part != (form.level is PanelLevel.OVERALL):
        return filled
    said = OF_ALL if of_a_part else OF_A_PART
    return Filled(filled.values, {"unit": say(said)})


def _name(panel: PanelFact) -> str:
    parts = [say(LEVELS[panel.level]), panel.unit, panel.grade]
    return ", ".join(part for part in parts if part)


async def _asked(
    request: AnyRequest, caller: SignedIn, filled: Filled[Any], status: int
) -> Response[str]:
    there = await cycles([caller.organisation])
    return page(
        request,
        "moderation/panel_new.html",
        title=say("Open a panel"),
        status=status,
        filled=filled,
        cycles=[
            {"value": str(each["id"]), "text": str(each["year"])}
            for each in reversed(there)
        ],
        levels=[{"value": level, "text": say(name)} for level, name in LEVELS.items()],
    )


async def _naming(
    request: AnyRequest,
    panel: UUID,
    caller: SignedIn,
    q: str,
    filled: Filled[MemberForm] | None,
) -> Response[str]:
    now = settings().clock()
    found = await panels.panel_of(panel, caller, now.date())
    return page(
        request,
        "moderation/member_new.html",
        title=say("Name somebody to the panel"),
        status=200 if filled is None else UNPROCESSABLE,
        filled=filled,
        looked=await look(q, caller, now),
        panel=found,
    )
