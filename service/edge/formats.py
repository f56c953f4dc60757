"""In which format a collection is answered: JSON by pages, NDJSON and CSV as streams.

The law: a stream is read a stretch at a time, each in a transaction of its own that is
over before its rows are sent; so a slow reader holds no connection, and memory stays
the same however long the stream is.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from service.edge.conditional import ANYTHING
from service.edge.paging import USUAL_LIMIT
from service.errors import NotAcceptable

FILES: Final = "files"
"""Names, in a route's `opt`, of which types the file is that it gives."""
STREAMS: Final = "streams"
"""Names, in a route's `opt`, that its collection comes in every format."""
STRETCH: Final = 2_000
"""Rows of a stream that are read at a time: some megabytes."""
LIMIT_MEANS: Final = (
    f"Page size; {USUAL_LIMIT} of JSON if left out, where NDJSON and CSV give all rows."
)

Position = TypeVar("Position")


class Format(StrEnum):
    """A format, by its media type."""

    JSON = "application/json"
    NDJSON = "application/x-ndjson"
    CSV = "text/csv"


@dataclass(frozen=True, slots=True)
class Stretch(Generic[Position]):
    """Some rows as they are sent, and where the rest begins, if more follow."""

    body: bytes
    then: Position | None


def format_of(request: Request[Any, Any, Any]) -> Format:
    """Return the format that a caller prefers: JSON unless they say otherwise."""
    if request.headers.get("accept", ANYTHING) == ANYTHING:
        return Format.JSON
    found = request.accept.best_match([*Format])
    if found is None:
        raise NotAcceptable(f"Accept {', '.join(Format)}: there is nothing else.")
    return Format(found)


def page_limit(wanted: Format, limit: int | None) -> int | None:
    """Return how many rows to answer with at most; None: all of them, as a stream."""
    if limit is None and wanted is Format.JSON:
        return USUAL_LIMIT
    return limit


async def streamed(
    wanted: Format,
    read: Callable[[Position | None], Awaitable[Stretch[Position]]],
    *,
    heading: bytes = b"",
    whole: bool,
    link: Callable[[Position], Mapping[str, str]],
) -> Response[Any]:
    """Answer with rows as they are read; the first are read before anything is sent.

    `read` gives the stretch that begins at a position. Not `whole`, only the first is
    sent, and `link` says where the next begins.
    """
    first = await read(None)
    headers = {"Vary": "Accept"}
    if first.then is not None and not whole:
        headers.update(link(first.then))

    async def rows() -> AsyncIterator[bytes]:
        if heading:
            yield heading
        stretch = first
        yield stretch.body
        while whole and stretch.then is not None:
            stretch = await read(stretch.then)
            yield stretch.body

    return Stream(rows(), media_type=wanted.value, headers=headers)


def offer_formats(handler: HTTPRouteHandler, operation: dict[str, Any]) -> None:
    """State in the OpenAPI document the formats of a collection, or of a file."""
    for kind in handler.opt.get(FILES, ()):
        of_file = operation["responses"]["200"]["content"]
        of_file[kind] = {"schema": {"type": "string", "format": "binary"}}
    if not handler.opt.get(STREAMS):
        return
    content = operation["responses"]["200"]["content"]
    content[Format.NDJSON.value] = {
        "schema": {"type": "string", "description": "One item of `items` a line."}
    }
    content[Format.CSV.value] = {
        "schema": {
            "type": "string",
            "description": "A line of names, then one item a line; an object's members"
            " follow its name, as in `person_id`. An apostrophe stands before words"
            " that would begin a formula, and before those that begin with one.",
        }
    }
