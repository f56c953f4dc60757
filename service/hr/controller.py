"""HTTP for HR systems: declare, delegate, present."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, get
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, Parameter

from service.auth.caller import Machine, Scope
from service.auth.guard import machine
from service.changes.position import HandOver, carried, delta, handed_over
from service.changes.rules import Stream
from service.edge.conditional import etag_of, unless_known
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
from service.edge.paging import HIGHEST_LIMIT, Bound, link_to
from service.edge.resuming import onwards, position_of
from service.edge.validation import MOMENT, Invalid
from service.errors import Fault, NotAcceptable
from service.hr import actions
from service.hr.actions import Wanted
from service.hr.queries import HEADING, Line, Written
from service.hr.schemas import CollaborationScore, ScorePage
from service.settings import settings

Organisation = Annotated[
    str | None,
    Parameter(description="Code of one of the client's organisations."),
]
Cycle = Annotated[UUID | None, Parameter(description="Only this cycle's scores.")]
RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)"
)
Since = Annotated[
    str | None,
    Parameter(
        description="Only scores changed at this instant or later, with its offset.",
        schema_extra={"format": "date-time"},
    ),
]
Limit = Annotated[
    int | None, Parameter(ge=1, le=HIGHEST_LIMIT, description=LIMIT_MEANS)
]
Cursor = Annotated[
    str | None, Parameter(description="From a page's `next`; opaque.", max_length=4096)
]
PAGE = {
    200: ResponseSpec(
        ScorePage, generate_examples=False, description="One page of scores."
    )
}
LISTED: Final = {STREAMS: True, "refuses": (NotAcceptable,)}
LINES: Final = {Format.NDJSON: Line.NDJSON, Format.CSV: Line.CSV}
WRITER: Final = json.JSONEncoder(separators=(",", ":"))
Asked = Request[Machine, Any, Any]
"""The caller is read from it: a dependency would cost every answer some time more."""


class ScoreController(Controller):
    """Scores of the client's organisations' people, once they are published."""

    path = "/v1"
    tags = ("Scores",)

    @get(
        "/scores",
        operation_id="listScores",
        summary="List scores",
        security=machine(Scope.SCORES_READ),
        responses=PAGE,
        opt=LISTED,
    )
    async def all(
        self,
        request: Asked,
        organisation: FromQuery[Organisation] = None,
        cycle: FromQuery[Cycle] = None,
        changed_since: FromQuery[Since] = None,
        limit: FromQuery[Limit] = None,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[Any]:
        """Return published scores in a stable order; follow `next` until it is null."""
        wanted = Wanted(organisation, cycle, None, _moment(changed_since))
        return await _page(request, wanted, limit, cursor)

    @get(
        "/cycles/{cycle:uuid}/scores",
        operation_id="listScoresOfCycle",
        summary="List a cycle's scores",
        security=machine(Scope.SCORES_READ),
        responses=PAGE,
        opt=LISTED,
    )
    async def of_cycle(
        self,
        request: Asked,
        cycle: FromPath[UUID],
        organisation: FromQuery[Organisation] = None,
        limit: FromQuery[Limit] = None,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[Any]:
        """Return the published scores of one cycle."""
        return await _page(request, Wanted(organisation, cycle), limit, cursor)

    @get(
        "/people/{person:str}/scores",
        operation_id="listScoresOfPerson",
        summary="List a person's scores",
        security=machine(Scope.SCORES_READ),
        responses=PAGE,
        opt=LISTED,
    )
    async def of_person(
        self,
        request: Asked,
        person: FromPath[
            Annotated[str, Parameter(description="An id, or source:external_id.")]
        ],
        organisation: FromQuery[Organisation] = None,
        limit: FromQuery[Limit] = None,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[Any]:
        """Return one person's published scores, of every cycle."""
        wanted = Wanted(organisation, None, person)
        return await _page(request, wanted, limit, cursor)

    @get(
        "/scores/{score:uuid}",
        operation_id="getScore",
        summary="Get a score",
        security=machine(Scope.SCORES_READ),
        responses={
            200: ResponseSpec(
                CollaborationScore, generate_examples=False, description="The score."
            )
        },
    )
    async def one(self, request: Asked, score: FromPath[UUID]) -> Response[bytes]:
        """Return one published score."""
        found = await actions.one(
            score,
            issuer=request.app.state.issuer,
            machine=request.user,
            now=settings().clock(),
        )
        return unless_known(request, found)


def _moment(text: str | None) -> datetime | None:
    """Read an instant with its offset; whatever else is sent is refused."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and RFC_3339.fullmatch(text):
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    fault = Fault(MOMENT, parameter="changed_since")
    raise Invalid("The instant could be several, or none.", faults=[fault])


async def _page(
    request: Asked,
    wanted: Wanted,
    limit: int | None,
    cursor: str | None,
) -> Response[Any]:
    caller = request.user
    chosen = format_of(request)
    asked = _Asked(request, caller, wanted, _bound(caller, wanted))
    at = position_of(request, cursor, asked.bound) or {}
    after = UUID(at["after"]) if at else None
    size = page_limit(chosen, limit)
    over = await handed_over(Stream.SCORES, caller, at, whole=wanted.everything)
    if chosen is Format.JSON:
        return await _json(asked, after, size or STRETCH, over)
    return await streamed(
        chosen,
        asked.reading(LINES[chosen], after, size or STRETCH),
        heading=HEADING if chosen is Format.CSV else b"",
        whole=size is None,
        link=lambda then: link_to(asked.following(then, over)),
    )


def _bound(caller: Machine, wanted: Wanted) -> Bound:
    return Bound(
        client=caller.client_id,
        organisations=caller.organisations,
        stream="scores",
        filter={
            "organisation": wanted.organisation,
            "cycle": str(wanted.cycle or ""),
            "person": wanted.person,
            "changed_since": str(wanted.changed_since or ""),
        },
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question for a collection of scores."""

    request: Asked
    caller: Machine
    wanted: Wanted
    bound: Bound

    async def read(self, line: Line, after: UUID | None, limit: int) -> Written:
        return await actions.page(
            self.wanted,
            line,
            after=after,
            limit=limit,
            issuer=self.request.app.state.issuer,
            machine=self.caller,
            now=settings().clock(),
        )

    def reading(
        self, line: Line, start: UUID | None, limit: int
    ) -> Callable[[UUID | None], Awaitable[Stretch[UUID]]]:
        """Return what reads the stretch that begins at a position."""

        async def read(after: UUID | None) -> Stretch[UUID]:
            found = await self.read(line, after or start, limit)
            return Stretch(found.body, found.last)

        return read

    def following(self, last: UUID, over: HandOver | None) -> str:
        """Return the address of the page after a score."""
        position = {"after": str(last), **carried(over)}
        return onwards(self.request, position, self.bound)


async def _json(
    asked: _Asked, after: UUID | None, limit: int, over: HandOver | None
) -> Response[bytes]:
    """Answer with one page of JSON: what `ScorePage` would write, written before."""
    found = await asked.read(Line.ITEM, after, limit)
    state = asked.request.app.state
    following = None if found.last is None else asked.following(found.last, over)
    changes = None
    if following is None:
        changes = delta(over, issuer=state.issuer, key=state.cursor_key)
    ends = WRITER.encode({"next": following, "delta": changes})
    body = b"".join((b'{"items":[', found.body, b"],", ends[1:].encode()))
    headers = {} if following is None else link_to(following)
    return unless_known(
        asked.request,
        body,
        etag=etag_of(found.digest + ends.encode()),
        headers={**headers, "Vary": "Accept"},
    )
