"""What a client may be registered for, and what its credentials then give it.

The law: scopes and organisations come from the registration; a request may ask for
fewer scopes, never for more, and is never silently given fewer than it asked for.
"""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from service.auth.caller import Scope
from service.errors import Fault, Unprocessable

MOST_ORGANISATIONS: Final = 100
"""More would make its access tokens longer than the 8 kB that are read."""
LONGEST_NAME: Final = 200


class AuthMethod(StrEnum):
    """How a client proves who it is; each client has exactly one way."""

    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - its registered name


class KeyState(StrEnum):
    """What a signing key is for: to be published, to sign, or only to verify."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Secret:
    """One of a client's secrets, as stored."""

    digest: bytes
    """SHA-256: enough for 256 random bits, and cheap enough for every request."""
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Client:
    """An HR system as registered."""

    id: str
    auth_method: str
    scopes: frozenset[str]
    organisations: frozenset[str]
    secrets: tuple[Secret, ...]
    disabled: bool


class ClientUnacceptable(Unprocessable):
    """The client cannot be registered so."""

    slug = "client-unacceptable"


def check_registration(
    organisations: Collection[str],
    scopes: Collection[str],
    *,
    name: str,
    auth_method: str,
    known: Collection[str],
) -> None:
    """Refuse unknown organisations, scopes and methods, naming what there is."""
    faults = [
        *_faults("organisation", organisations, known),
        *_faults("scope", scopes, [*Scope]),
        *_faults("auth", [auth_method], [*AuthMethod]),
    ]
    if len(organisations) > MOST_ORGANISATIONS:
        faults.append(
            Fault(
                f"At most {MOST_ORGANISATIONS} organisations: register more clients.",
                parameter="organisation",
            )
        )
    if not name.isprintable() or not name.strip() or len(name) > LONGEST_NAME:
        faults.append(
            Fault(
                f"A name has 1 to {LONGEST_NAME} printable characters.",
                parameter="name",
            )
        )
    if faults:
        raise ClientUnacceptable("Mend this and register it again.", faults=faults)


def _faults(what: str, given: Collection[str], known: Collection[str]) -> list[Fault]:
    choices = ", ".join(sorted(known)) or f"none yet: import {what}s first"
    if not given:
        return [Fault(f"Name at least one {what} of: {choices}.", parameter=what)]
    return [
        Fault(f"Unknown {what} {value!r}; known: {choices}.", parameter=what)
        for value in sorted(set(given) - set(known))
    ]


def digest(secret: str) -> bytes:
    """Return the form in which a client secret is stored."""
    return hashlib.sha256(secret.encode()).digest()


def knows_secret(client: Client, secret: str, now: datetime) -> bool:
    """Say whether `secret` is one of the client's that has not expired."""
    offered = digest(secret)
    # A list, not a generator: the time taken must not tell which one matched.
    matches = [
        hmac.compare_digest(offered, stored.digest)
        for stored in client.secrets
        if stored.expires_at is None or stored.expires_at > now
    ]
    return any(matches)


def scopes_for(client: Client, asked: str | None) -> list[str] | None:
    """Return the scopes to grant: those asked for, or all; None if not all its own."""
    wanted = client.scopes if asked is None else frozenset(asked.split(" "))
    return sorted(wanted) if wanted <= client.scopes else None
