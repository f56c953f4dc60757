"""Our access tokens: RFC 9068, signed with ES256 and read strictly.

The law: this is the only module that decodes a token, and one of ours is what we would
have signed ourselves, to the letter, or it is refused.
"""

import base64
import json
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey

from service.auth.caller import Machine, Scope
from service.auth.issuers import ExternalIssuer
from service.auth.jwks import Key
from service.auth.keys import ALGORITHM
from service.errors import NotSignedIn

TYPE: Final = "at+jwt"
LONGEST: Final = 8192
"""Characters of a token."""
SKEW: Final = 10
"""Seconds by which clocks may differ."""
REALM: Final = 'Bearer realm="joinedup"'


class InvalidToken(NotSignedIn):
    """The access token is not one of ours, or not valid any more."""

    slug = "token-invalid"

    def __init__(self, why: str) -> None:
        """Say why; the remedy is always a new token."""
        super().__init__(
            f"The access token {why}: get a new one where you got it, ours from POST"
            " /oauth/token.",
            headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
        )


@dataclass(frozen=True, slots=True)
class Named:
    """A person as an organisation's own issuer names them, not yet looked up."""

    organisation: str
    source: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a genuine access token states."""

    who: Machine | Named
    kid: str
    """Of the key that signed it."""
    issued_at: int
    expires_at: int
    jti: str | None = None
    issuer: ExternalIssuer | None = None
    """Who issued it; None: we did."""
    jkt: str | None = None
    """RFC 7638 thumbprint of the key it is bound to, which must be shown with it."""


@dataclass(frozen=True, slots=True)
class Ours(Verified):
    """What one of our own tokens states."""

    who: Machine
    jti: str


def claims_of(
    *,
    issuer: str,
    client_id: str,
    organisations: frozenset[str],
    scopes: list[str],
    jti: str,
    now: datetime,
    seconds: int,
) -> dict[str, Any]:
    """Return what a token says; RFC 9068 section 2.2, and `organisations`."""
    issued_at = int(now.timestamp())
    return {
        "iss": issuer,
        "aud": issuer,
        "sub": client_id,
        "client_id": client_id,
        "scope": " ".join(scopes),
        "organisations": sorted(organisations),
        "jti": jti,
        "iat": issued_at,
        "exp": issued_at + seconds,
    }


def sign(claims: Mapping[str, Any], key: ECKey) -> str:
    """Return the token that says `claims`."""
    header = {"typ": TYPE, "alg": ALGORITHM, "kid": key.thumbprint()}
    return jwt.encode(header, dict(claims), key, algorithms=[ALGORITHM])


def verify(
    token: str, *, keys: Mapping[str, ECKey], issuer: str, now: datetime
) -> Ours:
    """Return what one of our own tokens states, or refuse it.

    Whether the client has been disabled since is for the caller to ask.
    """
    kid = kid_of(token)
    if kid not in keys:
        raise InvalidToken("was signed with a key that is not ours")
    claims = signed_claims(token, keys[kid], [ALGORITHM])
    _check_meant_for(issuer, claims)
    issued_at, expires_at = check_time(claims, now)
    return Ours(
        who=_machine(claims),
        kid=kid,
        issued_at=issued_at,
        expires_at=expires_at,
        jti=claims["jti"],
        jkt=_bound_to(claims),
    )


def signed_claims(
    token: str, key: Key, algorithms: Collection[str]
) -> Mapping[str, Any]:
    """Return what `key` signed with one of `algorithms`; nothing else is checked."""
    try:
        with warnings.catch_warnings():
            # EdDSA is the old name of Ed25519, which many issuers still write.
            warnings.simplefilter("ignore", SecurityWarning)
            return jwt.decode(token, key, algorithms=[*algorithms]).claims
    except (JoseError, ValueError, RecursionError) as error:
        raise InvalidToken("has a signature that does not verify") from error


def claimed(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims as a token writes them, proved by nothing.

    Only to choose whose key and rules it is then held to.
    """
    if len(token) > LONGEST:
        raise InvalidToken(f"is longer than {LONGEST} characters")
    encoded = token.split(".")
    if len(encoded) != 3:  # noqa: PLR2004 - header.payload.signature
        raise InvalidToken("is not a JWT")
    header, claims = _part(encoded[0]), _part(encoded[1])
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise InvalidToken("is not a JWT")
    return header, claims


def _part(encoded: str) -> Any:  # noqa: ANN401 - whatever JSON says
    try:
        return json.loads(
            base64.b64decode(encoded + "=" * (-len(encoded) % 4), b"-_", validate=True)
        )
    except (ValueError, RecursionError) as error:
        raise InvalidToken("is not a JWT") from error


def kid_of(token: str) -> str:
    """Return the key id a token claims; refuse a header that we would not write."""
    if len(token) > LONGEST:
        raise InvalidToken(f"is longer than {LONGEST} characters")
    encoded, *rest = token.split(".")
    header = _part(encoded)
    # Exactly these: no key, address of a key or critical extension in a header counts.
    if (
        len(rest) != 2  # noqa: PLR2004 - header.payload.signature
        or not isinstance(header, dict)
        or header.keys() != {"typ", "alg", "kid"}
        or (header["typ"], header["alg"]) != (TYPE, ALGORITHM)
        or not isinstance(header["kid"], str)
    ):
        raise InvalidToken("has a header that is not ours")
    return header["kid"]


def _check_meant_for(issuer: str, claims: Mapping[str, Any]) -> None:
    if claims.get("iss") != issuer:
        raise InvalidToken("is from another issuer")
    if claims.get("aud") != issuer:  # One string: a list may name others too.
        raise InvalidToken("is meant for another audience")


def check_time(claims: Mapping[str, Any], now: datetime) -> tuple[int, int]:
    """Return when a token was issued and ends; refuse one that is not valid now."""
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    # Exactly int: True is an instance of int too.
    if type(issued_at) is not int or type(expires_at) is not int:
        raise InvalidToken("does not say how long it is valid")
    if expires_at + SKEW <= now.timestamp():
        raise InvalidToken("has expired")
    if issued_at - SKEW > now.timestamp():
        raise InvalidToken("is from the future")
    return issued_at, expires_at


def _machine(claims: Mapping[str, Any]) -> Machine:
    client_id, scope = claims.get("client_id"), claims.get("scope")
    organisations = claims.get("organisations")
    if (
        not isinstance(client_id, str)
        or not client_id
        or claims.get("sub") != client_id
        or not isinstance(claims.get("jti"), str)
        or not isinstance(scope, str)
        or not isinstance(organisations, list)
        or not organisations
        or not all(isinstance(code, str) for code in organisations)
    ):
        raise InvalidToken("does not say whose it is")
    allowed = scope.split(" ")
    return Machine(
        client_id=client_id,
        organisations=frozenset(organisations),
        # A scope that only a newer version knows allows nothing here.
        scopes=frozenset(known for known in Scope if known in allowed),
    )


def _bound_to(claims: Mapping[str, Any]) -> str | None:
    """Return the key that a token is bound to (RFC 9449 section 6.1), if any."""
    if "cnf" not in claims:
        return None
    match claims["cnf"]:
        case {"jkt": str(jkt), **more} if not more:
            return jkt
        case _:
            raise InvalidToken("is bound to something that we cannot check")
