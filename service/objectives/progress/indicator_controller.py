"""HTTP for indicators and their readings: declare, delegate, present."""

from typing import Any
from uuid import UUID, uuid4

from litestar import Controller, Request, Response, get, post, put
from litestar.params import FromPath, JSONBody

from service.access.rules import NotShared
from service.auth.caller import Scope
from service.auth.guard import Anyone, machine, person
from service.db import transaction
from service.edge.conditional import require_match
from service.errors import PreconditionRequired, Stale
from service.objectives.measuring import BadIndicator, BadReading
from service.objectives.progress import indicators, queries
from service.objectives.progress.rules import CorrectedAlready
from service.objectives.progress.schemas import (
    IndicatorIn,
    IndicatorOut,
    ProgressVersionOut,
    ReadingIn,
    ReadingOut,
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
READ = [*machine(Scope.OBJECTIVES_READ), *person()]
WRITE = [*machine(Scope.OBJECTIVES_WRITE), *person()]
REPORTS = (NotShared, NotYours, WrongStage)
PLANS = (*REPORTS, BadIndicator)


class IndicatorController(Controller):
    """What is measured of an objective, and what it stood at."""

    path = "/v1/objectives/{objective:uuid}/indicators"
    tags = ("Objectives",)

    @get(
        operation_id="listIndicators",
        summary="List an objective's indicators",
        security=READ,
    )
    async def indicators(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> list[IndicatorOut]:
        """Return every indicator with its last reading, its trend and its progress."""
        return (await progress_seen(objective, caller, "indicators")).indicators

    @post(
        operation_id="addIndicator",
        summary="Add an indicator",
        security=WRITE,
        opt={"refuses": PLANS},
    )
    async def add(
        self, objective: FromPath[UUID], data: JSONBody[IndicatorIn], caller: Anyone
    ) -> Response[IndicatorOut]:
        """Add it, for the subject, their line manager, an owner or their HR system."""
        id_ = uuid4()
        async with transaction():
            now = settings().clock()
            await indicators.add_indicator(
                objective, data, id_=id_, caller=caller, now=now
            )
            seen = await progress_seen(objective, caller, "indicators")
        return tagged(seen.indicators, id_)

    @put(
        "/{indicator:uuid}",
        operation_id="changeIndicator",
        summary="Change an indicator",
        security=WRITE,
        opt={"refuses": (*PLANS, Stale, PreconditionRequired)},
    )
    async def change(
        self,
        request: Asked,
        objective: FromPath[UUID],
        indicator: FromPath[UUID],
        data: JSONBody[IndicatorIn],
        caller: Anyone,
    ) -> Response[IndicatorOut]:
        """Move its target, or say something else of it; nobody has to agree.

        Send If-Match with its version. The same again changes nothing.
        """
        async with transaction():
            await indicators.change_indicator(
                objective,
                indicator,
                data,
                caller=caller,
                now=settings().clock(),
                checked=lambda version: require_match(request, version),
            )
            seen = await progress_seen(objective, caller, "indicators")
        return tagged(seen.indicators, indicator)

    @get(
        "/{indicator:uuid}/versions",
        operation_id="listIndicatorVersions",
        summary="List what an indicator has said",
        security=READ,
    )
    async def versions(
        self, objective: FromPath[UUID], indicator: FromPath[UUID], caller: Anyone
    ) -> list[ProgressVersionOut]:
        """Return every version: what its target was, who moved it, and when."""
        return await versions_seen(objective, caller, "indicators", indicator=indicator)

    @get(
        "/{indicator:uuid}/readings",
        operation_id="listReadings",
        summary="List an indicator's readings",
        security=READ,
    )
    async def readings(
        self, objective: FromPath[UUID], indicator: FromPath[UUID], caller: Anyone
    ) -> list[ReadingOut]:
        """Return every reading, those that were corrected too, in order of coming."""
        async with looked_into(objective, caller, "indicators") as (_, _, sight):
            return await queries.readings(objective, indicator, sight)

    @post(
        "/{indicator:uuid}/readings",
        operation_id="addReading",
        summary="Add a reading",
        security=WRITE,
        opt={"refuses": (*REPORTS, BadReading, CorrectedAlready)},
    )
    async def read(
        self,
        objective: FromPath[UUID],
        indicator: FromPath[UUID],
        data: JSONBody[ReadingIn],
        caller: Anyone,
    ) -> ReadingOut:
        """Add what it stood at on a day; a correction names what it corrects."""
        id_ = uuid4()
        async with transaction():
            await indicators.add_reading(
                objective,
                indicator,
                data,
                id_=id_,
                caller=caller,
                now=settings().clock(),
            )
            async with looked_into(objective, caller, "indicators") as (_, _, sight):
                found = await queries.readings(objective, indicator, sight)
        return next(each for each in found if each.id == id_)
