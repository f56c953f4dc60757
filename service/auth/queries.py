"""Reads of registered clients, by whoever asks for a token and by operators."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.auth.rules import Client, Secret
from service.db import transaction
from service.db.reach import EVERYONE, within_reach

CLIENT = """
SELECT c.id, c.auth_method, c.scopes, c.disabled_at IS NOT NULL AS disabled,
    c.jwks, c.jwks_uri, c.dpop, c.endpoint_audience_until, c.rs256_until,
    ARRAY(SELECT organisation FROM oauth_client_organisation o WHERE o.client = c.id)
        AS organisations,
    ARRAY(SELECT digest FROM oauth_client_secret s WHERE s.client = c.id
        ORDER BY digest) AS digests,
    ARRAY(SELECT expires_at FROM oauth_client_secret s WHERE s.client = c.id
        ORDER BY digest) AS expiries
FROM oauth_client c WHERE c.id = $1
"""
SUMMARIES = """
SELECT c.id AS client_id, c.name, c.auth_method, c.scopes,
    ARRAY(SELECT organisation FROM oauth_client_organisation o WHERE o.client = c.id
        ORDER BY organisation) AS organisations,
    ARRAY(SELECT created_at FROM oauth_client_secret s WHERE s.client = c.id
        ORDER BY created_at, digest) AS made,
    ARRAY(SELECT expires_at FROM oauth_client_secret s WHERE s.client = c.id
        ORDER BY created_at, digest) AS expiries,
    c.jwks, c.jwks_uri, c.dpop, c.endpoint_audience_until, c.rs256_until,
    c.created_at, c.disabled_at,
    (SELECT max(issued_at) FROM issued_token t WHERE t.client = c.id) AS last_token_at
FROM oauth_client c WHERE $1::text IS NULL OR c.id = $1
ORDER BY c.created_at, c.id
"""
ENABLED = "SELECT FROM oauth_client WHERE id = $1 AND disabled_at IS NULL"


@dataclass(frozen=True, slots=True)
class SecretSummary:
    """What an operator sees of a secret."""

    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClientSummary:
    """What an operator sees of a client; never a secret."""

    client_id: str
    name: str
    auth_method: str
    scopes: list[str]
    organisations: list[str]
    secrets: list[SecretSummary]
    """Oldest first; expired ones are there until the next is made."""
    key_ids: list[str]
    """Of its public keys, if they are registered by value."""
    jwks_uri: str | None
    dpop: bool
    endpoint_audience_until: date | None
    rs256_until: date | None
    created_at: datetime
    disabled_at: datetime | None
    last_token_at: datetime | None


async def client_of(client_id: str) -> Client | None:
    """Return the client as registered, with every secret, expired ones too."""
    with within_reach(EVERYONE):  # Which organisations it may see is not known yet.
        async with transaction() as connection:
            row = await connection.fetchrow(CLIENT, client_id)
    if row is None:
        return None
    pairs = zip(row["digests"], row["expiries"], strict=True)
    return Client(
        id=row["id"],
        auth_method=row["auth_method"],
        scopes=frozenset(row["scopes"]),
        organisations=frozenset(row["organisations"]),
        secrets=tuple(Secret(digest, expires_at) for digest, expires_at in pairs),
        disabled=row["disabled"],
        jwks=tuple(json.loads(row["jwks"] or "[]")),
        jwks_uri=row["jwks_uri"],
        dpop=row["dpop"],
        endpoint_audience_until=row["endpoint_audience_until"],
        rs256_until=row["rs256_until"],
    )


async def is_enabled(client_id: str) -> bool:
    """Say whether the client exists and has not been disabled."""
    async with transaction() as connection:
        return await connection.fetchrow(ENABLED, client_id) is not None


async def summaries(client_id: str | None = None) -> list[ClientSummary]:
    """List every client, oldest first, or just the one."""
    async with transaction() as connection:
        rows = await connection.fetch(SUMMARIES, client_id)
    return [_summary(dict(row)) for row in rows]


def _summary(row: dict[str, Any]) -> ClientSummary:
    pairs = zip(row.pop("made"), row.pop("expiries"), strict=True)
    keys = json.loads(row.pop("jwks") or "[]")
    return ClientSummary(
        **row,
        secrets=[SecretSummary(*pair) for pair in pairs],
        key_ids=[key.get("kid", "without kid") for key in keys],
    )
