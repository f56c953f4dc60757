"""HTTP for appeals against scores: declare, delegate, present."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody

from service.auth.caller import SignedIn
from service.auth.guard import person
from service.edge.conditional import require_match, version_tag
from service.errors import PreconditionRequired, Stale
from service.scores.deciding import actions, appealing, rules
from service.scores.deciding.presenting import appeals_out
from service.scores.deciding.schemas import AppealIn, AppealsOut, SettlementIn
from service.scores.deciding.stages import Step, WrongScoreStage
from service.settings import settings

Asked = Request[Any, Any, Any]
Caller = NamedDependency[SignedIn]
ENDS: Final = (rules.AppealOver, WrongScoreStage, Stale, PreconditionRequired)


def _stands(status: int) -> dict[int, ResponseSpec]:
    return {
        status: ResponseSpec(
            AppealsOut,
            generate_examples=False,
            description="Every appeal about the score, with its ETag.",
        )
    }


class AppealController(Controller):
    """Appeals against a score, or the decision on it."""

    path = "/v1/scores/{score:uuid}/appeals"
    tags = ("Scores",)

    @get(
        operation_id="listAppeals",
        summary="List the appeals about a score",
        security=person(),
        responses=_stands(200),
    )
    async def appeals(self, caller: Caller, score: FromPath[UUID]) -> Response[bytes]:
        """Return every appeal to the subject, and to whoever may decide or settle."""
        return await _shown(caller, score, settings().clock())

    @post(
        operation_id="appealAgainstScore",
        summary="Appeal against your score",
        security=person(),
        responses=_stands(201),
        opt={
            "refuses": (
                rules.NotYourAppeal,
                rules.NothingToAppeal,
                rules.AppealTooLate,
                rules.AppealedAlready,
                WrongScoreStage,
            )
        },
    )
    async def appeal(
        self,
        caller: Caller,
        score: FromPath[UUID],
        data: JSONBody[AppealIn],
    ) -> Response[bytes]:
        """Appeal against the decision on it, or, while there is none, against it.

        While the appeal is open the score says that it is under appeal, and nothing is
        decided anew.
        """
        now = settings().clock()
        await appealing.appeal(score, data.reason, new=uuid4(), caller=caller, now=now)
        return await _shown(caller, score, now, status=201)

    @post(
        "/{appeal:uuid}/settlement",
        operation_id="settleAppeal",
        summary="Settle an appeal",
        security=person(),
        responses=_stands(201),
        opt={"refuses": (rules.NotYoursToSettle, *ENDS)},
    )
    async def settle(
        self,
        request: Asked,
        caller: Caller,
        score: FromPath[UUID],
        appeal: FromPath[UUID],
        data: JSONBody[SettlementIn],
    ) -> Response[bytes]:
        """Uphold it, in whole or in part, or dismiss it, with a reason.

        A decision against which an appeal is upheld stands no more. If-Match says
        which version of the score you have read.
        """
        now = settings().clock()
        await appealing.settle(
            score,
            appeal,
            Step(data.outcome),
            data.reason,
            check=_matching(request),
            caller=caller,
            now=now,
        )
        return await _shown(caller, score, now, status=201)

    @post(
        "/{appeal:uuid}/withdrawal",
        operation_id="withdrawAppeal",
        summary="Withdraw your appeal",
        security=person(),
        responses=_stands(201),
        opt={"refuses": (rules.NotYourAppeal, *ENDS)},
    )
    async def withdraw(
        self,
        request: Asked,
        caller: Caller,
        score: FromPath[UUID],
        appeal: FromPath[UUID],
    ) -> Response[bytes]:
        """Withdraw it; you can appeal again while there is time.

        If-Match says which version of the score you have read.
        """
        now = settings().clock()
        await appealing.withdraw(
            score, appeal, check=_matching(request), caller=caller, now=now
        )
        return await _shown(caller, score, now, status=201)


def _matching(request: Asked) -> Callable[[int], None]:
    return lambda version: require_match(request, version)


async def _shown(
    caller: SignedIn, score: UUID, now: datetime, *, status: int = 200
) -> Response[bytes]:
    case = await actions.read(score, "score_appeals", caller=caller, now=now)
    found = await appeals_out(case)
    return Response(
        found.model_dump_json().encode(),
        status_code=status,
        media_type="application/json",
        headers={"ETag": version_tag(found.version)},
    )
