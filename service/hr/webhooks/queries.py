"""Reads of webhooks: by their clients, and by whoever runs the service."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from service.auth.caller import Machine
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import NotFound
from service.hr.webhooks import signing
from service.hr.webhooks.schemas import DeliveryOut, WebhookOut, type_of

WEBHOOK: Final = """
SELECT w.id, w.client, w.url, w.streams, w.state, w.reason, w.created_at, w.state_at,
    (SELECT coalesce(json_agg(json_build_object(
            'created_at', s.created_at, 'expires_at', s.expires_at)
            ORDER BY s.created_at, s.id), '[]')
        FROM webhook_secret s WHERE s.webhook = w.id) AS secrets
FROM webhook w"""
WEBHOOKS: Final = f"""
{WEBHOOK} WHERE w.client = $1 AND ($2::uuid IS NULL OR w.id = $2)
ORDER BY w.created_at, w.id
"""
AMONG: Final = f"{WEBHOOK} WHERE w.client = ANY ($1) ORDER BY w.created_at, w.id"
WHOSE: Final = "SELECT client FROM webhook WHERE id = $1"
SECRETS: Final = """
SELECT id, sealed FROM webhook_secret
WHERE webhook = $1 AND coalesce(expires_at > $2, true)
ORDER BY created_at DESC, id LIMIT 10
"""
DELIVERIES: Final = """
SELECT o.id, o.payload, o.run_at, o.attempts, o.last_error, o.done_at,
    (SELECT coalesce(json_agg(json_build_object('number', a.number, 'at', a.at,
            'status', a.status, 'error', a.error, 'milliseconds', a.milliseconds)
            ORDER BY a.at, a.number), '[]')
        FROM webhook_attempt a WHERE a.webhook = $1 AND a.event = o.id) AS tried
FROM outbox o
WHERE o.kind = 'webhook' AND o.payload->>'webhook' = $1::uuid::text
    AND o.payload->>'organisation' = ANY ($2)
    AND ($3::text IS NULL OR (o.payload->>'at', o.id) < ($3, $4::uuid))
ORDER BY o.payload->>'at' DESC, o.id DESC LIMIT $5
"""
EVERYONES: Final = """
SELECT w.id, w.client, c.name, split_part(w.url, '?', 1) AS url, w.streams, w.state,
    w.reason, w.state_at,
    (SELECT count(*) FROM outbox o WHERE o.kind = 'webhook' AND o.done_at IS NULL
        AND o.payload->>'webhook' = w.id::text) AS waiting,
    (SELECT max(a.at) FROM webhook_attempt a WHERE a.webhook = w.id
        AND a.status BETWEEN 200 AND 299) AS last_taken_at,
    (SELECT max(a.at) FROM webhook_attempt a WHERE a.webhook = w.id
        AND coalesce(a.status NOT BETWEEN 200 AND 299, true)) AS last_failed_at
FROM webhook w JOIN oauth_client c ON c.id = w.client
ORDER BY w.created_at, w.id
"""
"""What follows a question mark may let in whoever knows it: it stays here."""


async def webhooks_of(machine: Machine) -> list[WebhookOut]:
    """Return the client's webhooks, oldest first."""
    return await _webhooks(machine, None)


async def webhooks_among(clients: Collection[str]) -> dict[str, list[WebhookOut]]:
    """Return the webhooks of these clients, each client's oldest first."""
    found: dict[str, list[WebhookOut]] = {}
    async with transaction() as connection:
        rows = await connection.fetch(AMONG, sorted(clients))
    for row in rows:
        found.setdefault(row["client"], []).append(_webhook(dict(row)))
    return found


async def client_with(webhook: UUID) -> str | None:
    """Return the client that has a webhook, within the caller's reach."""
    async with transaction() as connection:
        return cast("str | None", await connection.fetchval(WHOSE, webhook))


async def webhook_of(webhook: UUID, machine: Machine) -> WebhookOut:
    """Return one of the client's webhooks."""
    found = await _webhooks(machine, webhook)
    if not found:
        raise no_such(webhook)
    return found[0]


def no_such(webhook: UUID) -> NotFound:
    """Say that the client has no such webhook, whether or not anybody has."""
    return NotFound(f"No webhook {webhook}.")


async def _webhooks(machine: Machine, webhook: UUID | None) -> list[WebhookOut]:
    async with transaction() as connection:
        rows = await connection.fetch(WEBHOOKS, machine.client_id, webhook)
    return [_webhook(dict(row)) for row in rows]


def _webhook(row: dict[str, Any]) -> WebhookOut:
    told = {name: row[name] for name in WebhookOut.model_fields}
    return WebhookOut(**(told | {"secrets": json.loads(row["secrets"])}))


async def secrets_of(webhook: UUID, now: datetime) -> list[str]:
    """Return what signs a webhook's events now, the newest first."""
    async with transaction() as connection:
        rows = await connection.fetch(SECRETS, webhook, now)
    return [signing.unseal(row["sealed"], row["id"]) for row in rows]


async def deliveries_of(
    webhook: UUID,
    organisations: Collection[str],
    *,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[DeliveryOut]:
    """Return a webhook's events of these organisations, latest changes first.

    `after` is the place of the last one: when its change was, and its id.
    """
    at, id_ = after or (None, None)
    with within_reach(EVERYONE):  # Nobody else sees the outbox.
        async with transaction() as connection:
            rows = await connection.fetch(
                DELIVERIES, webhook, sorted(organisations), at, id_, limit
            )
    return [_delivery(dict(row)) for row in rows]


def _delivery(row: dict[str, Any]) -> DeliveryOut:
    event = json.loads(row["payload"])
    waits = row["done_at"] is None
    over = "delivered" if row["last_error"] is None else "given_up"
    return DeliveryOut.model_validate(
        {
            "id": row["id"],
            "type": type_of(event["type"], event["op"]),
            "organisation": event["organisation"],
            "stream": event["stream"],
            "sequence": event["sequence"] or None,
            "entity": event["entity"],
            "state": "pending" if waits else over,
            "changed_at": event["at"],
            "next_attempt_at": row["run_at"] if waits and row["attempts"] else None,
            "attempts": json.loads(row["tried"]),
        }
    )


async def everyones() -> list[dict[str, Any]]:
    """Return every client's webhooks, how much waits and how it went last."""
    async with transaction() as connection:
        return [dict(row) for row in await connection.fetch(EVERYONES)]
