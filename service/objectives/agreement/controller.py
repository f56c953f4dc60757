"""HTTP for agreeing to an objective, or not: declare, delegate, present."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody

from service.access.rules import NotShared
from service.auth.caller import Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.objectives.agreement import actions, disputing, queries
from service.objectives.agreement.schemas import (
    AgreementIn,
    AgreementsOut,
    DisputeIn,
    DisputeOut,
    SettlementIn,
)
from service.objectives.presenting import ObjectiveOut
from service.objectives.rules import NoLineManager, NotYours
from service.objectives.schemas import ReasonIn
from service.objectives.showing import done, looked_at
from service.objectives.stages import Outcome, WrongContributionState, WrongStage
from service.records.rules import WrongCycleState
from service.settings import settings

READ = [*machine(Scope.OBJECTIVES_READ), *person()]
REFUSES = {"refuses": (NotShared, WrongStage, NotYours, WrongCycleState)}
AGREES = {
    "refuses": (*REFUSES["refuses"], actions.SaysAnotherThing, NoLineManager),
}
DISPUTES = {"refuses": (*REFUSES["refuses"], disputing.DisputedAlready)}
STANDS = {
    201: ResponseSpec(
        ObjectiveOut, generate_examples=False, description="The objective as it stands."
    )
}


class AgreementController(Controller):
    """Whose agreement an objective needs, and what they say."""

    path = "/v1/objectives/{objective:uuid}"
    tags = ("Objectives",)

    @get(
        "/agreements",
        operation_id="listAgreements",
        summary="List who agreed, and who has still to",
        security=READ,
    )
    async def agreements(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> AgreementsOut:
        """Return every agreement with its version, and those still wanted."""
        async with looked_at(objective, caller, "agreements") as (
            fact,
            standing,
            sight,
        ):
            return await queries.agreements(fact, standing, sight)

    @post(
        "/agreements",
        operation_id="agreeToObjective",
        summary="Agree to a shared objective",
        security=person(),
        responses=STANDS,
        opt=AGREES,
    )
    async def agree(
        self,
        objective: FromPath[UUID],
        data: JSONBody[AgreementIn],
        caller: NamedDependency[SignedIn],
    ) -> Response[bytes]:
        """Agree in every capacity you hold; the last agreement makes it agreed."""
        now = settings().clock()
        agreed = await actions.agree(
            objective,
            comment=data.comment,
            version=data.version,
            caller=caller,
            now=now,
        )
        return await done(agreed, caller)

    @post(
        "/returns",
        operation_id="sendObjectiveBack",
        summary="Send a shared objective back",
        security=person(),
        responses=STANDS,
        opt=REFUSES,
    )
    async def send_back(
        self,
        objective: FromPath[UUID],
        data: JSONBody[ReasonIn],
        caller: NamedDependency[SignedIn],
    ) -> Response[bytes]:
        """Send it back to the line manager who set it, with the reason."""
        now = settings().clock()
        back = await actions.send_back(
            objective, reason=data.reason, caller=caller, now=now
        )
        return await done(back, caller)

    @get(
        "/disputes",
        operation_id="listDisputes",
        summary="List the disputes about an objective",
        security=READ,
    )
    async def disputes(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> list[DisputeOut]:
        """Return every dispute with its reason, and what came of it."""
        async with looked_at(objective, caller, "disputes") as (fact, standing, sight):
            return await queries.disputes(fact, standing, sight)

    @post(
        "/disputes",
        operation_id="disputeObjective",
        summary="Dispute a shared objective",
        security=person(),
        responses=STANDS,
        opt=DISPUTES,
    )
    async def dispute(
        self,
        objective: FromPath[UUID],
        data: JSONBody[DisputeIn],
        caller: NamedDependency[SignedIn],
    ) -> Response[bytes]:
        """Dispute it, or one contribution; both line managers are told."""
        disputed = await disputing.dispute(
            objective,
            reason=data.reason,
            contribution=data.contribution,
            caller=caller,
            now=settings().clock(),
        )
        return await done(disputed, caller)

    @post(
        "/disputes/{dispute:uuid}/settlement",
        operation_id="settleDispute",
        summary="Settle a dispute",
        security=person(),
        responses=STANDS,
        opt={"refuses": (NotShared, WrongStage, NotYours, disputing.NotDisputed)},
    )
    async def settle(
        self,
        objective: FromPath[UUID],
        dispute: FromPath[UUID],
        data: JSONBody[SettlementIn],
        caller: NamedDependency[SignedIn],
    ) -> Response[bytes]:
        """Keep what is disputed, for the line manager; drop the dispute, if yours."""
        settled = await disputing.settle(
            objective,
            dispute,
            outcome=Outcome(data.outcome),
            reply=data.reply,
            caller=caller,
            now=settings().clock(),
        )
        return await done(settled, caller)

    @post(
        "/contributions/{contribution:uuid}/refusal",
        operation_id="declineContribution",
        summary="Decline a contribution",
        security=person(),
        responses=STANDS,
        opt={"refuses": (WrongStage, NotYours, WrongContributionState)},
    )
    async def decline(
        self,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        data: JSONBody[ReasonIn],
        caller: NamedDependency[SignedIn],
    ) -> Response[bytes]:
        """Decline what your own report was asked for; it goes back to be shared out."""
        declined = await actions.decline(
            objective,
            contribution,
            reason=data.reason,
            caller=caller,
            now=settings().clock(),
        )
        return await done(declined, caller)

    @post(
        "/contributions/{contribution:uuid}/departure",
        operation_id="leaveObjective",
        summary="Take a contributor off",
        security=person(),
        responses=STANDS,
        opt={"refuses": (WrongStage, NotYours, WrongContributionState)},
    )
    async def leave(
        self,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        data: JSONBody[ReasonIn],
        caller: NamedDependency[SignedIn],
    ) -> Response[bytes]:
        """Take your own report off, where the ownership model lets partners leave."""
        left = await actions.leave(
            objective,
            contribution,
            reason=data.reason,
            caller=caller,
            now=settings().clock(),
        )
        return await done(left, caller)
