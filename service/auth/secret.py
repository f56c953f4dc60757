"""The service's one secret, and the keys derived from it.

The law: the secret itself never encrypts or signs; each use has a key of its own.
"""

import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.errors import Unavailable
from service.settings import Settings, settings

FILE: Final = "secret-key"
SHORTEST: Final = 32
"""Characters; as for JOINEDUP_SECRET_KEY."""


class NoSecretKey(Unavailable):
    """The service has no secret key to seal its signing keys with."""

    slug = "no-secret-key"


def secret(settings: Settings) -> bytes:
    """Return JOINEDUP_SECRET_KEY or, with the embedded database, one made for it."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    if not settings.embedded:
        raise NoSecretKey(
            "JOINEDUP_DATABASE_URL is set, so JOINEDUP_SECRET_KEY must be too: give"
            f" every process the same {SHORTEST} or more random characters."
        )
    path = settings.data_dir / FILE
    try:
        if not path.exists():
            _make(path)
        found = path.read_bytes()
    except OSError as error:
        raise NoSecretKey(
            f"{path} cannot be read or made ({error.strerror}): give the service its"
            " own JOINEDUP_DATA_DIR, or set JOINEDUP_SECRET_KEY."
        ) from error
    if len(found) < SHORTEST:
        raise NoSecretKey(
            f"{path} is damaged: restore it from a backup; if there is none, delete it"
            " and run `joinedup keys rotate --discard`."
        )
    return found


def _make(path: Path) -> None:
    """Write a new secret whole or not at all; of several writers, the first wins."""
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    draft = path.with_name(f"{FILE}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        ) as file:
            file.write(secrets.token_urlsafe(SHORTEST).encode())
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)  # Unlike a rename, it replaces nobody's.
        except FileExistsError:
            return
        _keep(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _keep(folder: Path) -> None:
    """Make the folder's new entry outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def derive(purpose: str) -> bytes:
    """Return this service's 256-bit key for one purpose, such as `cursor`."""
    return _derived(settings(), purpose)


@lru_cache(maxsize=64)
def _derived(settings: Settings, purpose: str) -> bytes:
    info = b"joinedup " + purpose.encode()
    return HKDF(SHA256(), length=32, salt=None, info=info).derive(secret(settings))
