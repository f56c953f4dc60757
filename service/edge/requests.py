"""What stands outside routing: the request's id, its log line, the answer's headers.

The law: every answer passes here, unknown routes and failures included, and no path,
query or body reaches the log: they hold people's identifiers.
"""

import re
from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import Final, TypeAlias
from uuid import uuid4

import structlog
from litestar import Litestar, Request
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from structlog.contextvars import (
    bind_contextvars,
    clear_contextvars,
    reset_contextvars,
)

from service.db.reach import NOBODY, within_reach
from service.edge import problems
from service.edge.heads import (
    HEAD,
    allowing,
    as_get,
    method_of,
    with_head,
    without_body,
)
from service.edge.options import allowed
from service.edge.untraced import is_untraced
from service.settings import Settings

ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
TRACE: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
"""W3C trace context; version ff and identifiers of noughts are invalid."""
Raw: TypeAlias = list[tuple[bytes, bytes]]
"""Headers as they are sent; the names we give are in small letters."""
UNLOGGED: Final = frozenset({"/livez", "/readyz"})
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Sent unless the handler says otherwise."""
NO_CONTENT: Final = 204
NOT_ALLOWED: Final = 405
FAILED: Final = 500
"""Answers from this status on are our own fault."""
HTTPS_ONLY: Final = [
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
]

log = structlog.get_logger("access")


def surround(app: Litestar, settings: Settings) -> None:
    """Put this room round the whole app, routing included; once, when it is built."""
    app.asgi_handler = RequestEdge(app.asgi_handler, settings, with_head(allowed(app)))


class RequestEdge:
    """Names each request, logs it in one line and dresses its answer."""

    def __init__(
        self, next_app: ASGIApp, settings: Settings, allowed: Mapping[str, str]
    ) -> None:
        """Stand outside `next_app`; `allowed` says what each address allows."""
        self._next_app = next_app
        self._allowed = allowed
        self._headers = _raw({**HEADERS, "X-Handling": settings.handling})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._next_app(scope, receive, send)
            return
        if scope["method"] == HEAD:
            scope, send = as_get(scope), without_body(send)
        names = _names(Headers.from_scope(scope))
        clear_contextvars()
        bound = bind_contextvars(**names)
        try:
            # Whoever serves may see everyone; a request sees nobody until it says who
            # asks.
            with within_reach(NOBODY):
                await self._serve(scope, receive, send, names["request_id"])
        finally:
            reset_contextvars(**bound)

    async def _serve(
        self, scope: HTTPScope, receive: Receive, send: Send, request_id: str
    ) -> None:
        started = perf_counter()
        status = 0  # None was sent: the caller went away.

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                ours = {"X-Request-Id": request_id}
                if scope["method"] == "OPTIONS" and status == NO_CONTENT:
                    ours["Allow"] = self._allowed[scope["path_template"]]
                sent = [*message.get("headers", ())]
                if status == NOT_ALLOWED and b"allow" in dict(sent):
                    ours["Allow"] = allowing(dict(sent)[b"allow"].decode())
                usual = self._headers + _of_transport(scope)
                message["headers"] = _with(sent, ours, usual)
            await send(message)

        try:
            await self._next_app(scope, receive, dressed)
        except Exception as error:  # noqa: BLE001 - nothing stands outside to catch it
            failed = problems.answer(Request(scope), problems.unwrapped(error))
            if status == 0:
                response = failed.to_asgi_response(app=None, request=Request(scope))
                await response(scope, receive, dressed)
            # Else half an answer has gone: returning makes the server cut it off.
        finally:
            _log(scope, status, perf_counter() - started)


def _names(headers: Headers) -> dict[str, str]:
    given = headers.get("x-request-id", "")
    names = {"request_id": given if ID.fullmatch(given) else uuid4().hex}
    if found := TRACE.fullmatch(headers.get("traceparent", "")):
        names["trace_id"] = found[1]
    return names


def _of_transport(scope: HTTPScope) -> Raw:
    issuer = str(scope["litestar_app"].state.get("issuer", ""))
    return HTTPS_ONLY if issuer.startswith("https://") else []


def _raw(headers: Mapping[str, str]) -> Raw:
    return [
        (name.lower().encode(), value.encode("latin-1"))
        for name, value in headers.items()
    ]


def _with(
    sent: Iterable[tuple[bytes, bytes]], ours: Mapping[str, str], usual: Raw
) -> Raw:
    """Return the headers of an answer: ours for certain, the usual if it lacks them."""
    certain = _raw(ours)
    names = {name for name, _ in certain}
    kept = [pair for pair in sent if pair[0].lower() not in names]
    names.update(name.lower() for name, _ in kept)
    return [*kept, *(pair for pair in usual if pair[0] not in names), *certain]


def _log(scope: HTTPScope, status: int, seconds: float) -> None:
    route = scope.get("path_template", "unmatched")
    quiet = is_untraced(scope) and status < FAILED
    if route not in UNLOGGED and not quiet:
        log.info(
            "request",
            method=method_of(scope),
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
        )
