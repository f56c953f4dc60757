"""HTTP for views of consistency: declare, delegate, present."""

from typing import Final
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import person
from service.errors import NotFound
from service.scores.moderation import rules, views
from service.scores.moderation.rules import ViewKind
from service.scores.moderation.schemas import TakenOut, ViewIn, ViewOut, ViewsOut
from service.scores.moderation.views import ViewFact
from service.settings import settings

Caller = NamedDependency[SignedIn]
READS: Final = person(Role.AUDITOR, Role.CENTRAL_TEAM)


class ViewController(Controller):
    """How judgements are distributed, with what is too small suppressed."""

    path = "/v1/cycles/{cycle:uuid}/consistency-views"
    tags = ("Moderation",)

    @get(
        operation_id="listConsistencyViews",
        summary="List the views of a cycle",
        security=READS,
    )
    async def all(self, caller: Caller, cycle: FromPath[UUID]) -> ViewsOut:
        """Return which views your organisation's central team took, and when."""
        now = settings().clock()
        found = await views.taken(cycle, caller=caller, now=now)
        return ViewsOut(items=[TakenOut(kind=k, taken_at=at) for k, at in found])

    @post(
        operation_id="takeConsistencyView",
        summary="Take a view of consistency",
        security=person(Role.CENTRAL_TEAM),
        opt={"refuses": (NotFound, rules.NotNow, rules.NoScale, rules.ViewTaken)},
    )
    async def take(
        self, caller: Caller, cycle: FromPath[UUID], data: JSONBody[ViewIn]
    ) -> ViewOut:
        """Take it once in its stage, of the organisations that share with yours.

        It is no moderation: it names nobody, and nothing follows from it by itself.
        """
        now = settings().clock()
        return _view(await views.take(cycle, data.kind, caller=caller, now=now))

    @get(
        "/{kind:str}",
        operation_id="getConsistencyView",
        summary="Read a view of consistency",
        security=READS,
    )
    async def one(
        self, caller: Caller, cycle: FromPath[UUID], kind: FromPath[ViewKind]
    ) -> ViewOut:
        """Return it as it was taken, whatever has changed since."""
        now = settings().clock()
        return _view(await views.read(cycle, kind, caller=caller, now=now))


def _view(found: ViewFact) -> ViewOut:
    return ViewOut(kind=found.kind, taken_at=found.taken_at, **found.shown)
