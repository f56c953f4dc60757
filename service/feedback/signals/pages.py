"""Pages on which scores that hang on one form are reviewed, and reviews are read."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from pydantic import Field

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import NotFound, Refusal
from service.feedback.signals import reviewing, rules
from service.feedback.signals.rules import Decision, Kind
from service.records.queries import cycles
from service.settings import settings
from service.web.forms import Filled, Form, read
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
REVIEWS: Final = signed_in(Role.TEXT_MODERATOR)
HERE: Final = "/hr/reviews"
KINDS: Final = {
    Kind.RECIPROCAL_PAIR: mark("Pairs who marked each other up"),
    Kind.RING: mark("Groups who marked each other up"),
    Kind.STRAIGHT_LINING: mark("Forms with the same answer throughout"),
    Kind.EXTREME_ONLY: mark("Forms with nothing but extremes"),
    Kind.SEVERITY_OUTLIER: mark("Raters far harsher or milder than others"),
    Kind.HOSTILE_FORM: mark("Forms far below all others on somebody"),
    Kind.LATE_BURST: mark("Bursts of forms on the last day"),
    Kind.INFLUENCE: mark("Scores that hang on one form"),
}
DECISIONS: Final = {
    Decision.NO_ACTION: mark("Let it be published"),
    Decision.WITHHOLD: mark("Withhold it"),
}


class ReviewForm(Form):
    """What becomes of a score that hangs on one form."""

    decision: Decision
    reason: Annotated[str, Field(max_length=2000)]


SENTENCES: Final = {
    ("decision", "*"): mark("Select what becomes of the score"),
    ("reason", "missing"): mark("Enter a reason"),
    ("reason", "*"): mark("The reason must have 2,000 characters or fewer"),
}


class ReviewPages(Controller):
    """Scores to review, and what was decided."""

    path = HERE

    @get(security=signed_in(Role.TEXT_MODERATOR, Role.AUDITOR), **PAGE)
    async def waiting(
        self,
        request: AnyRequest,
        caller: Caller,
        cycle: FromQuery[UUID | None] = None,
    ) -> Response[Any]:
        """Show a reviewer what waits, and an auditor what was decided in a cycle."""
        now = settings().clock()
        queue = None
        if Role.TEXT_MODERATOR in caller.roles:
            queue = await reviewing.queue(caller=caller, now=now)
        audits = Role.AUDITOR in caller.roles
        found = await cycles([caller.organisation]) if audits else []
        decided = None
        if cycle is not None:
            if not any(each["id"] == cycle for each in found):
                raise NotFound(f"No cycle {cycle}.")
            decided = await reviewing.reviews_of(cycle, caller=caller, now=now)
        return page(
            request,
            "moderation/reviews.html",
            title=say("Scores to review"),
            queue=queue,
            looks=_looks(queue),
            cycles=found,
            cycle=cycle,
            decided=None
            if decided is None
            else [(each, say(DECISIONS[each.decision])) for each in decided],
        )

    @get("/{review:uuid}", security=REVIEWS, **PAGE)
    async def one(
        self, request: AnyRequest, caller: Caller, review: FromPath[UUID]
    ) -> Response[Any]:
        """Ask what becomes of a score."""
        return await _shown(request, review, caller, Filled(), 200)

    @post("/{review:uuid}", security=REVIEWS, **PAGE)
    async def decide(
        self, request: AnyRequest, caller: Caller, review: FromPath[UUID]
    ) -> Response[Any]:
        """Pass a score or withhold it, once."""
        filled = await read(request, ReviewForm, SENTENCES)
        if filled.form is not None:
            try:
                await reviewing.review(
                    review,
                    filled.form.decision,
                    filled.form.reason,
                    caller=caller,
                    now=settings().clock(),
                )
                return see_other(HERE)
            except (rules.ReviewedAlready, rules.ReviewOver):
                raise  # It is not there to be shown again.
            except Refusal as refusal:
                filled = filled.refused(refusal, {"feedback-no-reason": "reason"})
        return await _shown(request, review, caller, filled, UNPROCESSABLE)


async def _shown(
    request: AnyRequest,
    review: UUID,
    caller: SignedIn,
    filled: Filled[Any],
    status: int,
) -> Response[str]:
    queue = await reviewing.queue(caller=caller, now=settings().clock())
    found = next((each for each in queue.waiting if each.id == review), None)
    if found is None:
        raise NotFound(f"No score {review} waits for you.")
    return page(
        request,
        "moderation/review.html",
        title=say("Review a score"),
        status=status,
        filled=filled,
        found=found,
        decisions=[{"value": d, "text": say(name)} for d, name in DECISIONS.items()],
    )


def _looks(queue: reviewing.Queue | None) -> list[list[tuple[str, Any]]]:
    looks = [] if queue is None else queue.looks
    return [
        [(say(KINDS[each.kind]), each) for each in look.signals]
        for look in looks
        if look.signals
    ]
