"""HEAD: what GET would say, without the body (RFC 9110, section 9.3.2).

The law: it is answered wherever GET is, by the same handler. What that discloses is
recorded as for GET, since nobody can prove afterwards that the body was not sent.
"""

from collections.abc import Mapping
from typing import Final

from litestar.types import HTTPScope, Message, Scope, Send

HEAD: Final = "HEAD"
GET: Final = "GET"
ASKED: Final = "edge_asked_with_head"
"""Names, in a request's state, that GET was not what was sent."""


def as_get(scope: HTTPScope) -> HTTPScope:
    """Return the same request as a GET."""
    served = scope.copy()
    served["method"] = GET
    served["state"][ASKED] = True
    return served


def method_of(scope: Scope) -> str:
    """Return the method that the caller sent, which is what their proof names."""
    if scope.get("state", {}).get(ASKED):
        return HEAD
    return str(scope.get("method"))  # A WebSocket has none, and is not let in.


def without_body(send: Send) -> Send:
    """Return what sends the headers as they are, and no byte after them."""

    async def bodiless(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
        elif not message.get("more_body", False):
            await send({**message, "body": b""})

    return bodiless


def with_head(methods: Mapping[str, str]) -> Mapping[str, str]:
    """Return what each address allows, with HEAD wherever there is GET."""
    return {path: allowing(allowed) for path, allowed in methods.items()}


def allowing(allowed: str) -> str:
    """Return the value of an `Allow` with HEAD, if it names GET."""
    found = {name.strip() for name in allowed.split(",")}
    return ", ".join(sorted(found | {HEAD} if GET in found else found))
