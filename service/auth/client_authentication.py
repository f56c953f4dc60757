"""Whether a client is who it says, by the one method it is registered for.

The law: pure, as every decision here; the same words refuse whatever was wrong.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from service.auth import client_assertion, rules
from service.auth.client_assertion import Expected, Once, ProvesNothing
from service.auth.client_keys import ClientKey
from service.auth.rules import AuthMethod, Client
from service.auth.token_request import Credentials, unauthenticated

TOKEN_ENDPOINT: Final = "/oauth/token"  # noqa: S105 - a path


def prove(
    credentials: Credentials,
    client: Client | None,
    keys: Sequence[ClientKey],
    *,
    issuer: str,
    assertion_seconds: int,
    now: datetime,
) -> tuple[Client, Once | None]:
    """Return the client and what its proof spends, or raise `TokenRefused`.

    `client` is what is registered under the id, and `keys` are its public keys.
    """
    if client is None:
        raise unauthenticated("unknown client")
    if credentials.method != client.auth_method:
        raise unauthenticated("registered for another method")
    if client.disabled:
        raise unauthenticated("disabled client")
    if credentials.method is not AuthMethod.PRIVATE_KEY_JWT:
        if not rules.knows_secret(client, credentials.value, now):
            raise unauthenticated("wrong or expired secret")
        return client, None
    expected = Expected(
        client_id=client.id,
        audiences=_audiences(client, issuer, now),
        rs256=rules.is_allowed(client.rs256_until, now),
        seconds=assertion_seconds,
        now=now,
    )
    try:
        return client, client_assertion.verify(credentials.value, keys, expected)
    except ProvesNothing as nothing:
        raise unauthenticated(str(nothing)) from nothing


def _audiences(client: Client, issuer: str, now: datetime) -> frozenset[str]:
    """RFC 10070: the issuer alone; the token endpoint only for those excepted."""
    if rules.is_allowed(client.endpoint_audience_until, now):
        return frozenset({issuer, issuer + TOKEN_ENDPOINT})
    return frozenset({issuer})
