"""Every failure as one RFC 9457 problem, whatever failed and wherever.

The law: a problem says what the caller did wrong and how to mend it, never what the
service looks like inside; what is our fault is logged once, without any value, under
the request id that the problem carries.
"""

import json
from collections.abc import Mapping
from traceback import format_tb
from typing import Any, Final

import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    LitestarException,
    SerializationException,
    ValidationException,
)

from service.edge import database, validation
from service.edge.paging import written
from service.errors import (
    Malformed,
    NotAcceptable,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refusal,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
)
from service.logs import request_id

MEDIA_TYPE: Final = "application/problem+json"
SERVER_FAULT: Final = 500
NOTHING_HERE: Final = (
    "Check the address, and that your organisations include what you ask for."
)

SCHEMA: Final[Mapping[str, Any]] = {
    "title": "Problem",
    "description": "What went wrong, as RFC 9457 writes it.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "Names the refusal; tell refusals apart by it.",
        },
        "title": {"type": "string", "description": "The refusal's meaning."},
        "status": {"type": "integer", "description": "As in the status line."},
        "detail": {"type": "string", "description": "What to do about it."},
        "instance": {
            "type": "string",
            "format": "uri-reference",
            "description": "Path of the request.",
        },
        "request_id": {
            "type": "string",
            "description": "As in `X-Request-Id`; quote it when you ask for help.",
        },
        "errors": {
            "type": "array",
            "description": "What is wrong with each field or parameter.",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into the body.",
                    },
                    "parameter": {
                        "type": "string",
                        "description": "Query, path or header parameter.",
                    },
                },
            },
        },
    },
}
"""A problem in the OpenAPI document."""

log = structlog.get_logger(__name__)


class MethodNotAllowed(Refusal):
    """There is something at this address, but not for this method."""

    status = 405
    slug = "method-not-allowed"


class Unexpected(Refusal):
    """The service failed; the fault is not in what was sent."""

    status = SERVER_FAULT
    slug = "unexpected"


FRAMEWORK: Final[Mapping[int, tuple[type[Refusal], str]]] = {
    400: (Malformed, "Check it against `/openapi.json` and send it again."),
    401: (NotSignedIn, "Send an access token of `/oauth/token`."),
    403: (NotAllowed, "Ask whoever runs the service for access."),
    404: (NotFound, NOTHING_HERE),
    405: (MethodNotAllowed, "Use one of the methods that `Allow` names."),
    406: (NotAcceptable, "Accept one of the media types that `/openapi.json` lists."),
    413: (TooLarge, "Send less at a time."),
    415: (UnsupportedMediaType, "Send one of the types that `/openapi.json` lists."),
    503: (Unavailable, "Send it again later."),
}
"""What Litestar itself refuses. Its own words may repeat what was sent."""


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Render any exception; the app's one exception handler."""
    refusal = refusal_of(error)
    if refusal.status >= SERVER_FAULT:
        _log(refusal, error)
    problem = describe(
        refusal,
        instance=request.scope["path"],
        issuer=str(request.app.state.get("issuer", "")),
    )
    return Response(
        json.dumps(problem, ensure_ascii=False).encode(),
        status_code=refusal.status,
        media_type=MEDIA_TYPE,
        headers=refusal.headers,
    )


def refusal_of(error: Exception) -> Refusal:
    """Return the refusal that any exception amounts to."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, ValidationException):
        return validation.refusal_of(error)
    if isinstance(error, SerializationException):
        return Malformed(FRAMEWORK[400][1])
    if isinstance(error, HTTPException) and error.status_code in FRAMEWORK:
        kind, detail = FRAMEWORK[error.status_code]
        return kind(detail, headers=error.headers)
    return database.refusal_of(error) or Unexpected(
        "Tell whoever runs the service the request_id."
    )


def describe(refusal: Refusal, *, instance: str, issuer: str) -> dict[str, Any]:
    """Write a refusal as the members of a problem; `instance` is the path."""
    # Words would tell what does not exist from what is not yours.
    silent = isinstance(refusal, NotFound)
    kind = NotFound if silent else type(refusal)
    problem: dict[str, Any] = {
        "type": type_of(kind, issuer),
        "title": kind.title(),
        "status": kind.status,
        "detail": NOTHING_HERE if silent else str(refusal),
        "instance": written(instance),
    }
    if (id_ := request_id()) is not None:
        problem["request_id"] = id_
    if refusal.faults and not silent:
        problem["errors"] = [
            {
                "detail": fault.detail,
                **({} if fault.pointer is None else {"pointer": fault.pointer}),
                **({} if fault.parameter is None else {"parameter": fault.parameter}),
            }
            for fault in refusal.faults
        ]
    return problem


def type_of(kind: type[Refusal], issuer: str) -> str:
    """Return the address that names a refusal."""
    return f"{issuer.rstrip('/')}/problems/{kind.slug}"


def _log(refusal: Refusal, error: Exception) -> None:
    if not isinstance(refusal, Unexpected):
        log.warning("unavailable", slug=refusal.slug, error=type(error).__name__)
        return
    # An exception's own words may hold a row or a body: its kind and place suffice.
    errors = _errors(error)
    log.error(
        "unexpected",
        errors=[f"{type(e).__module__}.{type(e).__qualname__}" for e in errors],
        traceback="\n".join("".join(format_tb(e.__traceback__)) for e in errors),
    )


def _errors(error: BaseException) -> list[BaseException]:
    """Return an exception and all that led to it, each once."""
    found: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        if each is None or each in found:
            continue
        found.append(each)
        todo.append(each.__cause__ or each.__context__)
        if isinstance(each, BaseExceptionGroup):
            todo.extend(each.exceptions)
    return found


def unwrapped(error: Exception) -> Exception:
    """Return what failed when Litestar only says that an answer had begun."""
    while type(error) is LitestarException and isinstance(error.__cause__, Exception):
        error = error.__cause__
    return error
