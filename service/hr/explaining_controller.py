"""HTTP for how a score came about: declare, delegate, present.

The law: its subject and their line manager read the lines, an HR system only what is
needed to judge the figure it holds, and to everybody else there is no such score.
"""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, get
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, Parameter

from service.auth.caller import Machine, Scope
from service.auth.guard import Anyone, machine, person
from service.edge.conditional import unless_known
from service.feedback.form.items import Language
from service.hr import explaining
from service.hr.explaining_schemas import ExplanationOut, Grounds, GroundsOut
from service.scores.sentences.data import ChangedSentences
from service.settings import settings

Said = Annotated[Language, Parameter(description="Of the sentences: `en` or `cy`.")]


class ExplanationController(Controller):
    """How scores came about."""

    path = "/v1/scores/{score:uuid}/explanation"
    tags = ("Scores",)

    @get(
        operation_id="getExplanation",
        summary="Get the explanation of a score",
        security=[*machine(Scope.SCORES_READ), *person()],
        responses={
            200: ResponseSpec(
                ExplanationOut | GroundsOut,  # type: ignore[arg-type]  # a union is documented too
                generate_examples=False,
                description="To its subject and their line manager with lines and"
                " sentences; to an HR system without them.",
            )
        },
        opt={"refuses": (ChangedSentences,)},
    )
    async def one(
        self,
        request: Request[Any, Any, Any],
        caller: Anyone,
        score: FromPath[UUID],
        language: FromQuery[Said] = Language.ENGLISH,
    ) -> Response[bytes]:
        """Return how a published score came about.

        Its subject and their line manager read the lines that add up to it, in figures
        and sentences; an HR system reads method, interval, bands and coverage.
        """
        issuer: str = request.app.state.issuer
        now = settings().clock()
        found: Grounds
        if isinstance(caller, Machine):
            found = await explaining.grounds(
                score, issuer=issuer, machine=caller, now=now
            )
        else:
            found = await explaining.explanation(
                score, language, issuer=issuer, caller=caller, now=now
            )
        return unless_known(request, found.model_dump_json().encode())
