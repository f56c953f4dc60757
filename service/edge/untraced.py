"""Routes whose use leaves no trace that tells anybody when somebody acted.

The law: of such a route nothing is kept but what its handler keeps: no answer for
retries, which are harmless there by nature, no count in the database, and no line in
the log unless it failed by our own fault.
"""

from typing import Final

from litestar.types import Scope

UNTRACED: Final = "untraced"
"""Names, in a route's `opt`, that it is such a route."""


def is_untraced(scope: Scope) -> bool:
    """Say whether a request is to leave no trace; what was not routed is none."""
    handler = scope.get("route_handler")
    return handler is not None and bool(handler.opt.get(UNTRACED))
