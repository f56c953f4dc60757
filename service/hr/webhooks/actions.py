"""What a client does with its webhooks, and what ends one.

The law: theirs are those that they registered; a secret leaves this module once, in the
answer that made it. An HR administrator may act for a client: then the audit says so.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import structlog

from service.access.queries import grants
from service.access.rules import Role
from service.audit.actions import record
from service.auth.caller import Caller, Machine, Operator, Scope, SignedIn
from service.auth.guard import MissingScope
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.edge.outbound import check_url
from service.errors import NotFound
from service.hr.webhooks import rules, signing
from service.hr.webhooks.proving import prove
from service.hr.webhooks.queries import no_such, secrets_of, webhook_of
from service.hr.webhooks.rules import Step, Subject, WebhookReason, WebhookState
from service.hr.webhooks.schemas import (
    ReplayIn,
    ReplayOut,
    WebhookIn,
    WebhookMade,
    WebhookOut,
)
from service.hr.webhooks.tables import Webhook, WebhookSecret
from service.jobs.outbox import tell
from service.jobs.rules import Notice, NoticeKind
from service.settings import settings

ITSELF: Final = Operator("webhooks")
"""Who disables a webhook, in the audit: nobody asked for it."""
LOCK_CLIENT: Final = "SELECT FROM oauth_client WHERE id = $1 FOR UPDATE"
HOW_MANY: Final = "SELECT count(*) FROM webhook WHERE client = $1"
LOCK: Final = "SELECT FROM webhook WHERE id = $1 AND client = $2 FOR UPDATE"
"""Always before its events, so that two who change both wait for each other in turn."""
CHALLENGED: Final = """
UPDATE webhook SET challenged_at = $2
WHERE id = $1 AND coalesce(challenged_at <= $3, true) RETURNING 1
"""
FORGET_EXPIRED: Final = """
DELETE FROM webhook_secret WHERE webhook = $1 AND expires_at <= $2
"""
END_SECRETS: Final = """
UPDATE webhook_secret SET expires_at = $2
WHERE webhook = $1 AND coalesce(expires_at > $2, true)
"""
WORKING: Final = "SELECT count(*) FROM webhook_secret WHERE webhook = $1"
REPLAY: Final = """
WITH queued AS (
    INSERT INTO outbox AS o (id, kind, payload, dedupe_key, run_at, attempts)
    SELECT e.id, 'webhook', e.payload, e.id::text, $5, 0
    FROM (SELECT * FROM change_log c WHERE c.organisation = $2 AND c.stream = $3
            AND c.sequence >= $4 ORDER BY c.sequence LIMIT $6) AS c
    CROSS JOIN LATERAL webhook_event($1, c.organisation, c.stream, c.sequence, c.type,
        c.entity, c.version, c.op, c.changed_at) AS e
    ON CONFLICT (id) DO UPDATE
        SET run_at = $5, attempts = 0, last_error = NULL, done_at = NULL
    RETURNING (payload->>'sequence')::bigint AS sequence)
