"""Reads each body once, within its limit, and checks it before the handler runs.

The law: the guard answers first; what passes here is JSON that can be stored.
"""

from typing import Any, Final
from urllib.parse import unquote_to_bytes

from litestar import Request
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import (
    ASGIApp,
    HTTPRequestEvent,
    HTTPScope,
    Receive,
    Scope,
    Send,
)

from service.edge.strict_json import Unstorable, check_json
from service.errors import Malformed, Refusal, TooLarge, UnsupportedMediaType

LIMIT: Final = 1_000_000
"""Bytes of a body: the app's `request_max_body_size`; a route may state its own."""
WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
API: Final = "/v1/"
BODY: Final = "checked_body"
"""Name in the request's state of the body as read, for `KeptAnswers`."""


class CheckedBodies(ASGIMiddleware):
    """Stands after authentication and before `KeptAnswers`."""

    scopes = (ScopeType.HTTP,)

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        """Let the guard refuse, then check the address and the body."""
        handler = scope["route_handler"]
        request: Request[Any, Any, Any] = Request(scope, receive)
        try:
            _check_address(request.scope)
        except Refusal:  # Whoever may not ask is told that, and nothing else.
            await handler.authorize_connection(request)
            raise
        if isinstance(handler, HTTPRouteHandler) and is_api(request.scope):
            await handler.authorize_connection(request)
            limit = handler.resolve_request_max_body_size() or LIMIT
            body = await _checked(request, receive, limit)
            scope["state"][BODY] = body
            receive = _replay(body, receive)
        await next_app(scope, receive, send)


def is_api(scope: HTTPScope) -> bool:
    """Say whether a request may change something by the JSON it brings."""
    route = str(scope.get("path_template", ""))
    return route.startswith(API) and scope["method"] in WITH_BODY


def _check_address(scope: HTTPScope) -> None:
    if "\0" in scope["path"]:
        raise Unstorable("The path holds NUL: remove it.")
    query = scope["query_string"]
    try:
        text = unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        raise _not_text() from None
    if not query.isascii():  # Litestar would fail on what a client must encode.
        raise _not_text()
    if "\0" in text:
        raise Unstorable("The query holds NUL: remove it.")


def _not_text() -> Malformed:
    return Malformed("Write the query in UTF-8, percent-encoded.")


async def _checked(
    request: Request[Any, Any, Any], receive: Receive, limit: int
) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and len(announced) <= len("9" * 18):
        _check_size(int(announced), limit)
    body = await _read(receive, limit)
    if body:
        _check_media_type(request)
        check_json(body)
    return body


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge(f"A body has at most {limit:,} bytes here: send less at a time.")


async def _read(receive: Receive, limit: int) -> bytes:
    """Read a whole body, and stop as soon as it is longer than `limit` bytes."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Malformed("The connection closed before the body ended.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        _check_size(size, limit)
        if not message.get("more_body", False):
            return b"".join(parts)


def _check_media_type(request: Request[Any, Any, Any]) -> None:
    media_type, options = request.content_type
    charset = options.get("charset", "utf-8").lower()
    encoded = request.headers.get("content-encoding", "identity").lower()
    plain = (charset, encoded) == ("utf-8", "identity")
    if media_type.lower() != "application/json" or not plain:
        raise UnsupportedMediaType(
            "Send `Content-Type: application/json`, in UTF-8 and not compressed.",
            headers={"Accept": "application/json"},
        )


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives `body` again, then what `receive` still has."""
    left: list[HTTPRequestEvent] = [
        {"type": "http.request", "body": body, "more_body": False}
    ]

    async def again() -> Any:  # noqa: ANN401 - Litestar's union of messages
        return left.pop() if left else await receive()

    return again
