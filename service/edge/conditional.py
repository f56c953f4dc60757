"""ETag, If-None-Match and If-Match (RFC 9110, sections 8.8 and 13).

The law: nobody overwrites what they have not read.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response

from service.errors import NotAcceptable, PreconditionRequired, Stale

ANYTHING: Final = "*/*"
TAG: Final = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def etag_of(content: bytes) -> str:
    """Return the strong ETag of exactly these bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def version_tag(version: int) -> str:
    """Return the ETag of a thing that counts its changes in `version`."""
    return f'"{version}"'


def unless_known(
    request: Request[Any, Any, Any],
    content: bytes,
    *,
    etag: str | None = None,
    media_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """Answer with `content`, or 304 when the caller has it (weak comparison).

    `etag` defaults to that of the content; a thing with a version gives `version_tag`.
    Refuses a caller who accepts other media types only.
    """
    stated = request.headers.get("accept", ANYTHING)
    if stated not in {ANYTHING, media_type} and (
        request.accept.best_match([media_type]) is None
    ):
        raise NotAcceptable(f"Accept {media_type}: there is nothing else.")
    tag = etag or etag_of(content)
    sent = {**(headers or {}), "ETag": tag}
    known = request.headers.get("if-none-match")
    if known is not None and _names(known, tag, weak=True):
        return Response(b"", status_code=304, media_type=media_type, headers=sent)
    return Response(content, media_type=media_type, headers=sent)


def require_match(request: Request[Any, Any, Any], version: int) -> None:
    """Refuse a change by a caller who has not read `version` (strong comparison)."""
    stated = request.headers.get("if-match")
    if stated is None:
        raise PreconditionRequired(
            "Send If-Match with the ETag that you last read, so that you overwrite"
            " nobody's change."
        )
    tag = version_tag(version)
    if not _names(stated, tag, weak=False):
        raise Stale(
            "Somebody has changed it since you read it: read it again, and send the"
            " ETag that comes with it.",
            headers={"ETag": tag},
        )


def _names(field: str, tag: str, *, weak: bool) -> bool:
    if field.strip() == "*":
        return True
    return any(
        opaque == tag and (weak or not weakness)
        for weakness, opaque in TAG.findall(field)
    )
