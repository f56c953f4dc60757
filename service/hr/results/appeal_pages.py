"""Pages of appeals: make one, withdraw it, settle it. They only declare."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID, uuid4

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import NotAllowed, Refusal
from service.hr import wording
from service.hr.results.deciding import Decided, unchanged_since
from service.hr.results.deciding import read as decided
from service.hr.results.forms import (
    APPEALS,
    LONGEST,
    SETTLES,
    AppealForm,
    SettlementForm,
    VersionForm,
)
from service.scores.deciding import appealing
from service.scores.deciding.actions import appealable_until
from service.scores.deciding.presenting import appeals_out
from service.scores.deciding.stages import Step
from service.settings import settings
from service.web.forms import Filled, Form, read
from service.web.language import say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other
from service.web.waiting import by

Caller = NamedDependency[SignedIn]
F = TypeVar("F", bound=Form)


class AppealPages(Controller):
    """Appeals against a score, or the decision on it."""

    path = "/records/{record:uuid}/appeal"

    @get(security=signed_in(), **PAGE)
    async def appeals(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[str]:
        """Show every appeal, and the form of what whoever looks may do."""
        return await _drawn(request, await _read(request, caller, record), None)

    @post(security=signed_in(), **PAGE)
    async def appeal(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[str]:
        """Appeal, as the subject."""
        filled = await read(request, AppealForm, APPEALS)

        async def act(found: Decided, form: AppealForm) -> None:
            now = settings().clock()
            await appealing.appeal(
                found.case.fact.id, form.reason, new=uuid4(), caller=caller, now=now
            )

        return await _acted(request, caller, record, filled, act, "appealed")

    @post("/{appeal:uuid}/withdrawal", security=signed_in(), **PAGE)
    async def withdraw(
        self,
        request: AnyRequest,
        caller: Caller,
        record: FromPath[UUID],
        appeal: FromPath[UUID],
    ) -> Response[str]:
        """Withdraw one's own appeal."""
        filled = await read(request, VersionForm)

        async def act(found: Decided, form: VersionForm) -> None:
            await appealing.withdraw(
                found.case.fact.id,
                appeal,
                check=unchanged_since(form.version),
                caller=caller,
                now=settings().clock(),
            )

        return await _acted(request, caller, record, filled, act, "withdrawn")

    @post("/{appeal:uuid}/settlement", security=signed_in(), **PAGE)
    async def settle(
        self,
        request: AnyRequest,
        caller: Caller,
        record: FromPath[UUID],
        appeal: FromPath[UUID],
    ) -> Response[str]:
        """Uphold an appeal, in whole or in part, or dismiss it."""
        filled = await read(request, SettlementForm, SETTLES)

        async def act(found: Decided, form: SettlementForm) -> None:
            await appealing.settle(
                found.case.fact.id,
                appeal,
                Step(form.outcome),
                form.reason,
                check=unchanged_since(form.version),
                caller=caller,
                now=settings().clock(),
            )

        return await _acted(request, caller, record, filled, act, "settled")


async def _read(request: AnyRequest, caller: SignedIn, record: UUID) -> Decided:
    return await decided(
        record,
        "score_appeals",
        caller=caller,
        issuer=request.app.state.issuer,
        now=settings().clock(),
    )


async def _acted(
    request: AnyRequest,
    caller: SignedIn,
    record: UUID,
    filled: Filled[F],
    act: Callable[[Decided, F], Awaitable[None]],
    done: str,
) -> Response[str]:
    found = await _read(request, caller, record)
    if filled.form is not None:
        try:
            await act(found, filled.form)
            return see_other(f"/records/{record}/appeal?done={done}")
        except NotAllowed:
            raise
        except Refusal as refusal:
            filled = filled.refused(refusal)
    return await _drawn(request, found, filled)


async def _drawn(
    request: AnyRequest, found: Decided, filled: Filled[F] | None
) -> Response[str]:
    shown = await appeals_out(found.case)
    return page(
        request,
        "results/appeal.html",
        title=say("Appeals about the score of %(name)s", name=found.name),
        status=UNPROCESSABLE if filled is not None and filled.errors else 200,
        filled=filled,
        found=found,
        shown=shown,
        until=by(appealable_until(found.case)),
        by=by,
        done=request.query_params.get("done"),
        words=wording,
        most=LONGEST,
    )
