"""Tells a client about its own access tokens, and ends them (RFC 7662, RFC 7009).

The law: who asks proves who it is exactly as for a token, learns nothing of another's
token and ends none; what is answered is what the database says at this moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from service.auth import issuing, revocation, token_request, tokens
from service.auth.actions import Record
from service.auth.client_assertion import Once
from service.auth.client_authentication import prove
from service.auth.issuing import Answer, Server
from service.auth.rules import Client
from service.auth.token_request import Sent, TokenRefused
from service.auth.tokens import InvalidToken, Ours
from service.db import transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """An authenticated client, and the token it asks about."""

    client: Client
    once: Once | None
    """What its authentication spends."""
    token: str


async def introspect(
    sent: Sent, server: Server, *, now: datetime, monotonic: float
) -> Answer:
    """Say what a token of the client's own allows, if it is still good."""
    try:
        asked = await _asked(sent, server, now, monotonic)
        found = await _found(asked.token, server, now)
        async with transaction():
            await _spend(asked)
            if found is None or not await _is_active(found, asked.client):
                return _said({"active": False})
    except TokenRefused as refused:
        return _refusal(refused, "introspection")
    return _said(_described(found, server.issuer))


async def revoke(
    sent: Sent, server: Server, *, now: datetime, monotonic: float, record: Record
) -> Answer:
    """End a token of the client's own; one that is over is as good as ended."""
    try:
        asked = await _asked(sent, server, now, monotonic)
        found = await _found(asked.token, server, now)
        async with transaction():
            await _spend(asked)
            if found is not None:
                await _end(found, asked.client, now, record)
    except TokenRefused as refused:
        return _refusal(refused, "revocation")
    return _said({})


async def _asked(sent: Sent, server: Server, now: datetime, monotonic: float) -> Asked:
    """Authenticate the client as the token endpoint does."""
    parameters = token_request.parameters_of(sent)
    credentials = token_request.credentials_of(sent, parameters)
    registered, keys = await issuing.load(credentials, server.published, monotonic)
    client, once = prove(
        credentials,
        registered,
        keys,
        issuer=server.issuer,
        assertion_seconds=server.assertion_seconds,
        now=now,
    )
    if "token" not in parameters:
        raise TokenRefused("invalid_request", "Send the token as `token`.")
    return Asked(client, once, parameters["token"])


async def _found(token: str, server: Server, now: datetime) -> Ours | None:
    """Return what the token states, if it is one of ours and has not expired."""
    try:
        ring = await server.ring.holding(tokens.kid_of(token), now)
        return tokens.verify(token, keys=ring.verifying, issuer=server.issuer, now=now)
    except InvalidToken:
        return None


async def _spend(asked: Asked) -> None:
    if asked.once is not None:
        await issuing.spend_once(asked.once)


async def _is_active(found: Ours, client: Client) -> bool:
    mine = found.who.client_id == client.id
    return mine and not await revocation.is_revoked_now(
        found.jti, client.id, found.issued_at
    )


def _described(found: Ours, issuer: str) -> dict[str, Any]:
    """RFC 7662 section 2.2, RFC 9449 section 6.2, and the organisations."""
    bound = {} if found.jkt is None else {"cnf": {"jkt": found.jkt}}
    return {
        "active": True,
        "scope": " ".join(sorted(found.who.scopes)),
        "client_id": found.who.client_id,
        "token_type": "DPoP" if bound else "Bearer",
        "exp": found.expires_at,
        "iat": found.issued_at,
        "sub": found.who.client_id,
        "aud": issuer,
        "iss": issuer,
        "jti": found.jti,
        "organisations": sorted(found.who.organisations),
        **bound,
    }


async def _end(found: Ours, client: Client, now: datetime, record: Record) -> None:
    if found.who.client_id != client.id:  # RFC 7009 section 2.1
        raise TokenRefused("invalid_request", "The token was given to another client.")
    expires_at = datetime.fromtimestamp(found.expires_at, UTC)
    if await revocation.revoke(found.jti, client.id, expires_at=expires_at, now=now):
        await record(found.who, "token.revoke", "issued_token", found.jti, now=now)


def _said(body: Mapping[str, Any]) -> Answer:
    return Answer(200, dict(body), {"Cache-Control": "no-store", "Pragma": "no-cache"})


def _refusal(refused: TokenRefused, endpoint: str) -> Answer:
    log.info("refused", endpoint=endpoint, error=refused.error, why=refused.why)
    return issuing.refusal(refused)
