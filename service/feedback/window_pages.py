"""The page on which HR administrators extend a feedback window."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import Refusal
from service.feedback.windows import extend_own
from service.records.frameworks import Stage
from service.records.queries import cycle_of, instants
from service.settings import settings
from service.web.days import Day, midnight
from service.web.forms import Filled, Form, read
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
ADMINISTRATOR: Final = signed_in(Role.HR_ADMINISTRATOR)


class ExtendForm(Form):
    """When a window is to close and be released instead."""

    closes: Day
    releases: Day | None = None


SENTENCES: Final = {
    ("closes", "*"): mark("Enter the day on which feedback closes, like 27/3/2027"),
    ("releases", "*"): mark("Enter the day of the release, like 27/3/2027"),
}
FIELDS: Final = {
    "feedback-window-not-later": "closes",
    "cycle-dates-invalid": "closes",
}


class WindowPages(Controller):
    """The feedback window of one organisation's own cycle."""

    path = "/hr/cycles/{cycle:uuid}/extend-feedback"

    @get(security=ADMINISTRATOR, **PAGE)
    async def ask(
        self, request: AnyRequest, caller: Caller, cycle: FromPath[UUID]
    ) -> Response[Any]:
        """Say what an extension does, and ask for the days."""
        return await _asked(request, cycle, caller, Filled(), 200)

    @post(security=ADMINISTRATOR, **PAGE)
    async def extend(
        self, request: AnyRequest, caller: Caller, cycle: FromPath[UUID]
    ) -> Response[Any]:
        """Have the window close later, and tell every rater."""
        filled = await read(request, ExtendForm, SENTENCES)
        if filled.form is not None:
            releases = filled.form.releases
            try:
                await extend_own(
                    cycle,
                    closes_at=midnight(filled.form.closes),
                    releases_at=None if releases is None else midnight(releases),
                    caller=caller,
                    now=settings().clock(),
                )
                return see_other(f"/hr/cycles/{cycle}")
            except Refusal as refusal:
                filled = filled.refused(refusal, FIELDS)
        return await _asked(request, cycle, caller, filled, UNPROCESSABLE)


async def _asked(
    request: AnyRequest,
    cycle: UUID,
    caller: SignedIn,
    filled: Filled[Any],
    status: int,
) -> Response[str]:
    await cycle_of(cycle, [caller.organisation])
    stages = await instants(cycle)
    return page(
        request,
        "hr/extend.html",
        title=say("Extend feedback"),
        status=status,
        filled=filled,
        cycle=cycle,
        closes_at=stages[Stage.FEEDBACK_CLOSES],
        releases_at=stages[Stage.FEEDBACK_RELEASES],
    )
