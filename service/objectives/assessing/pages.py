"""Pages for assessing and countersigning. They only declare, read and draw."""

from uuid import UUID, uuid4

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.objectives.agreement.actions import named_part
from service.objectives.assessing import actions, asking
from service.objectives.assessing.asking import AnswerForm, AssessmentForm
from service.objectives.assessing.rules import Verdict
from service.objectives.assessing.schemas import AssessmentIn
from service.objectives.drawing import back_to, opened, sent
from service.objectives.offering import Kind
from service.objectives.reading import whole
from service.settings import settings
from service.web.pages import PAGE, AnyRequest

Caller = NamedDependency[SignedIn]


class AssessmentPages(Controller):
    """Assess an outcome, answer that, assess a contribution."""

    path = "/objectives/{objective:uuid}"

    @get("/assessment", security=signed_in(), **PAGE)
    async def assessing(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Ask how far the outcome was attained."""
        it = await opened(objective, Kind.ASSESS, caller)
        return asking.outcome(request, it, None)

    @post("/assessment", security=signed_in(), **PAGE)
    async def assess(
        self, request: AnyRequest, objective: FromPath[UUID], caller: Caller
    ) -> Response[str]:
        """Assess it for its accountable owner; a partner manager countersigns."""
        filled = await sent(
            request,
            AssessmentForm,
            asking.ASSESSING,
            lambda form: actions.assess(
                objective,
                _stated(form),
                new=uuid4(),
                caller=caller,
                now=settings().clock(),
            ),
            asking.WRONG,
        )
        if filled is None:
            return back_to(objective, "assessed")
        it = await whole(objective, caller, settings().clock())
        return asking.outcome(request, it, filled)

    @get("/assessments/{assessment:uuid}", security=signed_in(), **PAGE)
    async def answering(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        assessment: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Show an assessment, and ask whether they countersign it."""
        it = await opened(objective, Kind.ANSWER, caller, assessment)
        return asking.answer(request, it, asking.assessment_of(it, assessment), None)

    @post("/assessments/{assessment:uuid}", security=signed_in(), **PAGE)
    async def answer(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        assessment: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Countersign it, or object with a reason."""
        done: list[Verdict] = []

        async def answered(form: AnswerForm) -> None:
            now = settings().clock()
            if form.verdict == Verdict.COUNTERSIGNED:
                await actions.countersign(
                    objective, assessment, comment=form.comment, caller=caller, now=now
                )
            else:
                await actions.object_to(
                    objective, assessment, reason=form.comment, caller=caller, now=now
                )
            done.append(form.verdict)

        filled = await sent(request, AnswerForm, asking.ANSWERING, answered)
        if filled is None:
            return back_to(objective, done[0].value)
        it = await whole(objective, caller, settings().clock())
        found = asking.assessment_of(it, assessment)
        return asking.answer(request, it, found, filled)

    @get("/contributions/{contribution:uuid}/assessment", security=signed_in(), **PAGE)
    async def assessing_contribution(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Ask how far a contribution was made good."""
        it = await opened(objective, Kind.ASSESS_CONTRIBUTION, caller, contribution)
        part = named_part(it.fact, contribution)
        return asking.contribution(request, it, part, None)

    @post("/contributions/{contribution:uuid}/assessment", security=signed_in(), **PAGE)
    async def assess_contribution(
        self,
        request: AnyRequest,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        caller: Caller,
    ) -> Response[str]:
        """Assess what one's own report contributed."""
        filled = await sent(
            request,
            AssessmentForm,
            asking.ASSESSING,
            lambda form: actions.assess_contribution(
                objective,
                contribution,
                _stated(form),
                new=uuid4(),
                caller=caller,
                now=settings().clock(),
            ),
            asking.WRONG,
        )
        if filled is None:
            return back_to(objective, "assessed")
        it = await whole(objective, caller, settings().clock())
        part = named_part(it.fact, contribution)
        return asking.contribution(request, it, part, filled)


def _stated(form: AssessmentForm) -> AssessmentIn:
    return AssessmentIn(
        attainment=form.attainment, reasons=form.reasons, evidence=form.evidence or ()
    )
