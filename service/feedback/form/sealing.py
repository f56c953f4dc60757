"""Texts of feedback as they are stored: encrypted, each for one place alone.

The law: the key is never in the database, and what was sealed for one response and
field opens for no other. A cell is a version byte, a nonce and the AES-256-GCM
ciphertext of the text, with its length before it and noughts after it up to a multiple
of 128 bytes.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.auth.secret import derive
from service.errors import Unavailable

NEWEST: Final = 1
"""The version, 1 to 255, of the key that seals from now on. Raised by one, it seals
under another key, and what the older ones sealed still opens."""
NONCE: Final = 12
"""Bytes; random: at a million texts a year a key lasts for thousands of years."""
LENGTH: Final = 4
"""Bytes that say how long the text is."""
BUCKET: Final = 128
"""Bytes: all that the length of a cell tells of its text is how many of these."""


class TextNotOpened(Unavailable):
    """A text does not open with this key, or not in this place."""

    slug = "feedback-text-not-opened"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys by version, of 256 bits; the newest seals, all open."""

    newest: int
    by_version: Mapping[int, bytes] = field(repr=False)


def own_keys() -> Keys:
    """Return the service's own, from its secret outside the database."""
    versions = range(1, NEWEST + 1)
    return Keys(
        NEWEST, {number: derive(f"feedback text {number}") for number in versions}
    )


def seal(text: str, response: UUID, name: str, keys: Keys | None = None) -> bytes:
    """Encrypt a text so that it opens only as the field `name` of `response`.

    An empty text is sealed as a short one: that it is empty does not show.
    """
    keys = keys or own_keys()
    nonce = os.urandom(NONCE)
    version = bytes([keys.newest])
    sealed = AESGCM(keys.by_version[keys.newest]).encrypt(
        nonce, _filled(text), _place(version, response, name)
    )
    return version + nonce + sealed


def _filled(text: str) -> bytes:
    written = text.encode()
    content = len(written).to_bytes(LENGTH) + written
    return content + bytes(-len(content) % BUCKET)


def _place(version: bytes, response: UUID, name: str) -> bytes:
    return version + response.bytes + name.encode()


def unseal(cell: bytes, response: UUID, name: str, keys: Keys | None = None) -> str:
    """Return the text; refuse one of another key, response or field, or altered."""
    keys = keys or own_keys()
    version, nonce, sealed = cell[:1], cell[1 : 1 + NONCE], cell[1 + NONCE :]
    try:
        opener = AESGCM(keys.by_version[int.from_bytes(version)])
        filled = opener.decrypt(nonce, sealed, _place(version, response, name))
    except (KeyError, ValueError, InvalidTag):
        raise TextNotOpened(
            "A text of feedback does not open: set JOINEDUP_SECRET_KEY (embedded: the"
            " file secret-key) to what it was. If it is, the row was altered in the"
            " database: restore it from a backup."
        ) from None
    length = int.from_bytes(filled[:LENGTH])
    return filled[LENGTH : LENGTH + length].decode()
