"""Where a request for a page goes on: by its own cursor, and by the next one.

The law: a cursor is of use to whom and for what it was given, whichever route asks.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Request

from service.edge.paging import Bound, address, seal, unseal


def position_of(
    request: Request[Any, Any, Any], cursor: str | None, bound_to: Bound
) -> dict[str, Any] | None:
    """Return where a request goes on; None: it begins."""
    if cursor is None:
        return None
    return unseal(cursor, key=request.app.state.cursor_key, bound_to=bound_to)


def onwards(
    request: Request[Any, Any, Any], position: Mapping[str, Any], bound_to: Bound
) -> str:
    """Return the absolute address of a request's question, continued at a position."""
    state = request.app.state
    sealed = seal(position, key=state.cursor_key, bound_to=bound_to)
    asked = [*request.query_params.multi_items()]
    return address(state.issuer, request.scope["path"], asked, sealed)
