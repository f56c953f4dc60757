"""Links of cards: signed, short-lived, and of one client and record.

The law: a link that was changed in any place, or is over, leads to nothing.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from service.auth.secret import derive

KEY: Final = "card"
DIGEST: Final = 32
LONGEST: Final = 1_000


@dataclass(frozen=True, slots=True)
class CardLink:
    """What a link says."""

    client: str
    """Which asked for it."""
    organisation: str
    """Whose record it is."""
    record: UUID
    name: str
    """What the client called it, which its address repeats."""
    until: datetime
    """To the second; from then on it serves no more."""


def signed(link: CardLink) -> str:
    """Write a link, for an address."""
    said = json.dumps(  # All of it ASCII.
        [
            link.client,
            link.organisation,
            str(link.record),
            link.name,
            int(link.until.timestamp()),
        ],
        separators=(",", ":"),
    ).encode()
    return base64.urlsafe_b64encode(_mac(said) + said).decode().rstrip("=")


def read(text: str) -> CardLink | None:
    """Return what a link says, if we wrote it."""
    if len(text) > LONGEST:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    mac, said = raw[:DIGEST], raw[DIGEST:]
    if not hmac.compare_digest(mac, _mac(said)):
        return None
    client, organisation, record, name, until = json.loads(said)
    return CardLink(
        client, organisation, UUID(record), name, datetime.fromtimestamp(until, UTC)
    )


def _mac(said: bytes) -> bytes:
    return hmac.new(derive(KEY), said, hashlib.sha256).digest()
