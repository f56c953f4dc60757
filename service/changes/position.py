"""How far whoever follows the feed has come: one number for each organisation.

The law: a position is read before what it stands for, so that what changes meanwhile is
told again and never missed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.auth.caller import Machine, Scope
from service.changes.epoch import EPOCH, EpochNotRaised, check_ours
from service.changes.rules import Position, Stream
from service.db import transaction
from service.edge.paging import Bound, address, seal

PATH: Final = "/v1/changes"
FORMAT: Final = "changes.1"
"""A cursor of another format is none of ours."""
HEADS: Final = f"""
SELECT asked.organisation, coalesce(h.sequence, 0) AS sequence, e.epoch, e.ours
FROM ({EPOCH}) AS e CROSS JOIN unnest($1::varchar[]) AS asked (organisation)
LEFT JOIN feed_head h ON h.organisation = asked.organisation AND h.stream = $2
"""  # noqa: S608 - our own


async def here(stream: Stream, organisations: Collection[str]) -> Position:
    """Return how far a stream has come; refused while the epoch must be raised."""
    async with transaction() as connection:
        rows = await connection.fetch(HEADS, sorted(organisations), stream)
    check_ours(ours=bool(rows) and rows[0]["ours"])
    return Position(
        rows[0]["epoch"], {row["organisation"]: row["sequence"] for row in rows}
    )


def bound(caller: Machine, stream: Stream) -> Bound:
    """Return what a cursor of the feed holds for."""
    return Bound(
        client=caller.client_id,
        organisations=caller.organisations,
        stream=f"{FORMAT}.{stream}",
        filter={},
    )


def address_of(
    position: Position,
    stream: Stream,
    caller: Machine,
    *,
    issuer: str,
    key: bytes,
    asked: Sequence[tuple[str, str]] = (),
    **more: object,
) -> str:
    """Return where to follow a stream from a position; `more` goes into the cursor."""
    cursor = seal(position.plain() | more, key=key, bound_to=bound(caller, stream))
    parameters = [*asked] or [("stream", stream.value)]
    return address(issuer, PATH, parameters, cursor)


@dataclass(frozen=True, slots=True)
class HandOver:
    """From where the reader of a whole collection goes on by the feed."""

    position: Position
    stream: Stream
    caller: Machine


async def handed_over(
    stream: Stream, caller: object, at: Mapping[str, Any], *, whole: bool
) -> HandOver | None:
    """Return from where a collection's reader goes on, or None.

    Call it before a page is read; `at` is what the page's cursor holds, nothing on the
    first, and goes on holding what is `carried`. Only who reads the `whole` of a
    collection, and may follow the feed, is handed over.
    """
    if not isinstance(caller, Machine) or Scope.CHANGES_READ not in caller.scopes:
        return None
    if at:
        head = at.get("head")
        if head is None:
            return None
        return HandOver(Position.of(head, caller.organisations), stream, caller)
    if not whole:
        return None
    try:
        return HandOver(await here(stream, caller.organisations), stream, caller)
    except EpochNotRaised:  # The collection itself is as good as ever.
        return None


def carried(over: HandOver | None) -> dict[str, Any]:
    """Return what the cursors of the collection hold from page to page."""
    return {} if over is None else {"head": over.position.plain()}


def delta(over: HandOver | None, *, issuer: str, key: bytes) -> str | None:
    """Return a last page's `delta`."""
    if over is None:
        return None
    return address_of(over.position, over.stream, over.caller, issuer=issuer, key=key)
