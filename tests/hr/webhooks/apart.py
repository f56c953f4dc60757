"""Webhooks that are really committed to, without HTTP: for workers and their deaths."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.audit.actions import record
from service.auth.actions import create_client
from service.auth.caller import Machine, Scope
from service.changes import actions as changes
from service.changes.rules import Change, Stream
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.hr.webhooks import actions
from service.hr.webhooks.rules import Subject
from service.hr.webhooks.schemas import WebhookIn
from tests.factories import OPERATOR
from tests.hr.webhooks.hearing import ISSUER
from tests.hr.webhooks.receiver import Receiver

SCOPES = (Scope.WEBHOOKS_WRITE, Scope.SCORES_READ)


@dataclass(frozen=True)
class Told:
    """A webhook and where it leads."""

    webhook: UUID
    machine: Machine
    receiver: Receiver


async def a_told(receiver: Receiver, organisation: str, now: datetime) -> Told:
    """A client of an organisation that hears of its scores at this address."""
    client, _ = await create_client(
        [organisation],
        SCOPES,
        known=[organisation],
        caller=OPERATOR,
        now=now,
        record=record,
    )
    machine = Machine(client, frozenset([organisation]), frozenset(SCOPES))
    wanted = WebhookIn(url=receiver.url, streams=[Subject.SCORES])
    made = await actions.register(wanted, machine, now)
    receiver.secret = made.secret
    await actions.verify(made.id, machine, now, issuer=ISSUER)
    return Told(made.id, machine, receiver)


async def commit(organisation: str, things: list[UUID], now: datetime) -> None:
    """Change things in one transaction, and end it."""
    with within_reach(EVERYONE):
        async with transaction():
            await changes.note(
                [
                    Change(organisation, Stream.SCORES, "score", each, 1)
                    for each in things
                ],
                now=now,
            )
