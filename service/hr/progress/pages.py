"""The page on which HR administrators see how far appraisals have come."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import NotFound
from service.hr.progress.queries import by_unit, standings
from service.records.queries import cycles
from service.settings import settings
from service.web.language import say
from service.web.pages import PAGE, AnyRequest, page

ADMINISTRATOR: Final = signed_in(Role.HR_ADMINISTRATOR)
NO_UNIT: Final = "-"
"""Stands in an address for those whose unit nobody knows."""


@get("/hr/progress", security=ADMINISTRATOR, **PAGE)
async def progress(
    request: AnyRequest,
    caller: NamedDependency[SignedIn],
    cycle: FromQuery[UUID | None] = None,
    unit: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show a cycle by unit, or one unit record by record."""
    found = await cycles([caller.organisation])
    asked = [each for each in found if cycle in {None, each["id"]}]
    if cycle is not None and not asked:
        raise NotFound(f"No cycle {cycle}.")
    chosen = asked[-1] if asked else None
    day = settings().clock().date()
    there = await standings(caller.organisation, chosen["id"], day) if chosen else []
    return page(
        request,
        "hr/progress.html",
        title=say("Progress"),
        cycles=found,
        chosen=chosen,
        units=by_unit(there),
        no_unit=NO_UNIT,
        unit=unit,
        records=[each for each in there if (each.unit or NO_UNIT) == unit],
    )
