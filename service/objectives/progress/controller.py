"""HTTP for milestones, statuses and dissents: declare, delegate, present."""

from typing import Any
from uuid import UUID, uuid4

from litestar import Controller, Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from service.access.rules import NotShared
from service.auth.caller import Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.db import transaction
from service.edge.conditional import require_match
from service.errors import PreconditionRequired, Stale
from service.objectives.progress import milestones, queries, statuses
from service.objectives.progress.rules import StatusNotCurrent, WrongMilestoneState
from service.objectives.progress.schemas import (
    DissentIn,
    DissentOut,
    MilestoneChangeIn,
    MilestoneIn,
    MilestoneOut,
    ProgressVersionOut,
    StatusIn,
    StatusOut,
)
from service.objectives.progress.showing import (
    looked_into,
    progress_seen,
    tagged,
    versions_seen,
)
from service.objectives.rules import NotYours
from service.objectives.stages import WrongStage
from service.settings import settings

Asked = Request[Any, Any, Any]
Caller = NamedDependency[SignedIn]
READ = [*machine(Scope.OBJECTIVES_READ), *person()]
WRITE = [*machine(Scope.OBJECTIVES_WRITE), *person()]
REPORTS = (NotShared, NotYours, WrongStage)


class ProgressController(Controller):
    """How an objective gets on, and what partners say beside it."""

    path = "/v1/objectives/{objective:uuid}"
    tags = ("Objectives",)

    @get(
        "/milestones",
        operation_id="listMilestones",
        summary="List an objective's milestones",
        security=READ,
    )
    async def milestones(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> list[MilestoneOut]:
        """Return every milestone, the first due first."""
        return (await progress_seen(objective, caller, "milestones")).milestones

    @post(
        "/milestones",
        operation_id="addMilestone",
        summary="Plan a milestone",
        security=WRITE,
        opt={"refuses": REPORTS},
    )
    async def add_milestone(
        self, objective: FromPath[UUID], data: JSONBody[MilestoneIn], caller: Anyone
    ) -> Response[MilestoneOut]:
        """Plan it, for the subject, their line manager, an owner or their HR system."""
        id_ = uuid4()
        async with transaction():
            now = settings().clock()
            await milestones.add_milestone(
                objective, data, id_=id_, caller=caller, now=now
            )
            seen = await progress_seen(objective, caller, "milestones")
        return tagged(seen.milestones, id_)

    @put(
        "/milestones/{milestone:uuid}",
        operation_id="changeMilestone",
        summary="Change a milestone, or move it on",
        security=WRITE,
        opt={"refuses": (*REPORTS, WrongMilestoneState, Stale, PreconditionRequired)},
    )
    async def change_milestone(
        self,
        request: Asked,
        objective: FromPath[UUID],
        milestone: FromPath[UUID],
        data: JSONBody[MilestoneChangeIn],
        caller: Anyone,
    ) -> Response[MilestoneOut]:
        """Change it, or say that it is met, which contributors may say as well.

        Send If-Match with its version. The same again changes nothing.
        """
        async with transaction():
            await milestones.change_milestone(
                objective,
                milestone,
                data,
                caller=caller,
                now=settings().clock(),
                checked=lambda version: require_match(request, version),
            )
            seen = await progress_seen(objective, caller, "milestones")
        return tagged(seen.milestones, milestone)

    @get(
        "/milestones/{milestone:uuid}/versions",
        operation_id="listMilestoneVersions",
        summary="List what a milestone has said",
        security=READ,
    )
    async def versions(
        self, objective: FromPath[UUID], milestone: FromPath[UUID], caller: Anyone
    ) -> list[ProgressVersionOut]:
        """Return every version: who stated it, when, and what changed."""
        return await versions_seen(objective, caller, "milestones", milestone=milestone)

    @get(
        "/statuses",
        operation_id="listStatuses",
        summary="List how an objective has been getting on",
        security=READ,
    )
    async def statuses(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> list[StatusOut]:
        """Return every status, the first one first; the last one is current."""
        async with looked_into(objective, caller, "statuses") as (_, _, sight):
            return await queries.statuses(objective, sight)

    @post(
        "/statuses",
        operation_id="reportStatus",
        summary="Report how an objective gets on",
        security=person(),
        opt={"refuses": REPORTS},
    )
    async def report(
        self, objective: FromPath[UUID], data: JSONBody[StatusIn], caller: Caller
    ) -> StatusOut:
        """Report the one status, as an accountable owner; earlier ones are kept."""
        async with transaction():
            now = settings().clock()
            await statuses.report(objective, data, id_=uuid4(), caller=caller, now=now)
            async with looked_into(objective, caller, "statuses") as (_, _, sight):
                return (await queries.statuses(objective, sight))[-1]

    @get(
        "/dissents",
        operation_id="listDissents",
        summary="List partners' dissents from an objective's statuses",
        security=READ,
    )
    async def dissents(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> list[DissentOut]:
        """Return every dissent in every wording, the first one first."""
        async with looked_into(objective, caller, "dissents") as (_, _, sight):
            return await queries.dissents(objective, sight)

    @post(
        "/dissents",
        operation_id="dissentFromStatus",
        summary="Dissent from the current status",
        security=person(),
        opt={"refuses": (*REPORTS, StatusNotCurrent)},
    )
    async def dissent(
        self, objective: FromPath[UUID], data: JSONBody[DissentIn], caller: Caller
    ) -> DissentOut:
        """Dissent as another organisation's contributor, or their line manager.

        Sent again it says so in other words; what was said before is kept.
        """
        id_ = uuid4()
        async with transaction():
            now = settings().clock()
            await statuses.dissent(objective, data, id_=id_, caller=caller, now=now)
            async with looked_into(objective, caller, "dissents") as (_, _, sight):
                found = await queries.dissents(objective, sight)
        return next(each for each in found if each.id == id_)
