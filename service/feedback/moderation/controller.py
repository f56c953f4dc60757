"""HTTP for text moderators: declare, delegate, present."""

from typing import Annotated, Final
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import person
from service.feedback.form.sealing import TextNotOpened
from service.feedback.moderation import actions, rules
from service.feedback.moderation.rules import Decision
from service.feedback.moderation.schemas import DecisionIn, QueueOut, WaitingOut
from service.settings import settings

MOST: Final = 200
Caller = NamedDependency[SignedIn]
Limit = Annotated[int, Parameter(ge=1, le=MOST, description="Comments at most.")]


class ModerationController(Controller):
    """The comments that wait for a text moderator."""

    path = "/v1/moderation/comments"
    tags = ("Feedback",)

    @get(
        operation_id="listCommentsToModerate",
        summary="List the comments that wait for a decision",
        security=person(Role.TEXT_MODERATOR),
        opt={"refuses": (TextNotOpened,)},
    )
    async def waiting(self, caller: Caller, limit: FromQuery[Limit] = 50) -> QueueOut:
        """Return those of closed windows outside your own organisation's reach.

        Of no record whose subject answers to your organisation, and of none that
        somebody of it could have been asked about.
        """
        found = await actions.queue(limit=limit, caller=caller, now=settings().clock())
        return QueueOut(
            items=[
                WaitingOut(
                    id=each.id,
                    organisation=each.organisation,
                    subject=each.label,
                    about=each.field,
                    text=each.text,
                    decide_by=each.decide_by,
                )
                for each in found.first
            ],
            waiting=found.waiting,
        )

    @post(
        "/{comment:uuid}/decision",
        operation_id="decideOnComment",
        summary="Pass or withhold a comment",
        security=person(Role.TEXT_MODERATOR),
        status_code=204,
        opt={"refuses": (rules.DecidedAlready, rules.ModerationOver, TextNotOpened)},
    )
    async def decide(
        self, caller: Caller, comment: FromPath[UUID], data: JSONBody[DecisionIn]
    ) -> None:
        """Pass it, or withhold it with a reason: once, and never edited."""
        await actions.decide(
            comment,
            Decision(data.decision),
            data.reason,
            caller=caller,
            now=settings().clock(),
        )
