"""Where mails and notices of a score lead: to the page of its record.

The law: for whom there is no decision to make, read or settle there is no score.
"""

from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.hr.results.deciding import record_of
from service.settings import settings
from service.web.pages import PAGE, see_other

Caller = NamedDependency[SignedIn]


class ScorePages(Controller):
    """A score is shown on its record; a notice knows the score alone."""

    path = "/scores/{score:uuid}"

    @get("/decision", security=signed_in(), **PAGE)
    async def decision(self, caller: Caller, score: FromPath[UUID]) -> Response[str]:
        """Lead to the decision on a score."""
        return see_other(f"/records/{await _record(caller, score)}/decision")

    @get("/appeal", security=signed_in(), **PAGE)
    async def appeal(self, caller: Caller, score: FromPath[UUID]) -> Response[str]:
        """Lead to the appeals about a score."""
        return see_other(f"/records/{await _record(caller, score)}/appeal")


async def _record(caller: SignedIn, score: UUID) -> UUID:
    return await record_of(score, caller=caller, now=settings().clock())
