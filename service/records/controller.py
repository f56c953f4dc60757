"""HTTP for cycles and records: declare, delegate, present."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, Parameter

from service.audit.actions import disclose
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.changes.position import HandOver, carried, delta, handed_over
from service.changes.rules import Stream
from service.db.reach import EVERYONE, reach, within_reach
from service.edge.conditional import unless_known
from service.edge.formats import (
    LIMIT_MEANS,
    STREAMS,
    STRETCH,
    Format,
    Stretch,
    format_of,
    page_limit,
    streamed,
)
from service.edge.paging import (
    HIGHEST_LIMIT,
    Bound,
    link,
    link_to,
    unseal,
)
from service.edge.resuming import onwards
from service.errors import NotAcceptable
from service.records import queries
from service.records.presenting import HEADING, csv_line, record_out
from service.records.queries import RecordFact
from service.records.schemas import CycleOut, CyclePage, RecordPage
from service.records.whose import Whose, organisations_of, whose
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
Limit = Annotated[
    int | None, Parameter(ge=1, le=HIGHEST_LIMIT, description=LIMIT_MEANS)
]
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
        opt={STREAMS: True, "refuses": (NotAcceptable,)},
    )
    async def all(
        self,
        request: Asked,
        caller: Anyone,
        organisation: FromQuery[Organisation] = None,
        cycle: FromQuery[UUID | None] = None,
        limit: FromQuery[Limit] = None,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[Any]:
        """Return the records of a client's organisations' people, or of your own.

        To a person: their own, and those of the people they answer for; an HR
        administrator's organisation has theirs.
        """
        chosen = format_of(request)
        bound = Bound(
            client=caller.key,
            organisations=organisations_of(caller),
            stream="records",
            filter={"organisation": organisation, "cycle": str(cycle or "")},
        )
        at: dict[str, Any] = {}
        if cursor is not None:
            at = unseal(cursor, key=request.app.state.cursor_key, bound_to=bound)
        among = whose(caller, organisation, settings().clock().date())
        asked = _Asked(request, caller, among, cycle, bound)
        after = UUID(at["after"]) if at else None
        size = page_limit(chosen, limit)
        everything = organisation is None and cycle is None
        over = await handed_over(Stream.RECORDS, caller, at, whole=everything)
        if chosen is Format.JSON:
            found, last = await asked.read(after, size or STRETCH)
            return _page(asked, found, last, over)
        return await streamed(
            chosen,
            asked.reading(LINES[chosen], after, size or STRETCH),
            heading=HEADING if chosen is Format.CSV else b"",
            whole=size is None,
            link=lambda then: link_to(asked.following(then, over)),
        )


def _ndjson_line(fact: RecordFact) -> bytes:
    return record_out(fact).model_dump_json().encode() + b"\n"


Line = Callable[[RecordFact], bytes]
LINES: Final = {Format.NDJSON: _ndjson_line, Format.CSV: csv_line}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question for a collection of records."""

    request: Asked
    caller: Machine | SignedIn
    among: Whose
    cycle: UUID | None
    bound: Bound

    async def read(
        self, after: UUID | None, limit: int
    ) -> tuple[Sequence[RecordFact], UUID | None]:
        """Return up to `limit` records, and the last one's id if more follow."""
        among = self.among
        with within_reach(reach() if among.seen_by is None else EVERYONE):
            found = await queries.records(
                among.organisations,
                seen_by=among.seen_by,
                cycle=self.cycle,
                after=after,
                limit=limit + 1,
            )
            shown = found[:limit]
            await _disclose(self.caller, shown)
        return shown, shown[-1].id if len(found) > limit else None

    def reading(
        self, line: Line, start: UUID | None, limit: int
    ) -> Callable[[UUID | None], Awaitable[Stretch[UUID]]]:
        """Return what reads the stretch that begins at a position."""

        async def read(after: UUID | None) -> Stretch[UUID]:
            found, last = await self.read(after or start, limit)
            return Stretch(b"".join(map(line, found)), last)

        return read

    def following(self, last: UUID, over: HandOver | None) -> str:
        """Return the address of the page after a record."""
        position = {"after": str(last), **carried(over)}
        return onwards(self.request, position, self.bound)


def _page(
    asked: _Asked,
    found: Sequence[RecordFact],
    last: UUID | None,
    over: HandOver | None,
) -> Response[bytes]:
    """Answer with what was found, and where the rest is."""
    state = asked.request.app.state
    following = None if last is None else asked.following(last, over)
    changes = None
    if following is None:
        changes = delta(over, issuer=state.issuer, key=state.cursor_key)
    page = RecordPage(
        items=[record_out(fact) for fact in found], next=following, delta=changes
    )
    return unless_known(
        asked.request,
        page.model_dump_json().encode(),
        headers={**link(page), "Vary": "Accept"},
    )


async def _disclose(caller: Machine | SignedIn, facts: Sequence[RecordFact]) -> None:
    if facts and isinstance(caller, Machine):
        people = [fact.person for fact in facts]
        now = settings().clock()
        await disclose(caller, "records", people, now=now, purpose=PURPOSE)
