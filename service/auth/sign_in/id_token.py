"""ID tokens, read strictly: who a provider says has just signed in.

The law: the provider's registration says which algorithms count and whom it may speak
to; the token must be for us alone and for the very sign-in that we began.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped] # has no types
from joserfc.errors import JoseError

from service.auth.external_tokens import LONGEST_KID, REFUSED_HEADERS
from service.auth.jwks import Key, algorithms_of
from service.auth.sign_in.client import Given
from service.auth.sign_in.providers import Provider
from service.auth.sign_in.refusing import failed
from service.auth.tokens import InvalidToken, claimed, signed_claims

SKEW: Final = 60
"""Seconds by which a provider's clock may differ."""
OLDEST: Final = 600
"""Seconds since it was issued: it comes with the code, moments after."""
LONGEST_SUBJECT: Final = 255
NOT_OURS: Final = frozenset({"events", "htm", "cnf"})
"""Claims of logout tokens and proofs, which the same keys sign."""


def kid_of(id_token: str, provider: Provider) -> str | None:
    """Return the key id; refuse a header before any key is fetched for it."""
    try:
        header, _ = claimed(id_token)
    except InvalidToken as refused:
        raise failed(provider.id, "an ID token that is no JWT") from refused
    typ, kid = header.get("typ", "JWT"), header.get("kid")
    if header.get("alg") not in provider.algorithms:
        raise failed(provider.id, "another algorithm than was agreed")
    if header.keys() & REFUSED_HEADERS or not isinstance(typ, str):
        raise failed(provider.id, "a header that brings its own key")
    if typ.lower() != "jwt":  # Access tokens and logout tokens say so.
        raise failed(provider.id, "no ID token")
    if kid is not None and (
        not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_KID
    ):
        raise failed(provider.id, "a key id that is none")
    return kid


def read(
    given: Given,
    keys: Sequence[Key],
    provider: Provider,
    *,
    nonce: str,
    now: datetime,
) -> Mapping[str, Any]:
    """Return what an ID token says, or refuse it."""
    claims = _signed(given.id_token, keys, provider)
    header, _ = claimed(given.id_token)
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "sub": {"essential": True},
    }
    params = {
        "nonce": nonce,
        "client_id": provider.client_id,
        "access_token": given.access_token,
    }
    at = int(now.timestamp())
    try:
        CodeIDToken(claims, header, options, params).validate(now=at, leeway=SKEW)
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise failed(provider.id, f"claims: {type(error).__name__}") from error
    _check_ours(claims, provider, at)
    return claims


def _signed(
    id_token: str, keys: Sequence[Key], provider: Provider
) -> Mapping[str, Any]:
    """Try each key of the id with the algorithms agreed that are its own."""
    for key in keys:
        agreed = [a for a in algorithms_of(key) if a in provider.algorithms]
        try:
            return signed_claims(id_token, key, agreed)
        except InvalidToken:
            continue
    raise failed(provider.id, "a signature that does not verify")


def _check_ours(claims: Mapping[str, Any], provider: Provider, at: int) -> None:
    """Refuse what Authlib lets pass: lists of audiences, old tokens, other kinds."""
    if claims["iss"] != provider.issuer:
        raise failed(provider.id, "another issuer")
    if claims["aud"] not in (provider.client_id, [provider.client_id]):
        raise failed(provider.id, "another audience")
    issued_at = claims["iat"]
    # Exactly int: True is an instance of int too.
    if type(issued_at) is not int or not at - OLDEST <= issued_at <= at + SKEW:
        raise failed(provider.id, "an ID token of another time")
    subject = claims["sub"]
    if (
        not isinstance(subject, str)
        or not 0 < len(subject) <= LONGEST_SUBJECT
        or not subject.isprintable()
    ):
        raise failed(provider.id, "no subject")
    if claims.keys() & NOT_OURS:
        raise failed(provider.id, "no ID token")
