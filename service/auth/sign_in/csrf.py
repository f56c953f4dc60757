"""Guards forms: what another site has a browser send is refused.

The law: a form brings a token that its page gave, which its cookie repeats and which is
bound to the session; a stranger's forms have one too, so that nobody is signed in as
somebody else. What the browser itself says comes from elsewhere is refused before that.
"""

import hashlib
import hmac
import re
import secrets
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from litestar import Request
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from multipart import (  # type: ignore[import-untyped] # has no types
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
)

from service.auth.secret import derive
from service.auth.sign_in.sessions import Session, held
from service.errors import NotAllowed, TooLarge

COOKIE: Final = "__Host-csrf"
FIELD: Final = "_csrf"
MOST_FIELDS: Final = 1000
TOKEN: Final = re.compile(r"([A-Za-z0-9_-]{32})\.([0-9a-f]{64})")
UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
OUR_OWN: Final = frozenset({"same-origin", "none"})
"""What a browser says of a request from one of our pages, or typed by hand."""

AnyRequest = Request[Any, Any, Any]


class FromElsewhere(NotAllowed):
    """The form was not sent from a page of this service, or from one too old."""

    slug = "form-from-elsewhere"

    def __init__(self) -> None:
        """Say what to do; what was wrong with it helps only whoever forged it."""
        super().__init__("Open the page again, and send the form from there.")


def token_for(request: AnyRequest) -> tuple[str, Cookie | None]:
    """Return the token for a page's forms, and the cookie to set if it is new."""
    session = _session_id(request)
    there = request.cookies.get(COOKIE, "")
    if is_bound(there, session):
        return there, None
    made = new_token(session)
    return made, held(COOKIE, made)


def _session_id(request: AnyRequest) -> str:
    session = request.scope.get("auth")
    return session.id if isinstance(session, Session) else ""


def new_token(session_id: str) -> str:
    """Return a token that counts in one session only; "" is a stranger's."""
    nonce = secrets.token_urlsafe(24)
    return f"{nonce}.{_mac(nonce, session_id)}"


def is_bound(token: str, session_id: str) -> bool:
    """Say whether we made a token for this session."""
    parts = TOKEN.fullmatch(token)
    return parts is not None and hmac.compare_digest(
        parts[2], _mac(parts[1], session_id)
    )


def _mac(nonce: str, session_id: str) -> str:
    said = f"{nonce}.{session_id}".encode()
    return hmac.new(derive("csrf"), said, hashlib.sha256).hexdigest()


async def check(request: AnyRequest) -> None:
    """Refuse an unsafe request that no page of ours sent in this session."""
    if request.method not in UNSAFE:
        return
    _check_place(request)
    there = request.cookies.get(COOKIE, "")
    sent = await _sent(request)
    # Bytes: what is not ASCII is no token, and no failure either.
    same = hmac.compare_digest(sent.encode(errors="replace"), there.encode())
    if not same or not is_bound(there, _session_id(request)):
        raise FromElsewhere


async def written(request: AnyRequest) -> list[str]:
    """Return what somebody wrote in a form of ours, whose session is over meanwhile.

    That is whatever has several words; what came from elsewhere is nobody's.
    """
    if request.method not in UNSAFE:
        return []
    try:
        _check_place(request)
    except FromElsewhere:
        return []
    there = request.cookies.get(COOKIE, "")
    sent = await _sent(request)
    if not TOKEN.fullmatch(there) or not hmac.compare_digest(
        sent.encode(errors="replace"), there.encode()
    ):
        return []
    if request.content_type[0] == RequestEncodingType.MULTI_PART:
        return []
    return [value for _, value in _pairs(await request.body()) if " " in value.strip()]


def _check_place(request: AnyRequest) -> None:
    """Hold against the request what its browser says of where it comes from."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        # A browser that says this much is right about it; with our own policy for
        # referrers it calls the origin of every form `null`.
        ours = site in OUR_OWN
    else:
        origin = request.headers.get("origin")
        ours = origin is None or origin == _origin(request)
    if not ours:
        raise FromElsewhere


def _origin(request: AnyRequest) -> str:
    parts = urlsplit(str(request.app.state.issuer))
    return f"{parts.scheme}://{parts.netloc}"


async def _sent(request: AnyRequest) -> str:
    """Return the one token that the form brings, or "" for none that can be read.

    Refuse a form that is longer, or has more fields, than is read at a time: that is
    not a forged one, and opening the page again would not help.
    """
    try:
        body = await request.body()
        kind, options = request.content_type
        if kind == RequestEncodingType.MULTI_PART:
            found = _among_files(body, options.get("boundary", ""))
        else:
            found = _among_fields(body)
    except ParserLimitReached:
        raise _too_many() from None
    except (MultipartError, ValueError, LookupError):
        return ""
    return found[0] if len(found) == 1 else ""


def _among_fields(body: bytes) -> list[str]:
    return [value for name, value in _pairs(body) if name == FIELD]


def _pairs(body: bytes) -> list[tuple[str, str]]:
    if body.count(b"&") >= MOST_FIELDS:
        raise _too_many()
    # By hand: Litestar would keep the last thousand forms, and what people wrote there.
    return parse_qsl(body.decode(), errors="strict")


def _too_many() -> TooLarge:
    return TooLarge(f"A form has at most {MOST_FIELDS:,} fields: send less at a time.")


def _among_files(body: bytes, boundary: str) -> list[str]:
    found: list[bytearray] = []
    ours = False
    with PushMultipartParser(boundary, max_segment_count=MOST_FIELDS) as parser:
        for part in parser.parse(body):
            if isinstance(part, MultipartSegment):
                ours = part.name == FIELD and part.filename is None
                found += [bytearray()] * ours
            elif part and ours:
                found[-1] += part
    return [each.decode() for each in found]
