"""HTTP for HR systems: declare, delegate, present."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, Parameter

from service.auth.caller import Machine, Scope
from service.auth.guard import PUBLIC, machine
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
from service.edge.validation import MOMENT, Invalid
from service.errors import Fault, NotFound
from service.hr import actions
from service.hr.actions import Wanted
from service.hr.schemas import CollaborationScore, MethodOut, ScorePage
from service.scores.estimate import METHODS
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
Limit = Annotated[int, Parameter(ge=1, le=HIGHEST_LIMIT, description="Page size.")]
Cursor = Annotated[
    str | None, Parameter(description="From a page's `next`; opaque.", max_length=4096)
]
PAGE = {
    200: ResponseSpec(
        ScorePage, generate_examples=False, description="One page of scores."
    )
}
Caller = NamedDependency[Machine]
Asked = Request[Any, Any, Any]


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
    )
    async def all(
        self,
        request: Asked,
        caller: Caller,
        organisation: FromQuery[Organisation] = None,
        cycle: FromQuery[Cycle] = None,
        changed_since: FromQuery[Since] = None,
        limit: FromQuery[Limit] = USUAL_LIMIT,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[bytes]:
        """Return published scores in a stable order; follow `next` until it is null."""
        wanted = Wanted(organisation, cycle, None, _moment(changed_since))
        return await _page(request, caller, wanted, limit, cursor)

    @get(
        "/cycles/{cycle:uuid}/scores",
        operation_id="listScoresOfCycle",
        summary="List a cycle's scores",
        security=machine(Scope.SCORES_READ),
        responses=PAGE,
    )
    async def of_cycle(
        self,
        request: Asked,
        caller: Caller,
        cycle: FromPath[UUID],
        organisation: FromQuery[Organisation] = None,
        limit: FromQuery[Limit] = USUAL_LIMIT,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[bytes]:
        """Return the published scores of one cycle."""
        return await _page(request, caller, Wanted(organisation, cycle), limit, cursor)

    @get(
        "/people/{person:str}/scores",
        operation_id="listScoresOfPerson",
        summary="List a person's scores",
        security=machine(Scope.SCORES_READ),
        responses=PAGE,
    )
    async def of_person(
        self,
        request: Asked,
        caller: Caller,
        person: FromPath[
            Annotated[str, Parameter(description="An id, or source:external_id.")]
        ],
        organisation: FromQuery[Organisation] = None,
        limit: FromQuery[Limit] = USUAL_LIMIT,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[bytes]:
        """Return one person's published scores, of every cycle."""
        wanted = Wanted(organisation, None, person)
        return await _page(request, caller, wanted, limit, cursor)

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
    async def one(
        self, request: Asked, caller: Caller, score: FromPath[UUID]
    ) -> Response[bytes]:
        """Return one published score."""
        found = await actions.one(
            score,
            issuer=request.app.state.issuer,
            machine=caller,
            now=settings().clock(),
        )
        return unless_known(request, found.model_dump_json().encode())

    @get(
        "/methods/{name:str}/{version:int}",
        operation_id="getMethod",
        summary="Get a scoring method",
        security=PUBLIC,
    )
    async def method(self, name: FromPath[str], version: FromPath[int]) -> MethodOut:
        """Return a version of a scoring method, with its parameters and digest."""
        found = METHODS.get((name, version))
        if found is None:
            raise NotFound(f"No method {name} version {version}.")
        return MethodOut(
            name=found.name,
            version=found.version,
            digest=found.digest,
            parameters=dict(found.parameters),
        )


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
    request: Asked, caller: Machine, wanted: Wanted, limit: int, cursor: str | None
) -> Response[bytes]:
    state = request.app.state
    key: bytes = state.cursor_key
    bound = Bound(
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
    after = UUID(unseal(cursor, key=key, bound_to=bound)["after"]) if cursor else None
    scores, more = await actions.page(
        wanted,
        after=after,
        limit=limit,
        issuer=state.issuer,
        machine=caller,
        now=settings().clock(),
    )
    following = None
    if more:
        position = seal({"after": str(scores[-1].id)}, key=key, bound_to=bound)
        following = address(
            state.issuer,
            request.url.path,
            [*request.query_params.multi_items()],
            position,
        )
    page = ScorePage(items=scores, next=following)
    return unless_known(request, page.model_dump_json().encode(), headers=link(page))
