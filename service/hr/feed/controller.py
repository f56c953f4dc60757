"""HTTP for the change feed: declare, delegate, present."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromQuery, Parameter

from service.auth.caller import Machine, Scope
from service.auth.guard import MissingScope, machine
from service.auth.tokens import REALM
from service.changes.epoch import EpochNotRaised
from service.changes.position import PATH, address_of, bound
from service.changes.rules import Position, Stream
from service.edge.conditional import unless_known
from service.edge.paging import (
    HIGHEST_LIMIT,
    USUAL_LIMIT,
    BadCursor,
    link,
    unseal,
)
from service.hr.feed import actions
from service.hr.feed.actions import Told, Where
from service.hr.feed.rules import READS, ResyncRequired, RightsChanged
from service.hr.feed.schemas import FeedDigest, FeedPage
from service.settings import settings

Asked = Request[Any, Any, Any]
Caller = NamedDependency[Machine]
Wanted = Annotated[
    Stream,
    Parameter(description="What to follow; its own read scope is needed as well."),
]
Limit = Annotated[int, Parameter(ge=1, le=HIGHEST_LIMIT, description="Page size.")]
Cursor = Annotated[
    str | None,
    Parameter(
        description="From `next` or `delta`; opaque. Without it, a full pull begins.",
        max_length=4096,
    ),
]
REFUSES: Final = (BadCursor, MissingScope, RightsChanged, ResyncRequired)


class ChangeController(Controller):
    """What changes of the client's organisations, in the order it was committed."""

    path = PATH
    tags = ("Changes",)

    @get(
        operation_id="listChanges",
        summary="Follow what changes",
        security=machine(Scope.CHANGES_READ),
        opt={"refuses": (*REFUSES, EpochNotRaised)},
        responses={
            200: ResponseSpec(
                FeedPage, generate_examples=False, description="One page of changes."
            )
        },
    )
    async def all(
        self,
        request: Asked,
        caller: Caller,
        stream: FromQuery[Wanted],
        limit: FromQuery[Limit] = USUAL_LIMIT,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[bytes]:
        """Return changes after a cursor; without one, everything there is, first.

        Follow `next` until it is null, then keep `delta` and come back to it. Numbers
        are dense within an organisation: the next is always the last and one. A page
        holds what things are now, so it need not end where a transaction did; keep the
        greater version of each. 410 asks for a full pull.
        """
        _check_scope(stream, caller)
        state = request.app.state
        told = await actions.page(
            stream,
            _where(cursor, state.cursor_key, stream, caller),
            limit=limit,
            issuer=state.issuer,
            start=f"{state.issuer}{PATH}?stream={stream}",
            machine=caller,
            now=settings().clock(),
        )
        page = _page(request, told, stream, caller)
        return unless_known(
            request, page.model_dump_json().encode(), headers=link(page)
        )

    @get(
        "/digest",
        operation_id="getChangesDigest",
        summary="Check that nothing was missed",
        security=machine(Scope.CHANGES_READ),
        opt={"refuses": (MissingScope, RightsChanged, EpochNotRaised)},
        responses={
            200: ResponseSpec(
                FeedDigest, generate_examples=False, description="As it must be."
            )
        },
    )
    async def digest(
        self, request: Asked, caller: Caller, stream: FromQuery[Wanted]
    ) -> Response[bytes]:
        """Return the last number, the count and a hash of ids and versions.

        Compare them once you have followed to the same number.
        """
        _check_scope(stream, caller)
        found = await actions.digest(stream, machine=caller, now=settings().clock())
        return unless_known(request, found.model_dump_json().encode())


def _check_scope(stream: Stream, caller: Machine) -> None:
    """Refuse a token that may follow changes, but not read what this stream tells."""
    needed = READS[stream]
    if needed not in caller.scopes:
        raise MissingScope(
            f"The access token lacks {needed}: ask for a token with it, or have it"
            " added to the client's registration.",
            headers={
                "WWW-Authenticate": f'{REALM}, error="insufficient_scope",'
                f' scope="{Scope.CHANGES_READ} {needed}"'
            },
        )


def _where(
    cursor: str | None, key: bytes, stream: Stream, caller: Machine
) -> Where | None:
    if cursor is None:
        return None
    found = unseal(cursor, key=key, bound_to=bound(caller, stream))
    after = found.get("after")
    return Where(
        Position.of(found, caller.organisations),
        pulling=after is not None,
        after=(UUID(after[0]), after[1]) if after else None,
    )


def _page(request: Asked, told: Told, stream: Stream, caller: Machine) -> FeedPage:
    then, asked = told.then, request.query_params
    after = {"after": [str(then.after[0]), then.after[1]]} if then.after else {}
    onwards = address_of(
        then.at,
        stream,
        caller,
        issuer=request.app.state.issuer,
        key=request.app.state.cursor_key,
        asked=[(name, asked[name]) for name in ("stream", "limit") if name in asked],
        **after,
    )
    return FeedPage(
        items=[*told.items],
        next=onwards if told.more else None,
        delta=None if told.more else onwards,
        reached=dict(then.at.reached),
    )
