"""Registers clients, gives them tokens and changes signing keys.

The law: what is given out was committed first, and every change is in the audit. The
audit lies above this room, so whoever calls hands its `record` down.
"""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import uuid4

import structlog

from service.auth import authorisation_server, keys, queries, rules, token_request
from service.auth.authorisation_server import Grant, Terms
from service.auth.caller import Caller
from service.auth.keys import KeyRing, KeyStatus
from service.auth.queries import ClientSummary
from service.auth.rules import AuthMethod
from service.auth.tables import (
    IssuedToken,
    OAuthClient,
    OAuthClientOrganisation,
    OAuthClientSecret,
)
from service.auth.token_request import Sent, TokenRefused
from service.db import transaction
from service.errors import NotFound

STATUS: Final[Mapping[str, int]] = {
    "invalid_client": 401,
    "temporarily_unavailable": 503,
}
"""Of every other error: 400."""

log = structlog.get_logger()


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What the token endpoint says."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


async def answer(
    sent: Sent,
    ring: KeyRing,
    *,
    issuer: str,
    seconds: int,
    now: datetime,
    new_jti: Callable[[], str] = lambda: str(uuid4()),
) -> Answer:
    """Answer one request for a token: load, decide, commit."""
    client_id = None
    try:
        request = token_request.read(sent)
        client_id = request.client_id
        client = await queries.client_of(client_id)
        signing = (await ring.current(now)).signing
        terms = Terms(issuer, signing, now, seconds, new_jti())
        grant = authorisation_server.decide(request, client, terms)
    except TokenRefused as refused:
        log.info("no token", client=client_id, error=refused.error, why=refused.why)
        return refusal(refused)
    await _commit(grant)
    log.info("token given", client=client_id, jti=grant.jti)
    return Answer(200, grant.body, {"Cache-Control": "no-store", "Pragma": "no-cache"})


def refusal(refused: TokenRefused) -> Answer:
    """Say no in the one shape of RFC 6749 section 5.2."""
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if refused.error == "invalid_client":
        headers["WWW-Authenticate"] = 'Basic realm="joinedup"'
    return Answer(
        STATUS.get(refused.error, 400),
        {"error": refused.error, "error_description": refused.description},
        headers,
    )


async def _commit(grant: Grant) -> None:
    await IssuedToken.insert(
        IssuedToken(
            jti=grant.jti,
            client=grant.client_id,
            issued_at=grant.issued_at,
            expires_at=grant.expires_at,
        )
    )


def machine_made_id() -> str:
    """Return a new client id."""
    return f"hr-{secrets.token_hex(8)}"


def machine_made_secret() -> str:
    """Return a new secret of 256 random bits."""
    return secrets.token_urlsafe(32)


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
    new_id: Callable[[], str] = machine_made_id,
    new_secret: Callable[[], str] = machine_made_secret,
) -> tuple[str, str]:
    """Register a client; return its id and its secret, which is told only here.

    `known` are the codes of all organisations.
    """
    rules.check_registration(
        organisations, scopes, name=name, auth_method=auth_method, known=known
    )
    client_id, secret = new_id(), new_secret()
    codes, allowed = sorted(set(organisations)), sorted(set(scopes))
    async with transaction():
        await _save_client(
            OAuthClient(
                id=client_id,
                name=name,
                auth_method=auth_method,
                scopes=allowed,
                created_at=now,
                disabled_at=None,
            ),
            codes,
            secret,
        )
        await record(
            caller,
            "client.create",
            "oauth_client",
            client_id,
            now=now,
            after={"name": name, "organisations": codes, "scopes": allowed},
        )
    return client_id, secret


async def _save_client(client: OAuthClient, codes: list[str], secret: str) -> None:
    await OAuthClient.insert(client)
    await OAuthClientOrganisation.insert(
        *(OAuthClientOrganisation(organisation=c, client=client.id) for c in codes)
    )
    await OAuthClientSecret.insert(
        OAuthClientSecret(
            digest=rules.digest(secret),
            client=client.id,
            created_at=client.created_at,
            expires_at=None,
        )
    )


async def list_clients(
    *, caller: Caller, now: datetime, record: Record
) -> list[ClientSummary]:
    """List every client, oldest first."""
    async with transaction():
        found = await queries.summaries(now)
        await record(caller, "client.list", "oauth_client", "*", now=now)
    return found


async def show(
    client_id: str, *, caller: Caller, now: datetime, record: Record
) -> ClientSummary:
    """Return one client."""
    async with transaction():
        found = await queries.summaries(now, client_id)
        if not found:
            raise _no_such(client_id)
        await record(caller, "client.show", "oauth_client", client_id, now=now)
    return found[0]


def _no_such(client_id: str) -> NoSuchClient:
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
            await record(
                caller,
                "client.disable",
                "oauth_client",
                client_id,
                now=now,
                after={"disabled_at": now},
            )
        elif not await OAuthClient.exists().where(OAuthClient.id == client_id):
            raise _no_such(client_id)


async def rotate_keys(
    *, caller: Caller, now: datetime, record: Record, discard: bool = False
) -> list[KeyStatus]:
    """Change the signing keys; return them as they are then, newest first."""
    async with transaction():
        before = await keys.statuses()
        await (keys.discard(now) if discard else keys.rotate(now))
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
