"""Changes how a registered client proves who it is: its secrets, and its exceptions.

The law: a new secret is told once, and the old ones go on for as long as was said, so
that nobody has to change both ends at once; an exception ends by itself.
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum

from service.auth import rules
from service.auth.actions import Record, machine_made_secret, no_such, save_secret
from service.auth.caller import Caller
from service.auth.client_keys import RegisteredKeys
from service.auth.rules import AuthMethod
from service.auth.tables import OAuthClient
from service.db import transaction
from service.errors import Conflict

FORGET_EXPIRED = """
DELETE FROM oauth_client_secret WHERE client = $1 AND expires_at <= $2
"""
END_SECRETS = """
UPDATE oauth_client_secret SET expires_at = $2
WHERE client = $1 AND coalesce(expires_at > $2, true)
"""
WORKING = """
SELECT count(*) FROM oauth_client_secret
WHERE client = $1 AND coalesce(expires_at > $2, true)
"""
REPLACE_KEYS = """
UPDATE oauth_client SET jwks = $2, jwks_uri = $3 WHERE id = $1
"""


class ClientIsDisabled(Conflict):
    """The client has been disabled."""

    slug = "client-disabled"


class AnotherMethod(Conflict):
    """The client authenticates in another way."""

    slug = "client-method-differs"


class TooManySecrets(Conflict):
    """The client has as many working secrets as it may."""

    slug = "too-many-secrets"


class Leave(StrEnum):
    """What a stock client may be let do until a date."""

    ENDPOINT_AUDIENCE = "endpoint_audience_until"
    """Name the token endpoint, not the issuer, as its assertions' audience."""
    RS256 = "rs256_until"
    """Sign its assertions with RS256."""


async def rotate_secret(
    client_id: str,
    *,
    keep_until: datetime,
    caller: Caller,
    now: datetime,
    record: Record,
    new_secret: Callable[[], str] = machine_made_secret,
) -> str:
    """Give it a new secret, told only here; those it has work until `keep_until`."""
    rules.check_still_works_until(keep_until, now)
    secret = new_secret()
    async with transaction() as connection:
        method = await _locked(client_id)
        if method == AuthMethod.PRIVATE_KEY_JWT:
            raise AnotherMethod(
                f"{client_id} signs with its own key: it has no secret."
            )
        await connection.execute(FORGET_EXPIRED, client_id, now)
        await connection.execute(END_SECRETS, client_id, keep_until)
        if await connection.fetchval(WORKING, client_id, now) >= rules.MOST_SECRETS:
            raise TooManySecrets(
                f"{client_id} has {rules.MOST_SECRETS} working secrets: wait until one"
                " expires, or keep none of the old ones."
            )
        await save_secret(client_id, secret, now)
        await record(
            caller,
            "client.rotate-secret",
            "oauth_client",
            client_id,
            now=now,
            after={"old_secrets_expire_at": keep_until},
        )
    return secret


async def _locked(client_id: str) -> str:
    """Return how an enabled client authenticates; nobody else changes it meanwhile."""
    found = (
        await OAuthClient.select(OAuthClient.auth_method, OAuthClient.disabled_at)
        .where(OAuthClient.id == client_id)
        .lock_rows("UPDATE")
        .first()
    )
    if found is None:
        raise no_such(client_id)
    if found["disabled_at"] is not None:
        raise ClientIsDisabled(f"{client_id} is disabled: register a new client.")
    method: str = found["auth_method"]
    return method


async def allow(
    client_id: str,
    leave: Leave,
    until: date,
    *,
    caller: Caller,
    now: datetime,
    record: Record,
) -> None:
    """Let a signing client keep a habit until a date; a date gone by ends it."""
    rules.check_exception(until, now)
    async with transaction():
        if await _locked(client_id) != AuthMethod.PRIVATE_KEY_JWT:
            raise AnotherMethod(f"{client_id} does not sign: it needs no exception.")
        await OAuthClient.update({leave.value: until}).where(
            OAuthClient.id == client_id
        )
        await record(
            caller,
            "client.exception",
            "oauth_client",
            client_id,
            now=now,
            after={leave.value: until},
        )


async def replace_keys(
    client_id: str,
    registered: RegisteredKeys,
    *,
    caller: Caller,
    now: datetime,
    record: Record,
) -> None:
    """Have a signing client's assertions verified by these keys, and no others."""
    jwks = None if registered.jwks is None else json.dumps(registered.jwks)
    async with transaction() as connection:
        if await _locked(client_id) != AuthMethod.PRIVATE_KEY_JWT:
            raise AnotherMethod(f"{client_id} does not sign: it has no keys.")
        await connection.execute(REPLACE_KEYS, client_id, jwks, registered.uri)
        await record(
            caller,
            "client.replace-keys",
            "oauth_client",
            client_id,
            now=now,
            after={"jwks": jwks, "jwks_uri": registered.uri},
        )
