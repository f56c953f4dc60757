"""Pages on which HR administrators grant and end roles."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from service.access import granting
from service.access.finding_people import look
from service.access.role_names import NAMES
from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import NotFound, Refusal
from service.settings import settings
from service.web.days import Day, after_day
from service.web.forms import Filled, Form, read
from service.web.language import mark, say
from service.web.pages import (
    PAGE,
    UNPROCESSABLE,
    AnyRequest,
    page,
    see_other,
)

Caller = NamedDependency[SignedIn]
ADMINISTRATOR: Final = signed_in(Role.HR_ADMINISTRATOR)
HERE: Final = "/hr/roles"
MEANS: Final = {
    Role.HR_ADMINISTRATOR: mark(
        "Looks after people, cycles, HR systems and panels. Never sees who gave"
        " feedback."
    ),
    Role.TEXT_MODERATOR: mark(
        "Reads other departments' comments before release, without names, and passes"
        " or withholds them."
    ),
}


class GrantForm(Form):
    """To whom a role is given, and for how long."""

    q: str = ""
    person: UUID
    role: Role
    until: Day


SENTENCES: Final = {
    ("person", "*"): mark("Select who is to hold the role"),
    ("role", "*"): mark("Select a role"),
    ("until", "*"): mark("Enter the last day of the role, like 27/3/2027"),
}


class RolePages(Controller):
    """Roles of one organisation."""

    path = HERE

    @get(security=ADMINISTRATOR, **PAGE)
    async def all(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """List who holds which role."""
        held = await granting.roles_in(caller, settings().clock())
        return page(
            request,
            "hr/roles.html",
            title=say("Roles"),
            held=[(each, say(NAMES[each.role])) for each in held],
        )

    @get("/new", security=ADMINISTRATOR, **PAGE)
    async def new(
        self, request: AnyRequest, caller: Caller, q: FromQuery[str] = ""
    ) -> Response[Any]:
        """Ask who is to hold which role."""
        return await _asked(request, caller, q, None)

    @post("/new", security=ADMINISTRATOR, **PAGE)
    async def grant(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Grant a role."""
        filled = await read(request, GrantForm, SENTENCES)
        if filled.form is not None:
            try:
                await granting.grant_in(
                    filled.form.person,
                    filled.form.role,
                    until=after_day(filled.form.until),
                    caller=caller,
                    now=settings().clock(),
                )
                return see_other(HERE)
            except Refusal as refusal:
                filled = filled.refused(refusal, FIELDS)
        return await _asked(request, caller, filled.value("q"), filled)

    @get("/{grant:uuid}/end", security=ADMINISTRATOR, **PAGE)
    async def ask_to_end(
        self, request: AnyRequest, caller: Caller, grant: FromPath[UUID]
    ) -> Response[Any]:
        """Ask whether a role is to end now."""
        held = await granting.roles_in(caller, settings().clock())
        found = next((each for each in held if each.id == grant), None)
        if found is None or not found.named_by_hr:
            raise NotFound(f"No role grant {grant} is open.")
        return page(
            request,
            "hr/confirm.html",
            title=say("End this role"),
            back=HERE,
            says=[
                say("%(name)s: %(role)s.", name=found.name, role=say(NAMES[found.role]))
                if found.name
                else say(NAMES[found.role]),
                say("They lose it now. What they did stays on the audit."),
            ],
            button=say("End the role"),
        )

    @post("/{grant:uuid}/end", security=ADMINISTRATOR, **PAGE)
    async def end(self, caller: Caller, grant: FromPath[UUID]) -> Response[Any]:
        """End a role now."""
        await granting.end_in(grant, caller=caller, now=settings().clock())
        return see_other(HERE)


FIELDS: Final = {
    "term-invalid": "until",
    "role-to-oneself": "person",
    "role-already-held": "role",
    "role-not-yours-to-grant": "role",
}


async def _asked(
    request: AnyRequest, caller: SignedIn, q: str, filled: Filled[GrantForm] | None
) -> Response[str]:
    looked = await look(q, caller, settings().clock())
    return page(
        request,
        "hr/role_new.html",
        title=say("Grant a role"),
        status=200 if filled is None else UNPROCESSABLE,
        filled=filled,
        looked=looked,
        roles=[
            {"value": role, "text": say(NAMES[role]), "hint": {"text": say(means)}}
            for role, means in MEANS.items()
        ],
    )
