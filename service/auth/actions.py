"""Registers, lists and disables clients, and changes signing keys.

The law: what is given out was committed first, and every change is in the audit. The
audit lies above this room, so whoever calls hands its `record` down.
"""

import json
import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from service.auth import keys, queries, revocation, rules
from service.auth.caller import Caller
from service.auth.client_keys import NO_KEYS, RegisteredKeys
from service.auth.keys import KeyStatus
from service.auth.queries import ClientSummary
from service.auth.row_keys import actions as row_keys
from service.auth.rules import AuthMethod
from service.auth.tables import (
    IssuedToken,
    OAuthClient,
    OAuthClientOrganisation,
    OAuthClientSecret,
)
from service.db import transaction
from service.errors import NotFound


class NoSuchClient(NotFound):
    """No client has that id."""

    slug = "no-such-client"


class Record(Protocol):
    """Adds one entry to the audit: `service.audit.actions.record`."""

    async def __call__(
        self,
        caller: Caller,
        action: str,
        entity: str,
        entity_id: object,
        *,
        now: datetime,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Add it, inside the transaction that makes it true."""


def machine_made_id() -> str:
    """Return a new client id."""
    return f"hr-{secrets.token_hex(8)}"


def machine_made_secret() -> str:
    """Return a new secret of 256 random bits."""
    return secrets.token_urlsafe(32)


def machine_made_credentials() -> tuple[str, str]:
    """Return a new client id and secret."""
    return machine_made_id(), machine_made_secret()


async def create_client(
    organisations: Collection[str],
    scopes: Collection[str],
    *,
    known: Collection[str],
    caller: Caller,
    now: datetime,
    record: Record,
    name: str = "HR system",
    auth_method: str = AuthMethod.CLIENT_SECRET_BASIC,
    dpop: bool = False,
    new_credentials: Callable[[], tuple[str, str]] = machine_made_credentials,
) -> tuple[str, str]:
    """Register a client with a secret; return its id, and the secret, told only here.

    `known` are the codes of all organisations.
    """
    if auth_method == AuthMethod.PRIVATE_KEY_JWT:
        raise rules.keys_missing()
    rules.check_registration(
        organisations, scopes, name=name, auth_method=auth_method, known=known
    )
    client = _new_client(scopes, name, auth_method, now, dpop=dpop)
    client.id, secret = new_credentials()
    async with transaction():
        await _save_client(client, organisations, caller, now, record)
        await save_secret(client.id, secret, now)
    return client.id, secret


async def create_signing_client(
    organisations: Collection[str],
    scopes: Collection[str],
    *,
    known: Collection[str],
    caller: Caller,
    now: datetime,
    record: Record,
    registered: RegisteredKeys,
    name: str = "HR system",
    dpop: bool = False,
) -> str:
    """Register a client that signs assertions (private_key_jwt); return its id.

    `known` are the codes of all organisations.
    """
    method = AuthMethod.PRIVATE_KEY_JWT
    rules.check_registration(
        organisations, scopes, name=name, auth_method=method, known=known
    )
    client = _new_client(scopes, name, method, now, dpop=dpop, keys=registered)
    async with transaction():
        await _save_client(client, organisations, caller, now, record)
    return client.id


def _new_client(
    scopes: Collection[str],
    name: str,
    auth_method: str,
    now: datetime,
    *,
    dpop: bool,
    keys: RegisteredKeys = NO_KEYS,
) -> OAuthClient:
    return OAuthClient(
        id=machine_made_id(),
        name=name,
        auth_method=auth_method,
        scopes=sorted(set(scopes)),
        created_at=now,
        disabled_at=None,
        jwks=None if keys.jwks is None else json.dumps(keys.jwks),
        jwks_uri=keys.uri,
        dpop=dpop,
        endpoint_audience_until=None,
        rs256_until=None,
    )


async def _save_client(
    client: OAuthClient,
    organisations: Collection[str],
    caller: Caller,
    now: datetime,
    record: Record,
) -> None:
    codes = sorted(set(organisations))
    await OAuthClient.insert(client)
    await OAuthClientOrganisation.insert(
        *(OAuthClientOrganisation(organisation=c, client=client.id) for c in codes)
    )
    await record(
        caller,
        "client.create",
        "oauth_client",
        client.id,
        now=now,
        after={
            "name": client.name,
            "organisations": codes,
            "scopes": client.scopes,
            "auth_method": client.auth_method,
            "dpop": client.dpop,
            "jwks": client.jwks,
            "jwks_uri": client.jwks_uri,
        },
    )


async def save_secret(client_id: str, secret: str, now: datetime) -> None:
    """Keep the digest of a new secret, inside the transaction that allows it."""
    await OAuthClientSecret.insert(
        OAuthClientSecret(
            digest=rules.digest(secret),
            client=client_id,
            created_at=now,
            expires_at=None,
        )
    )


async def list_clients(
    *, caller: Caller, now: datetime, record: Record
) -> list[ClientSummary]:
    """List every client, oldest first."""
    async with transaction():
        found = await queries.summaries()
        await record(caller, "client.list", "oauth_client", "*", now=now)
    return found


async def show(
    client_id: str, *, caller: Caller, now: datetime, record: Record
) -> ClientSummary:
    """Return one client."""
    async with transaction():
        found = await queries.summaries(client_id)
        if not found:
            raise no_such(client_id)
        await record(caller, "client.show", "oauth_client", client_id, now=now)
    return found[0]


def no_such(client_id: str) -> NoSuchClient:
    """Return the refusal of an id that no client has."""
    return NoSuchClient(f"No client {client_id!r}: see `joinedup clients list`.")


async def disable_client(
    client_id: str, *, caller: Caller, now: datetime, record: Record
) -> None:
    """Give it no more tokens, and refuse those it has; twice is as good as once."""
    async with transaction():
        disabled = (
            await OAuthClient.update({OAuthClient.disabled_at: now})
            .where(OAuthClient.id == client_id, OAuthClient.disabled_at.is_null())
            .returning(OAuthClient.id)
        )
        if disabled:
            await revocation.revoke_all(client_id, now)
            await record(
                caller,
                "client.disable",
                "oauth_client",
                client_id,
                now=now,
                after={"disabled_at": now},
            )
        known = await OAuthClient.exists().where(OAuthClient.id == client_id)
    if not known:
        raise no_such(client_id)


async def revoke_tokens(
    client_id: str, *, caller: Caller, now: datetime, record: Record
) -> None:
    """End every token that it was given till now; it may ask for new ones."""
    async with transaction():
        if not await revocation.revoke_all(client_id, now):
            raise no_such(client_id)
        await record(
            caller,
            "client.revoke-tokens",
            "oauth_client",
            client_id,
            now=now,
            after={"not_before": now},
        )


async def rotate_keys(
    *,
    caller: Caller,
    now: datetime,
    record: Record,
    discard: bool = False,
    rows: bool = False,
) -> list[KeyStatus]:
    """Change the keys of tokens; return them as they are then, newest first.

    `rows` changes the key of rows too, as throwing keys away does.
    """
    async with transaction():
        before = await keys.statuses()
        await (keys.discard(now) if discard else keys.rotate(now))
        if discard or rows:
            await row_keys.rotate()
        after = await keys.statuses()
        await record(
            caller,
            "keys.discard" if discard else "keys.rotate",
            "signing_key",
            "*",
            now=now,
            before={key.kid: key.state for key in before},
            after={key.kid: key.state for key in after},
        )
    return after


async def forget_dead_tokens(now: datetime) -> int:
    """Delete the rows of tokens that have expired; return how many there were."""
    dead = (
        await IssuedToken.delete()
        .where(IssuedToken.expires_at <= now)
        .returning(IssuedToken.jti)
    )
    return len(dead)
