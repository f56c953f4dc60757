"""Our access tokens: RFC 9068, signed with ES256 and read strictly.

The law: this is the only module that decodes a token, and a token is what we would have
signed ourselves, to the letter, or it is refused.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from service.auth.caller import Machine, Scope
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
            f"The access token {why}: get a new one from POST /oauth/token.",
            headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
        )


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
) -> Machine:
    """Return the machine that the token names, or refuse it.

    Whether the client has been disabled since is for the caller to ask.
    """
    kid = kid_of(token)
    if kid not in keys:
        raise InvalidToken("was signed with a key that is not ours")
    try:
        claims = jwt.decode(token, keys[kid], algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError, RecursionError) as error:
        raise InvalidToken("has a signature that does not verify") from error
    _check_meant_for(issuer, claims)
    _check_time(claims, now)
    return _machine(claims)


def kid_of(token: str) -> str:
    """Return the key id a token claims; refuse a header that we would not write."""
    if len(token) > LONGEST:
        raise InvalidToken(f"is longer than {LONGEST} characters")
    encoded, *rest = token.split(".")
    try:
        header = json.loads(
            base64.b64decode(encoded + "=" * (-len(encoded) % 4), b"-_", validate=True)
        )
    except (ValueError, RecursionError) as error:
        raise InvalidToken("is not a JWT") from error
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
    if "cnf" in claims:  # Bound to a key whose proof we do not read.
        raise InvalidToken("is bound to a key")


def _check_time(claims: Mapping[str, Any], now: datetime) -> None:
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    # Exactly int: True is an instance of int too.
    if type(issued_at) is not int or type(expires_at) is not int:
        raise InvalidToken("does not say how long it is valid")
    if expires_at + SKEW <= now.timestamp():
        raise InvalidToken("has expired")
    if issued_at - SKEW > now.timestamp():
        raise InvalidToken("is from the future")


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
