"""Client assertions, signed JWTs by which a client proves who it is (RFC 7523).

The law: an assertion is exactly what our rules say or it proves nothing; nothing is
believed before the signature holds, and only the log learns which rule it broke.
Authlib's own checks accept other servers' audiences, ten years of life and access
tokens in place of assertions (abuse case F11); so none of them is used.
"""

import base64
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn

from joserfc.jws import JWSRegistry

from service.auth.client_keys import ClientKey

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST: Final = 8192
"""Characters of an assertion."""
ALGORITHMS: Final = ("ES256", "PS256", "EdDSA")
"""As FAPI 2.0 allows, section 5.4.1; EdDSA under its new name, Ed25519, too."""
TYPES: Final = (None, "JWT", "client-authentication+jwt")
REFUSED: Final = frozenset({"jwk", "jku", "x5u", "x5c", "crit"})
"""Parts of a header that bring their own key, or change what it means."""
SKEW: Final = 10
"""Seconds after `exp`."""
AHEAD: Final = 60
"""Seconds that `iat` and `nbf` may be ahead."""
OLDEST: Final = 300
"""Seconds since `iat`."""
JTI: Final = re.compile(r"[A-Za-z0-9._~-]{8,128}")
PARTS: Final = 3
"""header.payload.signature"""


class ProvesNothing(Exception):
    """The assertion does not prove who sent it; says why, to the log alone."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an assertion says before anything is proved: what to load, not to trust."""

    subject: object
    kid: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the assertion of one client must say."""

    client_id: str
    audiences: frozenset[str]
    rs256: bool
    """Whether RS256 is let through, by exception."""
    seconds: int
    """How far ahead `exp` may be."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Once:
    """A proof that serves once: to be spent with what it bought."""

    owner: str
    jti: str
    keep_until: datetime


def claimed(assertion: str) -> Claimed:
    """Return who an assertion says it is from and by which key; unproved."""
    header, payload = _opened(assertion)
    return Claimed(payload.get("sub"), header.get("kid"))


def _opened(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(assertion) > LONGEST:
        raise ProvesNothing(f"longer than {LONGEST} characters")
    encoded = assertion.split(".")
    if len(encoded) != PARTS:
        raise ProvesNothing("not a signed JWT")
    header, payload = _object(encoded[0]), _object(encoded[1])
    if not isinstance(header.get("alg"), str):
        raise ProvesNothing("an alg that is no text")
    if REFUSED & header.keys():
        raise ProvesNothing("a header that brings its own key or is critical")
    if header.get("typ") not in TYPES:
        raise ProvesNothing("a JWT of another type")
    if not isinstance(header.get("kid", ""), str):
        raise ProvesNothing("a kid that is no text")
    return header, payload


def _object(encoded: str) -> dict[str, Any]:
    """Return the JSON object, which names each member once."""
    try:
        found = json.loads(
            _decoded(encoded), object_pairs_hook=_members, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise ProvesNothing("not base64 of JSON") from error
    if not isinstance(found, dict):
        raise ProvesNothing("not a JSON object")
    return found


def _decoded(encoded: str) -> bytes:
    return base64.b64decode(encoded + "=" * (-len(encoded) % 4), b"-_", validate=True)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ProvesNothing("an object that names a member twice")
    return members


def _no_constant(_: str) -> NoReturn:
    raise ProvesNothing("a number that is not JSON")


def verify(assertion: str, keys: Sequence[ClientKey], expected: Expected) -> Once:
    """Return the id to spend of an assertion that keeps every rule."""
    header, claims = _opened(assertion)
    _check_signature(assertion, header, keys, rs256=expected.rs256)
    if not claims.get("iss") == claims.get("sub") == expected.client_id:
        raise ProvesNothing("iss and sub are not both the client's id")
    audience = claims.get("aud")
    # One string: a list may name other servers, who could then use it here.
    if not isinstance(audience, str) or audience not in expected.audiences:
        raise ProvesNothing("meant for another audience")
    expires_at = _check_times(claims, expected)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not JTI.fullmatch(jti):
        raise ProvesNothing("a jti that is not 8 to 128 plain characters")
    ends = datetime.fromtimestamp(math.ceil(expires_at), UTC)
    return Once(expected.client_id, jti, ends + timedelta(seconds=SKEW))


def _check_signature(
    assertion: str,
    header: Mapping[str, Any],
    keys: Sequence[ClientKey],
    *,
    rs256: bool,
) -> None:
    alg, kid = header["alg"], header.get("kid")
    if alg == "RS256" and not rs256:
        raise ProvesNothing("RS256 without an exception")
    fitting = [
        key.key
        for key in keys
        if alg in key.algorithms and (kid is None or key.kid in {None, kid})
    ]
    if not fitting:
        raise ProvesNothing("no registered key is of that algorithm and kid")
    message, _, encoded = assertion.rpartition(".")
    try:
        signature = _decoded(encoded)
    except ValueError as error:
        raise ProvesNothing("a signature that is not base64") from error
    # Not by `decode`: which algorithm and key are right was settled at registration.
    algorithm = JWSRegistry.algorithms[alg]
    if not any(algorithm.verify(message.encode(), signature, key) for key in fitting):
        raise ProvesNothing("a signature that does not verify")


def _check_times(claims: Mapping[str, Any], expected: Expected) -> float:
    """Return when it expires, in seconds since 1970 (RFC 7519: may have a fraction)."""
    now = expected.now.timestamp()
    expires_at, issued_at = _instant(claims, "exp"), _instant(claims, "iat")
    if expires_at + SKEW <= now:
        raise ProvesNothing("expired")
    if expires_at > now + expected.seconds:
        raise ProvesNothing("valid for too long")
    if issued_at > now + AHEAD:
        raise ProvesNothing("issued in the future")
    if issued_at < now - OLDEST:
        raise ProvesNothing("issued too long ago")
    if "nbf" in claims and _instant(claims, "nbf") > now + AHEAD:
        raise ProvesNothing("not valid yet")
    return expires_at


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    # Exactly these: True is an instance of int too.
    if type(value) not in {int, float}:
        raise ProvesNothing(f"{name} is not a number")
    instant: float = claims[name]
    return instant
