"""Pages, and the sealed cursors that lead from one to the next.

The law: a cursor is ours, whole, and used by whom and for what it was given; anything
else is refused in the same words.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field

from service.errors import Fault, Malformed

USUAL_LIMIT: Final = 500
HIGHEST_LIMIT: Final = 5_000
MAC_BYTES: Final = 32
LONGEST: Final = 4_096
"""Characters of a cursor; a longer text is not one of ours."""

WRITER: Final = json.JSONEncoder(separators=(",", ":"), sort_keys=True)

Item = TypeVar("Item")


class BadCursor(Malformed):
    """The cursor is not one that this service gave this caller for this question."""

    slug = "bad-cursor"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a cursor holds for: it is of no use to anyone else or for anything else."""

    client: str
    organisations: frozenset[str]
    stream: str
    filter: Mapping[str, str | None]
    """The other parameters of the question, but not the size of the page."""


class Page(BaseModel, Generic[Item]):
    """One page of a collection."""

    model_config = ConfigDict(frozen=True)

    items: list[Item]
    next: str | None = Field(
        default=None,
        description="Absolute address of the next page; null on the last page.",
    )
    delta: str | None = Field(
        default=None,
        description="On the last page: absolute address of what changes from now on.",
    )


def seal(position: Mapping[str, Any], *, key: bytes, bound_to: Bound) -> str:
    """Write a position (JSON values; the caller can read it) as an opaque cursor."""
    payload = WRITER.encode(position).encode()
    return _text(_mac(payload, key, bound_to) + payload)


def unseal(text: str, *, key: bytes, bound_to: Bound) -> dict[str, Any]:
    """Return the position in a cursor that `seal` wrote for the same key and bounds."""
    sealed = _bytes(text)
    mac, payload = sealed[:MAC_BYTES], sealed[MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(payload, key, bound_to)):
        raise _bad_cursor()
    position: dict[str, Any] = json.loads(payload)
    return position


def _mac(payload: bytes, key: bytes, bound_to: Bound) -> bytes:
    bounds = _bounds(
        bound_to.client,
        bound_to.organisations,
        bound_to.stream,
        tuple(sorted(bound_to.filter.items())),
    )
    # The length keeps bounds and payload from flowing into each other.
    return hmac.digest(key, len(bounds).to_bytes(8) + bounds + payload, "sha256")


@lru_cache(maxsize=1024)
def _bounds(
    client: str,
    organisations: frozenset[str],
    stream: str,
    filtered: tuple[tuple[str, str | None], ...],
) -> bytes:
    """Return bounds as bytes, of which no others have the same."""
    return json.dumps([client, sorted(organisations), stream, filtered]).encode()


def _text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    if len(text) > LONGEST or not text.isascii():
        raise _bad_cursor()
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise _bad_cursor() from None
    if _text(sealed) != text:  # Several texts can stand for the same bytes.
        raise _bad_cursor()
    return sealed


def _bad_cursor() -> BadCursor:
    fault = Fault("It does not lead anywhere.", parameter="cursor")
    return BadCursor(
        "Follow `next` and `delta` as they are given, with the same client and the same"
        " parameters; to start again, leave `cursor` out.",
        faults=[fault],
    )


def address(
    issuer: str, path: str, parameters: Sequence[tuple[str, str]], cursor: str
) -> str:
    """Return the absolute address of this question, continued at `cursor`.

    Their names in one order, in whichever they come: an ETag may be of the address.
    """
    kept = [(name, value) for name, value in parameters if name != "cursor"]
    kept.sort(key=itemgetter(0))
    asked = f"{urlencode(kept)}&" if kept else ""
    # The letters of a cursor are written in an address as they are.
    return f"{issuer.rstrip('/')}{written(path)}?{asked}cursor={cursor}"


def written(path: str) -> str:
    """Return a path as it stands in an address (RFC 3986, section 3.3)."""
    return quote(path, safe="/:@!$&'()*+,;=~")


def link(page: Page[Any]) -> dict[str, str]:
    """Return the Link header of a page (RFC 8288), which the last page lacks."""
    return {} if page.next is None else link_to(page.next)


def link_to(following: str) -> dict[str, str]:
    """Return the Link header that leads to the next page."""
    return {"Link": f'<{following}>; rel="next"'}
