"""Every failure under `/scim/` as SCIM writes it (RFC 7644, 3.12).

The law: what is refused, and which words say so, is the same as everywhere; only its
shape is SCIM's.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from litestar import Request, Response
from scim2_models import SCIMException

from service.edge import problems
from service.edge.strict_json import NotJson
from service.errors import Conflict, Refusal, Stale, Unprocessable

MEDIA_TYPE: Final = "application/scim+json"
ROOT: Final = "/scim/"
SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
UNPROCESSABLE: Final = 422
TYPES: Final[Mapping[type[Refusal], str]] = MappingProxyType(
    {
        NotJson: "invalidSyntax",
        Unprocessable: "invalidValue",
        Conflict: "uniqueness",
        Stale: "invalidVers",
    }
)
"""SCIM's word for some kinds of refusal."""
NOT_VALID: Final = "It is not valid: see what /scim/v2/Schemas asks for."


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Render any exception: as SCIM's own error where SCIM is spoken, or a problem."""
    if not request.scope["path"].startswith(ROOT):
        return problems.answer(request, error)
    if isinstance(error, SCIMException):
        body = {**error.to_error().model_dump(), "schemas": [SCHEMA]}
        if "\n" in str(body.get("detail", "")):  # As pydantic lists what is wrong.
            body["detail"] = NOT_VALID
        return _response(error.status, body, {})
    problem = problems.answer(request, error)  # Logs what is our own fault.
    refusal = problems.refusal_of(error)
    # SCIM knows no 422: what breaks a rule is a bad request.
    status = 400 if refusal.status == UNPROCESSABLE else refusal.status
    body = {
        "schemas": [SCHEMA],
        "status": str(status),
        "detail": json.loads(problem.content)["detail"],
    }
    kind = next((word for kind, word in TYPES.items() if isinstance(refusal, kind)), "")
    if kind:
        body["scimType"] = kind
    return _response(status, body, refusal.headers)


def _response(
    status: int, body: Mapping[str, Any], headers: Mapping[str, str]
) -> Response[bytes]:
    return Response(
        json.dumps(body).encode(),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={**headers},
    )
