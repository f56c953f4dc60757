"""HTTP for what people are told: declare, delegate, present."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, Parameter

from service.auth.caller import SignedIn
from service.auth.guard import person
from service.edge.conditional import unless_known
from service.edge.paging import (
    HIGHEST_LIMIT,
    USUAL_LIMIT,
    Bound,
    link,
)
from service.edge.resuming import onwards, position_of
from service.jobs import actions, queries
from service.jobs.rules import Told
from service.jobs.schemas import NoticeOut, NoticePage
from service.settings import settings

Caller = NamedDependency[SignedIn]
Asked = Request[Any, Any, Any]
Unread = Annotated[bool, Parameter(description="Only what has not been read.")]
Limit = Annotated[int, Parameter(ge=1, le=HIGHEST_LIMIT, description="Page size.")]
Cursor = Annotated[
    str | None, Parameter(description="From a page's `next`; opaque.", max_length=4096)
]


class NoticeController(Controller):
    """What one has been told."""

    path = "/v1/notices"
    tags = ("Notices",)

    @get(
        operation_id="listNotices",
        summary="List one's notices",
        security=person(),
        responses={
            200: ResponseSpec(
                NoticePage, generate_examples=False, description="One page of notices."
            )
        },
    )
    async def own(
        self,
        request: Asked,
        caller: Caller,
        unread: FromQuery[Unread] = False,  # noqa: FBT002 - a query has no positions
        limit: FromQuery[Limit] = USUAL_LIMIT,
        cursor: FromQuery[Cursor] = None,
    ) -> Response[bytes]:
        """Return the caller's own notices, newest first."""
        bound = Bound(
            client=caller.key,
            organisations=frozenset([caller.organisation]),
            stream="notices",
            filter={"unread": str(unread)},
        )
        found = await queries.own(
            caller.id,
            caller.organisation,
            unread=unread,
            after=_place(position_of(request, cursor, bound)),
            limit=limit + 1,
        )
        shown, following = found[:limit], None
        if len(found) > limit:
            following = onwards(request, _position(shown[-1]), bound)
        page = NoticePage(items=[NoticeOut.of(each) for each in shown], next=following)
        return unless_known(
            request, page.model_dump_json().encode(), headers=link(page)
        )

    @put(
        "/{notice:uuid}/reading",
        operation_id="readNotice",
        summary="Mark a notice as read",
        security=person(),
    )
    async def read(self, caller: Caller, notice: FromPath[UUID]) -> NoticeOut:
        """Mark one of the caller's own notices as read; again changes nothing."""
        read = await actions.read(
            notice, caller.id, caller.organisation, settings().clock()
        )
        return NoticeOut.of(read)


def _position(last: Told) -> dict[str, str]:
    return {"at": last.created_at.isoformat(), "id": str(last.id)}


def _place(position: dict[str, str] | None) -> tuple[datetime, UUID] | None:
    if position is None:
        return None
    return datetime.fromisoformat(position["at"]), UUID(position["id"])
