"""HTTP for signals of gaming and for scores to review: declare, delegate, present.

The law: a reviewer learns neither subject nor rater; everybody else reads after the
release alone.
"""

from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import person
from service.feedback.rules import NoReason, NotYetReleased
from service.feedback.signals import reviewing, rules
from service.feedback.signals.queries import LookFact
from service.feedback.signals.rules import Decision
from service.feedback.signals.schemas import (
    CycleSignalsOut,
    ScoreReviewIn,
    ScoreReviewOut,
    ScoreReviewQueueOut,
    ScoreReviewsOut,
    ScoreToReviewOut,
    SignalOut,
)
from service.settings import settings

Caller = NamedDependency[SignedIn]


class ScoreReviewController(Controller):
    """The scores that hang on one form, between closing and release."""

    path = "/v1/moderation/scores"
    tags = ("Feedback",)

    @get(
        operation_id="listScoresToReview",
        summary="List the scores that wait for a review",
        security=person(Role.TEXT_MODERATOR),
    )
    async def waiting(self, caller: Caller) -> ScoreReviewQueueOut:
        """Return those that one form moves far, outside your organisation's reach.

        Beside them stands what else was found in their cycles, and how much of it
        chance alone would give. There is nothing before a window has closed.
        """
        found = await reviewing.queue(caller=caller, now=settings().clock())
        return ScoreReviewQueueOut(
            items=[
                ScoreToReviewOut(
                    id=each.id,
                    cycle=each.cycle,
                    raters=each.raters,
                    standard_errors=each.standard_errors,
                    decide_by=each.releases_at,
                )
                for each in found.waiting
            ],
            cycles=[_shown(look) for look in found.looks],
        )

    @post(
        "/{review:uuid}/decision",
        operation_id="reviewScore",
        summary="Let a score be published, or withhold it",
        security=person(Role.TEXT_MODERATOR),
        status_code=204,
        opt={"refuses": (NoReason, rules.ReviewedAlready, rules.ReviewOver)},
    )
    async def review(
        self, caller: Caller, review: FromPath[UUID], data: JSONBody[ScoreReviewIn]
    ) -> None:
        """Decide with a reason, once, before the release; the score itself stays."""
        await reviewing.review(
            review,
            Decision(data.decision),
            data.reason,
            caller=caller,
            now=settings().clock(),
        )


class SignalsController(Controller):
    """What was found in the feedback of a cycle."""

    path = "/v1/cycles/{cycle:uuid}/signals"
    tags = ("Feedback",)

    @get(
        operation_id="getSignals",
        summary="Read what was found in a cycle",
        security=person(Role.CENTRAL_TEAM),
        opt={"refuses": (NotYetReleased,)},
    )
    async def signals(self, caller: Caller, cycle: FromPath[UUID]) -> CycleSignalsOut:
        """Return counts over the whole cycle after its release: nobody's, and no few's.

        How much of them chance alone would give stands beside them.
        """
        return _shown(
            await reviewing.signals_of(cycle, caller=caller, now=settings().clock())
        )


class ScoreReviewsController(Controller):
    """What was decided about scores that hung on one form."""

    path = "/v1/cycles/{cycle:uuid}/score-reviews"
    tags = ("Feedback",)

    @get(
        operation_id="listScoreReviews",
        summary="Read what was decided about scores",
        security=person(Role.AUDITOR),
        opt={"refuses": (NotYetReleased,)},
    )
    async def reviews(self, caller: Caller, cycle: FromPath[UUID]) -> ScoreReviewsOut:
        """Return decisions on your organisation's people, after the release."""
        found = await reviewing.reviews_of(cycle, caller=caller, now=settings().clock())
        return ScoreReviewsOut(
            items=[
                ScoreReviewOut(
                    record=each.record,
                    decision=each.decision.value,
                    reason=each.reason,
                    decided_by=each.decided_by,
                    decided_at=each.decided_at,
                )
                for each in found
            ]
        )


def _shown(look: LookFact) -> CycleSignalsOut:
    return CycleSignalsOut(
        cycle=look.cycle,
        looked_at=look.looked_at,
        signals=[
            SignalOut(
                kind=each.kind,
                found=each.found,
                among=each.among,
                false_alarms=each.by_chance,
            )
            for each in look.signals
        ],
    )
