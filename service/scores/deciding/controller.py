"""HTTP for decisions on scores: declare, delegate, present.

The law: people alone decide. No machine's token opens a route here.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody

from service.auth.caller import SignedIn
from service.auth.guard import person
from service.edge.conditional import require_match, version_tag
from service.errors import PreconditionRequired, Stale
from service.scores.deciding import actions, rules
from service.scores.deciding.presenting import decisions_out
from service.scores.deciding.schemas import DecisionIn, DecisionsOut
from service.scores.deciding.stages import WrongScoreStage
from service.settings import settings

Asked = Request[Any, Any, Any]
Caller = NamedDependency[SignedIn]
STANDS = {
    200: ResponseSpec(
        DecisionsOut,
        generate_examples=False,
        description="What was made of the score, with its ETag.",
    )
}


class DecisionController(Controller):
    """What a line manager makes of a score."""

    path = "/v1/scores/{score:uuid}/decision"
    tags = ("Scores",)

    @get(
        operation_id="getDecision",
        summary="Read what was decided on a score",
        security=person(),
        responses=STANDS,
    )
    async def decision(self, caller: Caller, score: FromPath[UUID]) -> Response[bytes]:
        """Return every decision to the subject, and to whoever may decide or settle.

        The decision that stands is the one that counts; without one nothing is final.
        """
        return await _shown(caller, score, settings().clock())

    @put(
        operation_id="decideOnScore",
        summary="Decide on a score",
        security=person(),
        responses=STANDS,
        opt={
            "refuses": (
                rules.NotYourDecision,
                rules.NothingToDecide,
                WrongScoreStage,
                Stale,
                PreconditionRequired,
            )
        },
    )
    async def decide(
        self,
        request: Asked,
        caller: Caller,
        score: FromPath[UUID],
        data: JSONBody[DecisionIn],
    ) -> Response[bytes]:
        """Accept, amend or reject it as evidence, as the subject's line manager.

        If-Match says which version of the score you have read. You may decide again;
        what you decided before is kept. The score itself stays as it was published.
        """
        now = settings().clock()
        await actions.decide(
            score,
            data,
            check=lambda version: require_match(request, version),
            caller=caller,
            now=now,
        )
        return await _shown(caller, score, now)


async def _shown(caller: SignedIn, score: UUID, now: datetime) -> Response[bytes]:
    case = await actions.read(score, "score_decision", caller=caller, now=now)
    found = await decisions_out(case)
    return Response(
        found.model_dump_json().encode(),
        media_type="application/json",
        headers={"ETag": version_tag(found.version)},
    )
