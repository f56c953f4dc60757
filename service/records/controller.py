"""HTTP for cycles and records: declare, delegate, present."""

import json
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, Parameter

from service.audit.actions import disclose
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.db.reach import EVERYONE, reach, within_reach
from service.edge.conditional import unless_known
from service.edge.paging import (
    HIGHEST_LIMIT,
    USUAL_LIMIT,
    Bound,
    address,
    link,
    seal,
    unseal,
)
from service.records import queries
from service.records.presenting import record_out
from service.records.queries import RecordFact
from service.records.schemas import CycleOut, CyclePage, RecordPage
from service.records.whose import organisations_of, whose
from service.settings import settings

Asked = Request[Any, Any, Any]
Caller = NamedDependency[Machine]
Organisation = Annotated[
    str | None,
    Parameter(description="Code of one of the client's organisations."),
]
RecordName = Annotated[
    str, Parameter(description="The record's id, or source:external_record_id.")
]
Limit = Annotated[int, Parameter(ge=1, le=HIGHEST_LIMIT)]
Cursor = Annotated[str | None, Parameter(max_length=4096)]
PURPOSE = "appraisal record"


class CycleController(Controller):
    """Appraisal years."""

    path = "/v1/cycles"
    tags = ("Cycles",)

    @get(
        operation_id="listCycles",
        summary="List cycles",
        security=[*machine(Scope.CYCLES_READ), *person()],
    )
    async def all(self, caller: Anyone) -> CyclePage:
        """Return the cycles that the caller's organisations take part in."""
        found = await queries.cycles(organisations_of(caller))
        return CyclePage(items=[_cycle(row) for row in found])

    @get(
        "/{cycle:uuid}",
        operation_id="getCycle",
        summary="Get a cycle",
        security=[*machine(Scope.CYCLES_READ), *person()],
    )
    async def one(self, caller: Anyone, cycle: FromPath[UUID]) -> CycleOut:
        """Return one cycle that the caller's organisations take part in."""
        return _cycle(await queries.cycle_of(cycle, organisations_of(caller)))


def _cycle(row: dict[str, Any]) -> CycleOut:
    return CycleOut.model_validate(
        {name: row[name] for name in CycleOut.model_fields}
        | {"stages": json.loads(row["stages"])}
    )


class RecordController(Controller):
    """Appraisal records, attached to HR systems' own."""

    path = "/v1/records"
    tags = ("Records",)

    @get(
        operation_id="listRecords",
        summary="List records",
        security=[*machine(Scope.RECORDS_READ), *person()],
        responses={
            200: ResponseSpec(
                RecordPage, generate_examples=False, description="One page of records."
            )
        },
    )
    async def all(
        self,
        request: Asked,
        caller: Anyone,
        organisation: FromQuery[Organisation] = None,
        cycle: FromQuery[UUID | None] = None,
        limit: FromQuery[Limit] = USUAL_LIMIT,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[bytes]:
        """Return the records of a client's organisations' people, or of your own.

        To a person: their own, and those of the people they answer for; an HR
        administrator's organisation has theirs.
        """
        bound = Bound(
            client=caller.key,
            organisations=organisations_of(caller),
            stream="records",
            filter={"organisation": organisation, "cycle": str(cycle or "")},
        )
        key: bytes = request.app.state.cursor_key
        after = (
            UUID(unseal(cursor, key=key, bound_to=bound)["after"]) if cursor else None
        )
        among = whose(caller, organisation, settings().clock().date())
        with within_reach(reach() if among.seen_by is None else EVERYONE):
            found = await queries.records(
                among.organisations,
                seen_by=among.seen_by,
                cycle=cycle,
                after=after,
                limit=limit + 1,
            )
            await _disclose(caller, found[:limit])
        return _page(request, found, limit, bound)


def _page(
    request: Asked, found: Sequence[RecordFact], limit: int, bound: Bound
) -> Response[bytes]:
    """Answer with up to `limit` of what was found, and where the rest is."""
    state = request.app.state
    shown = found[:limit]
    following = None
    if len(found) > limit:
        after = {"after": str(shown[-1].id)}
        position = seal(after, key=state.cursor_key, bound_to=bound)
        asked = [*request.query_params.multi_items()]
        following = address(state.issuer, request.url.path, asked, position)
    page = RecordPage(items=[record_out(fact) for fact in shown], next=following)
    return unless_known(request, page.model_dump_json().encode(), headers=link(page))


async def _disclose(caller: Machine | SignedIn, facts: Sequence[RecordFact]) -> None:
    if facts and isinstance(caller, Machine):
        people = [fact.person for fact in facts]
        now = settings().clock()
        await disclose(caller, "records", people, now=now, purpose=PURPOSE)
