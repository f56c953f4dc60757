"""Pages that set one objective on several records. They only declare, read and draw."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import Fault
from service.objectives import wording
from service.objectives.assigning import templates
from service.objectives.assigning.actions import RecordsRefused, assign
from service.objectives.assigning.choosing import (
    Assignable,
    AssignForm,
    assign_form,
    assignable,
    bulk,
)
from service.objectives.assigning.schemas import TemplateOut
from service.objectives.drawing import sent
from service.records.whose import organisations_of
from service.settings import settings
from service.web.forms import Filled, started
from service.web.language import say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
MOST = 100


class AssigningPages(Controller):
    """Set what a template says on the records of several people."""

    path = "/objectives/templates"

    @get(security=signed_in(), **PAGE)
    async def all(self, request: AnyRequest, caller: Caller) -> Response[str]:
        """List the templates of the person's department."""
        found = await templates.templates(
            organisations_of(caller), after=None, limit=MOST
        )
        return page(
            request,
            "objectives/templates.html",
            title=say("Objectives for several people"),
            found=sorted(found, key=lambda each: each.says.title),
        )

    @get("/{template:uuid}", security=signed_in(), **PAGE)
    async def assigning(
        self, request: AnyRequest, template: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Show what a template says, and ask on whose records it is to be set."""
        found = await templates.template(template, organisations_of(caller))
        on = await assignable(caller, settings().clock())
        return _drawn(request, found, on, started(stage="proposed"), ())

    @post("/{template:uuid}", security=signed_in(), **PAGE)
    async def assign(
        self, request: AnyRequest, template: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Set it on each of them, or on none."""
        found = await templates.template(template, organisations_of(caller))
        model, sentences = assign_form(found)
        wrong: list[Fault] = []

        async def assigned(form: AssignForm) -> None:
            now = settings().clock()
            wanted = await bulk(found, form, caller, now)
            try:
                await assign(
                    wanted,
                    call=uuid4(),
                    organisations=organisations_of(caller),
                    caller=caller,
                    now=now,
                )
            except RecordsRefused as refusal:
                wrong.extend(refusal.faults)
                raise

        places = {f"#/{name}": name for name in model.model_fields}
        refused = {"objective-bulk-refused": "records"}
        filled = await sent(request, model, sentences, assigned, {**places, **refused})
        if filled is None:
            return see_other("/objectives?done=assigned")
        on = await assignable(caller, settings().clock())
        return _drawn(request, found, on, filled, wrong)


def _drawn(
    request: AnyRequest,
    template: TemplateOut,
    on: Sequence[Assignable],
    filled: Filled[Any],
    wrong: Sequence[Fault],
) -> Response[str]:
    return page(
        request,
        "objectives/assign.html",
        title=say("Set this objective for several people"),
        filled=filled,
        status=UNPROCESSABLE if filled.errors else 200,
        says=template.says,
        choices=[
            {"value": str(each.id), "text": f"{each.name}, {each.year}"} for each in on
        ],
        wrong=[fault.detail for fault in wrong],
        words=wording,
    )
