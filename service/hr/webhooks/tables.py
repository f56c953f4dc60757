"""Webhooks as stored, and every attempt to tell them something."""

from piccolo.columns import (
    UUID,
    Array,
    Bytea,
    Column,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.db import DB, one_of
from service.hr.webhooks.rules import WebhookReason, WebhookState


class Webhook(Table, db=DB, tablename="webhook"):
    """An address of a client's that is told when its feeds move."""

    id = UUID(primary_key=True, default=None)
    client = Varchar(length=64, default=None)
    url = Varchar(length=500, default=None)
    streams: Column = Array(base_column=Varchar(length=20), default=None)
    state = Varchar(length=10, default=None)
    reason = Varchar(length=20, default=None, null=True)
    created_at = Timestamptz(default=None)
    state_at = Timestamptz(default=None, help_text="Since when it is in its state.")
    challenged_at = Timestamptz(default=None, null=True)
    next_at = Timestamptz(
        default=None,
        help_text="Not to be tried before; while somebody tries, when to doubt them.",
    )

    webhook_state_is_known = one_of("state", WebhookState)
    webhook_reason_is_known = one_of("reason", WebhookReason)


class WebhookSecret(Table, db=DB, tablename="webhook_secret"):
    """What signs a webhook's events, sealed under the service's secret key."""

    id = UUID(primary_key=True, default=None)
    webhook = UUID(default=None)
    sealed = Bytea(default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None, null=True)


class WebhookAttempt(Table, db=DB, tablename="webhook_attempt"):
    """One attempt to tell a webhook one event, and what came of it."""

    organisation = Varchar(length=40, default=None, help_text="Whom the event is of.")
    id = UUID(primary_key=True, default=None)
    webhook = UUID(default=None)
    event = UUID(default=None, help_text="The delivery in the outbox.")
    at = Timestamptz(default=None)
    number = Integer(default=None, help_text="Which attempt it was, from 1.")
    status = Integer(default=None, null=True, help_text="What the address answered.")
    error = Varchar(length=60, default=None, null=True, help_text="Why it did not.")
    milliseconds = Integer(default=None)
