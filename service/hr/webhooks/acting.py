"""An HR administrator in the place of one of the organisation's own clients.

The law: only of a client that serves their organisation alone, and within what that
client may do.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.access import client_actions
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.queries import ClientSummary
from service.hr.webhooks import queries
from service.hr.webhooks.schemas import WebhookOut


@dataclass(frozen=True, slots=True)
class Its:
    """A webhook and the HR system whose it is."""

    client: ClientSummary
    machine: Machine
    webhook: WebhookOut


async def of_client(client_id: str, caller: SignedIn, now: datetime) -> Machine:
    """Return what stands for a client of the caller's organisation."""
    return _machine(await client_actions.client_of(client_id, caller, now), caller)


async def of_webhook(webhook: UUID, caller: SignedIn, now: datetime) -> Its:
    """Return a webhook of a client of the caller's organisation."""
    whose = await queries.client_with(webhook)
    if whose is None:
        raise queries.no_such(webhook)
    client = await client_actions.client_of(whose, caller, now)
    machine = _machine(client, caller)
    return Its(client, machine, await queries.webhook_of(webhook, machine))


def _machine(client: ClientSummary, caller: SignedIn) -> Machine:
    return Machine(
        client.client_id,
        frozenset({caller.organisation}),
        frozenset(map(Scope, client.scopes)),
    )
