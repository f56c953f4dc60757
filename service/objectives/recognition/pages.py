"""Pages for thanks between departments. They only declare, read and draw."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID, uuid4

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from pydantic import Field

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.objectives.agreement.actions import named_part
from service.objectives.drawing import asked, back_to, called, opened, sent
from service.objectives.forms import needed
from service.objectives.offering import Kind
from service.objectives.presenting import PersonOut
from service.objectives.queries import ContributionFact
from service.objectives.reading import Whole, whole
from service.objectives.recognition import actions
from service.settings import settings
from service.web.forms import Filled, Form
from service.web.language import mark, say
from service.web.pages import PAGE, AnyRequest

Caller = NamedDependency[SignedIn]
LONGEST: Final = 1_000


class ThanksForm(Form):
    """For what somebody is thanked."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST)]


SENTENCES: Final[Mapping[tuple[str, str], str]] = {
    **needed(
        "text",
        mark("Enter what you thank them for"),
        mark("Use 1,000 characters or fewer"),
    ),
}


class RecognitionPages(Controller):
    """Thank a contributor of another department."""

    path = "/objectives/{objective:uuid}/contributions/{contribution:uuid}/thanks"

    @get(security=signed_in(), **PAGE)
    async def thanking(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Ask what they are thanked for."""
        it = await opened(objective, Kind.THANK, caller, contribution)
        return _drawn(request, it, named_part(it.fact, contribution), None)

    @post(security=signed_in(), **PAGE)
    async def thank(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Thank them for one's department, once a quarter; it is on their record."""
        filled = await sent(
            request,
            ThanksForm,
            SENTENCES,
            lambda form: actions.recognise(
                objective,
                contribution,
                text=form.text,
                new=uuid4(),
                caller=caller,
                now=settings().clock(),
            ),
        )
        if filled is None:
            return back_to(objective, "thanked")
        it = await whole(objective, caller, settings().clock())
        return _drawn(request, it, named_part(it.fact, contribution), filled)


def _drawn(
    request: AnyRequest,
    it: Whole,
    part: ContributionFact,
    filled: Filled[ThanksForm] | None,
) -> Response[str]:
    department = it.departments.get(part.organisation, part.organisation)
    person = PersonOut.of(part.person, part.organisation, it.sight)
    return asked(
        request,
        it,
        filled,
        title=say("Thank %(name)s", name=called(person, department)),
        intro=[
            say("Your thanks are on their appraisal record, from your department."),
            say("Your department can thank each contributor once a quarter."),
        ],
        fields=[{"name": "text", "label": say("What do you thank them for?")}],
        button=say("Send thanks"),
    )
