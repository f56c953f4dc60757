"""Access tokens of organisations' own issuers (Entra ID, Keycloak), read strictly.

The law: the registration says which algorithms, audience and claims count, whose people
and what scopes; the token only says which of these it is.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from service.auth.caller import Machine, Scope
from service.auth.issuers import CLIENT, ExternalIssuer
from service.auth.jwks import Key, algorithms_of
from service.auth.tokens import (
    SKEW,
    InvalidToken,
    Named,
    Verified,
    check_time,
    signed_claims,
)

TYPES: Final = frozenset({"at+jwt", "application/at+jwt", "jwt"})
"""Entra ID and Keycloak write JWT; what is no access token is told by its claims."""
REFUSED_HEADERS: Final = frozenset(
    {"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"}
)
"""No key, address of a key or critical extension in a header counts."""
NOT_FOR_ACCESS: Final = frozenset({"at_hash", "c_hash", "s_hash", "events", "htm"})
"""Claims of ID tokens, logout tokens and proofs."""
OF_A_USER: Final = frozenset({"scp", "sid", "session_state", "auth_time", "amr", "upn"})
"""Claims by which Entra ID and Keycloak tell a user's token from a client's own."""
CLIENT_CLAIMS: Final = ("client_id", "azp", "appid")
LONGEST_KID: Final = 200
LONGEST_IDENTIFIER: Final = 120


def issuer_for(
    claims: Mapping[str, Any], known: Collection[ExternalIssuer]
) -> ExternalIssuer:
    """Choose the registration to hold a token to, by claims that nothing proves yet."""
    named = [one for one in known if one.issuer == claims.get("iss")]
    if not named:
        raise InvalidToken("is from another issuer")
    meant = [one for one in named if _is_for(one.audience, claims.get("aud"))]
    return (meant or sorted(named, key=lambda one: one.audience))[0]


def kid_of(header: Mapping[str, Any], issuer: ExternalIssuer) -> str:
    """Return the key id; refuse a header that these issuers do not write."""
    typ, kid = header.get("typ"), header.get("kid")
    if (
        header.keys() & REFUSED_HEADERS
        or not isinstance(typ, str)
        or typ.lower() not in TYPES
        or not isinstance(kid, str)
        or not 0 < len(kid) <= LONGEST_KID
    ):
        raise InvalidToken("has a header that is not an access token's")
    # Refused before any key is fetched for it; what verifies is the registration's.
    if header.get("alg") not in issuer.algorithms:
        raise InvalidToken("is signed with another algorithm than was agreed")
    return kid


def verify(
    token: str, *, kid: str, keys: Sequence[Key], issuer: ExternalIssuer, now: datetime
) -> Verified:
    """Return what a token of `issuer` states, or refuse it."""
    claims = _signed(token, keys, issuer)
    _check_meant_for(issuer, claims)
    _check_kind(claims)
    issued_at, expires_at = check_time(claims, now)
    _check_begun(claims, now)
    return Verified(
        who=_who(issuer, claims),
        kid=kid,
        issued_at=issued_at,
        expires_at=expires_at,
        issuer=issuer,
    )


def _signed(
    token: str, keys: Sequence[Key], issuer: ExternalIssuer
) -> Mapping[str, Any]:
    """Try each key of the id with the algorithms agreed that are its own."""
    for key in keys:
        agreed = [a for a in algorithms_of(key) if a in issuer.algorithms]
        try:
            return signed_claims(token, key, agreed)
        except InvalidToken:
            continue
    raise InvalidToken("has a signature that does not verify")


def _check_meant_for(issuer: ExternalIssuer, claims: Mapping[str, Any]) -> None:
    if claims.get("iss") != issuer.issuer:
        raise InvalidToken("is from another issuer")
    if not _is_for(issuer.audience, claims.get("aud")):
        raise InvalidToken("is meant for another audience")
    for name, value in issuer.claims:
        if claims.get(name) != value:
            raise InvalidToken(f"has another {name} than was agreed")


def _is_for(audience: str, aud: object) -> bool:
    """Say whether a token is for us alone: one for others too, they could send us."""
    return aud in (audience, [audience])


def _check_kind(claims: Mapping[str, Any]) -> None:
    """Refuse what is signed by the same keys and is no access token."""
    if claims.keys() & NOT_FOR_ACCESS or claims.get("typ", "Bearer") != "Bearer":
        raise InvalidToken("is no access token")
    if "cnf" in claims:  # Bound to a key whose proof we do not read.
        raise InvalidToken("is bound to a key")


def _check_begun(claims: Mapping[str, Any], now: datetime) -> None:
    begins = claims.get("nbf", 0)
    if type(begins) is not int or begins - SKEW > now.timestamp():
        raise InvalidToken("is from the future")


def _who(issuer: ExternalIssuer, claims: Mapping[str, Any]) -> Machine | Named:
    client = _client(issuer, claims)
    if _speaks_for_a_person(issuer, claims):
        return _named(issuer, claims)
    return Machine(
        # No client of ours has a stroke in its id, so none can be taken for another.
        client_id=f"{issuer.organisation}/{client}",
        organisations=frozenset({issuer.organisation}),
        scopes=_scopes(issuer, claims),
    )


def _client(issuer: ExternalIssuer, claims: Mapping[str, Any]) -> str:
    """Return whom the token was given to; an ID token of Entra ID does not say."""
    named = [claims[name] for name in CLIENT_CLAIMS if name in claims]
    client = named[0] if named else None
    if not isinstance(client, str) or not CLIENT.fullmatch(client):
        raise InvalidToken("does not say whose it is")
    if any(other != client for other in named):
        raise InvalidToken("says twice whose it is")
    if issuer.clients and client not in issuer.clients:
        raise InvalidToken("was given to a client that may not come")
    return client


def _speaks_for_a_person(issuer: ExternalIssuer, claims: Mapping[str, Any]) -> bool:
    if claims.get("idtyp") == "app":  # Entra ID's word for a client's own token.
        return False
    return issuer.person_claim in claims or bool(claims.keys() & OF_A_USER)


def _named(issuer: ExternalIssuer, claims: Mapping[str, Any]) -> Named:
    if issuer.person_claim is None or issuer.person_source is None:
        raise InvalidToken("speaks for a person, and its issuer may name none")
    external_id = claims.get(issuer.person_claim)
    if (
        not isinstance(external_id, str)
        or not 0 < len(external_id) <= LONGEST_IDENTIFIER
        or not external_id.isprintable()
    ):
        raise InvalidToken("does not name a person")
    return Named(issuer.organisation, issuer.person_source, external_id)


def _scopes(issuer: ExternalIssuer, claims: Mapping[str, Any]) -> frozenset[Scope]:
    """Return our scopes for theirs; one of theirs that is not mapped grants nothing."""
    said: set[object] = set()
    for name in ("scope", "roles"):
        value = claims.get(name)
        if isinstance(value, str):
            said |= set(value.split(" "))
        elif isinstance(value, list):
            said |= {each for each in value if isinstance(each, str)}
    ours = {ours for theirs, ours in issuer.scopes if theirs in said}
    return frozenset(known for known in Scope if known in ours)