SELECT count(*) AS queued, max(sequence) AS to_sequence FROM queued
"""
ITS_EVENTS: Final = "kind = 'webhook' AND payload->>'webhook' = $1::uuid::text"
GIVE_UP: Final = (
    "UPDATE outbox SET done_at = $2, last_error = 'WebhookDisabled'"  # noqa: S608 - our own
    f" WHERE {ITS_EVENTS} AND done_at IS NULL"
)
REMOVE: Final = (
    f"DELETE FROM outbox WHERE {ITS_EVENTS}",  # noqa: S608 - our own
    "DELETE FROM webhook_attempt WHERE webhook = $1",
    "DELETE FROM webhook_secret WHERE webhook = $1",
    "DELETE FROM webhook WHERE id = $1",
)
SERVED: Final = "SELECT organisation FROM oauth_client_organisation WHERE client = $1"

log = structlog.get_logger(__name__)


async def register(
    wanted: WebhookIn, machine: Machine, now: datetime, *, by: Caller | None = None
) -> WebhookMade:
    """Take an address down; it is told nothing until it is verified."""
    _check_scopes(wanted.streams, machine.scopes)
    check_url(wanted.url, loopback=settings().allow_loopback_fetch)
    id_ = uuid4()
    async with transaction() as connection:
        await connection.execute(LOCK_CLIENT, machine.client_id)
        if await connection.fetchval(HOW_MANY, machine.client_id) >= (
            rules.MOST_WEBHOOKS
        ):
            most = rules.MOST_WEBHOOKS
            raise rules.TooManyWebhooks(f"A client has at most {most}: delete one.")
        await Webhook.insert(
            Webhook(
                id=id_,
                client=machine.client_id,
                url=wanted.url,
                streams=sorted(set(wanted.streams)),
                state=WebhookState.PENDING,
                reason=None,
                created_at=now,
                state_at=now,
                challenged_at=None,
                next_at=now,
            )
        )
        secret = await _give_secret(id_, now)
        await _audit(
            by or machine,
            "webhook.register",
            id_,
            now,
            {"host": urlsplit(wanted.url).hostname, "streams": sorted(wanted.streams)},
        )
        made = await webhook_of(id_, machine)
    return WebhookMade(**made.model_dump(), secret=secret)


def _check_scopes(streams: Collection[Subject], held: Collection[Scope]) -> None:
    missing = {stream.scope for stream in streams} - {*held}
    if missing:
        raise MissingScope(
            f"The access token lacks {', '.join(sorted(missing))}: who may not read a"
            " stream is not told of it."
        )


async def _give_secret(webhook: UUID, now: datetime) -> str:
    id_, secret = uuid4(), signing.new_secret()
    sealed = signing.seal(secret, id_)
    await WebhookSecret.insert(
        WebhookSecret(
            id=id_, webhook=webhook, sealed=sealed, created_at=now, expires_at=None
        )
    )
    return secret


async def _audit(
    caller: Caller, action: str, webhook: UUID, now: datetime, after: dict[str, Any]
) -> None:
    of = caller.organisation if isinstance(caller, SignedIn) else None
    about = "webhook", webhook
    await record(caller, action, *about, now=now, organisation=of, after=after)


async def verify(
    webhook: UUID,
    machine: Machine,
    now: datetime,
    *,
    issuer: str,
    by: Caller | None = None,
) -> WebhookOut:
    """Have the address show that it holds the secret; from then on it is told."""
    async with transaction() as connection:
        found = await webhook_of(webhook, machine)
        since = now - rules.BETWEEN_CHALLENGES
        if await connection.fetchval(CHALLENGED, webhook, now, since) is None:
            if found.state is WebhookState.ACTIVE and found.state_at > since:
                return found  # It was proven a moment ago.
            seconds = int(rules.BETWEEN_CHALLENGES.total_seconds())
            raise rules.ChallengeTooSoon(
                f"Try again in {seconds} seconds: no door is knocked at without end.",
                headers={"Retry-After": str(seconds)},
            )
        secrets = await secrets_of(webhook, now)
    await prove(webhook, found.url, secrets, issuer=issuer, now=now)
    async with transaction():
        await _move(webhook, Step.VERIFY, now)
        await _audit(by or machine, "webhook.verify", webhook, now, {})
        return await webhook_of(webhook, machine)


async def _move(
    webhook: UUID, step: Step, now: datetime, reason: WebhookReason | None = None
) -> None:
    """Take one step, whoever else takes one; the one place that changes the state."""
    rows = (
        await Webhook.select(Webhook.state)
        .where(Webhook.id == webhook)
        .lock_rows("UPDATE")
    )
    if not rows:
        raise no_such(webhook)
    await Webhook.update(
        {
            Webhook.state: rules.after(WebhookState(rows[0]["state"]), step),
            Webhook.reason: reason,
            Webhook.state_at: now,
            Webhook.next_at: now,
        }
    ).where(Webhook.id == webhook)


async def rotate(
    webhook: UUID,
    keep_hours: int,
    machine: Machine,
    now: datetime,
    *,
    by: Caller | None = None,
) -> str:
    """Give it a new secret, told only here; those it has sign beside it for a while."""
    async with transaction() as connection:
        await webhook_of(webhook, machine)
        await connection.execute(LOCK, webhook, machine.client_id)
        until = now + timedelta(hours=keep_hours)
        await connection.execute(END_SECRETS, webhook, until)
        await connection.execute(FORGET_EXPIRED, webhook, now)
        if await connection.fetchval(WORKING, webhook) >= rules.MOST_SECRETS:
            raise rules.TooManySigningSecrets(
                f"It has {rules.MOST_SECRETS} that still sign: wait until one ends, or"
                " end them with `keep_hours` 0."
            )
        secret = await _give_secret(webhook, now)
        await _audit(by or machine, "webhook.rotate", webhook, now, {"until": until})
    return secret


async def replay(
    webhook: UUID,
    wanted: ReplayIn,
    machine: Machine,
    now: datetime,
    *,
    by: Caller | None = None,
) -> ReplayOut:
    """Queue what the feed says from a number on again, each event under its own id."""
    asked = wanted.model_dump(mode="json")
    async with transaction() as connection:
        await connection.execute(LOCK, webhook, machine.client_id)
        _check_replay(await webhook_of(webhook, machine), wanted, machine)
        with within_reach(EVERYONE):  # Nobody else sees the outbox.
            async with transaction():
                row = await connection.fetchrow(
                    REPLAY, webhook, *asked.values(), now, rules.MOST_REPLAYED
                )
        await _audit(by or machine, "webhook.replay", webhook, now, asked)
    return ReplayOut.model_validate(dict(row or {}))


def _check_replay(found: WebhookOut, wanted: ReplayIn, machine: Machine) -> None:
    if found.state is not WebhookState.ACTIVE:
        raise rules.NotActive(f"The webhook is {found.state}: verify it first.")
    if wanted.organisation not in machine.organisations:
        raise NotFound(f"No organisation {wanted.organisation}.")
    stream = Subject(wanted.stream.value)
    if stream not in found.streams:
        raise rules.NotItsSubject(f"It does not hear of {stream}: register another.")
    _check_scopes([stream], machine.scopes)


async def remove(
    webhook: UUID, machine: Machine, now: datetime, *, by: Caller | None = None
) -> None:
    """Forget a webhook, with its log; what it was told of is in the feed."""
    async with transaction() as connection:
        await webhook_of(webhook, machine)
        await connection.execute(LOCK, webhook, machine.client_id)
        with within_reach(EVERYONE):
            async with transaction():
                for statement in REMOVE:
                    await connection.execute(statement, webhook)
        await _audit(by or machine, "webhook.delete", webhook, now, {})


async def disable(
    webhook: UUID, client: str, reason: WebhookReason, caller: Caller, now: datetime
) -> None:
    """Tell it nothing any more, and those who look after its organisations so."""
    async with transaction() as connection:
        await _move(webhook, Step.DISABLE, now, reason)
        await connection.execute(GIVE_UP, webhook, now)
        served = {row["organisation"] for row in await connection.fetch(SERVED, client)}
        await tell(
            [
                Notice(
                    person=grant["person"],
                    organisation=grant["organisation"],
                    kind=NoticeKind.WEBHOOK_DISABLED,
                    about=webhook,
                    key=f"{webhook} {now.isoformat()}",
                )
                for grant in await grants(now.date())
                if grant["organisation"] in served
                and grant["role"] == Role.HR_ADMINISTRATOR
            ],
            now=now,
        )
        await _audit(caller, "webhook.disable", webhook, now, {"reason": reason.value})
    log.error("webhook disabled", webhook=str(webhook), client=client, reason=reason)
