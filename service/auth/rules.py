"""What a client may be registered for, and what its credentials then give it.

The law: scopes and organisations come from the registration; a request may ask for
fewer scopes, never for more, and is never silently given fewer than it asked for.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from service.auth.caller import Scope
from service.errors import Fault, Unprocessable

MOST_ORGANISATIONS: Final = 100
"""More would make its access tokens longer than the 8 kB that are read."""
LONGEST_NAME: Final = 200
MOST_SECRETS: Final = 5
"""That a client can have working at once."""
LONGEST_EXCEPTION: Final = timedelta(days=366)


class AuthMethod(StrEnum):
    """How a client proves who it is; each client has exactly one way."""

    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - its registered name
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105 - its registered name
    PRIVATE_KEY_JWT = "private_key_jwt"


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
    jwks: tuple[Mapping[str, Any], ...] = ()
    """Its public keys, as registered."""
    jwks_uri: str | None = None
    """Where it publishes them instead."""
    dpop: bool = False
    """Whether it gets only tokens bound to a key."""
    endpoint_audience_until: date | None = None
    """The day from which our issuer is the only audience of its assertions."""
    rs256_until: date | None = None
    """The day from which it may not sign with RS256."""


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


def keys_missing() -> ClientUnacceptable:
    """Return the refusal of a client that is to sign, and has given no keys."""
    text = "Give the public keys, or their address, of a client that signs."
    return ClientUnacceptable(
        "Mend this and register it again.", faults=[Fault(text, parameter="jwks")]
    )


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


def check_still_works_until(keep_until: datetime, now: datetime) -> None:
    """Refuse an end of old secrets that is past already."""
    if keep_until < now:
        raise ClientUnacceptable(
            "The old secrets cannot have ended in the past: to end them at once, keep"
            " them for 0 days."
        )


def check_exception(until: date, now: datetime) -> None:
    """Refuse an exception that would be forgotten; a past day ends one."""
    if until > (now + LONGEST_EXCEPTION).date():
        raise ClientUnacceptable(
            f"An exception lasts {LONGEST_EXCEPTION.days} days at most: choose an"
            " earlier day, and renew it then if it must be."
        )


def is_allowed(until: date | None, now: datetime) -> bool:
    """Say whether an exception holds; `until` is the day after its last, in UTC."""
    return until is not None and now.date() < until
