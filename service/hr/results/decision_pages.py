"""Pages of the decision on a score: read it, or make it. They only declare.

The law: a named human decides; the score itself is on no form.
"""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import NotAllowed, Refusal
from service.hr import wording
from service.hr.results.deciding import Decided, unchanged_since
from service.hr.results.deciding import read as decided
from service.hr.results.forms import DECIDES, LONGEST, DecisionForm, whole
from service.scores.deciding import actions
from service.scores.deciding.presenting import decisions_out
from service.scores.deciding.schemas import DecisionOut
from service.settings import settings
from service.web.forms import Filled, read, started
from service.web.language import say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]


class DecisionPages(Controller):
    """What the line manager makes of a score."""

    path = "/records/{record:uuid}/decision"

    @get(security=signed_in(), **PAGE)
    async def decision(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[str]:
        """Show every decision, and the form to whoever may decide."""
        return await _drawn(request, await _read(request, caller, record), None)

    @post(security=signed_in(), **PAGE)
    async def decide(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[str]:
        """Accept, amend or reject the score as evidence."""
        filled = whole(await read(request, DecisionForm, DECIDES))
        found = await _read(request, caller, record)
        if filled.form is not None:
            try:
                await actions.decide(
                    found.case.fact.id,
                    filled.form.decision(),
                    check=unchanged_since(filled.form.version),
                    caller=caller,
                    now=settings().clock(),
                )
                return see_other(f"/records/{record}/decision?done=decided")
            except NotAllowed:
                raise
            except Refusal as refusal:
                filled = filled.refused(refusal)
        return await _drawn(request, found, filled)


async def _read(request: AnyRequest, caller: SignedIn, record: UUID) -> Decided:
    return await decided(
        record,
        "score_decision",
        caller=caller,
        issuer=request.app.state.issuer,
        now=settings().clock(),
    )


async def _drawn(
    request: AnyRequest, found: Decided, filled: Filled[DecisionForm] | None
) -> Response[str]:
    shown = await decisions_out(found.case)
    return page(
        request,
        "results/decision.html",
        title=say("Decision on the score of %(name)s", name=found.name),
        status=UNPROCESSABLE if filled is not None and filled.errors else 200,
        filled=filled or _before(shown.decision),
        found=found,
        shown=shown,
        form_of=found.decides and not found.case.fact.stance.under_appeal,
        figure=wording.in_words(found.score) if found.score else None,
        done=request.query_params.get("done"),
        words=wording,
        most=LONGEST,
    )


def _before(standing: DecisionOut | None) -> Filled[DecisionForm]:
    """Return the form with the decision that stands."""
    if standing is None:
        return started()
    judged = standing.judgement
    return started(
        outcome=standing.outcome,
        reason=standing.reason,
        band=judged and judged.band,
        note=judged and judged.note,
    )
