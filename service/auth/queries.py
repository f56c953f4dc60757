"""Reads of registered clients, by whoever asks for a token and by operators."""

from dataclasses import dataclass
from datetime import datetime

from service.auth.rules import Client, Secret
from service.db import transaction

CLIENT = """
SELECT c.id, c.auth_method, c.scopes, c.disabled_at IS NOT NULL AS disabled,
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
    (SELECT count(*) FROM oauth_client_secret s WHERE s.client = c.id
        AND coalesce(s.expires_at > $1, true)) AS secrets,
    c.created_at, c.disabled_at,
    (SELECT max(issued_at) FROM issued_token t WHERE t.client = c.id) AS last_token_at
FROM oauth_client c WHERE $2::text IS NULL OR c.id = $2
ORDER BY c.created_at, c.id
"""
ENABLED = "SELECT FROM oauth_client WHERE id = $1 AND disabled_at IS NULL"


@dataclass(frozen=True, slots=True)
class ClientSummary:
    """What an operator sees of a client; never a secret."""

    client_id: str
    name: str
    auth_method: str
    scopes: list[str]
    organisations: list[str]
    secrets: int
    """How many have not expired."""
    created_at: datetime
    disabled_at: datetime | None
    last_token_at: datetime | None


async def client_of(client_id: str) -> Client | None:
    """Return the client as registered, with every secret, expired ones too."""
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
    )


async def is_enabled(client_id: str) -> bool:
    """Say whether the client exists and has not been disabled."""
    async with transaction() as connection:
        return await connection.fetchrow(ENABLED, client_id) is not None


async def summaries(now: datetime, client_id: str | None = None) -> list[ClientSummary]:
    """List every client, oldest first, or just the one."""
    async with transaction() as connection:
        rows = await connection.fetch(SUMMARIES, now, client_id)
    return [ClientSummary(**row) for row in rows]
