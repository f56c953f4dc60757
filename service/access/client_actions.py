"""What an organisation's HR administrator does with its clients.

The law: theirs are the clients that serve their organisation and no other; the rest are
not there, not even those that serve it among others: these are an operator's.
"""

from datetime import datetime, timedelta
from functools import partial

from service.access.schemas import ClientIn, CredentialsOut
from service.audit.actions import record
from service.auth import actions, client_keys, credentials, queries, rules
from service.auth.caller import SignedIn
from service.auth.queries import ClientSummary
from service.auth.rules import AuthMethod
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.settings import settings


async def clients_of(caller: SignedIn, now: datetime) -> list[ClientSummary]:
    """List the organisation's clients, oldest first."""
    async with transaction():
        found = await _summaries(caller)
        await record(
            caller,
            "client.list",
            "oauth_client",
            "*",
            now=now,
            organisation=caller.organisation,
        )
    return found


async def client_of(client_id: str, caller: SignedIn, now: datetime) -> ClientSummary:
    """Return one of the organisation's clients."""
    async with transaction():
        found = await _theirs(client_id, caller)
        await record(
            caller,
            "client.show",
            "oauth_client",
            client_id,
            now=now,
            organisation=caller.organisation,
        )
    return found


async def create(wanted: ClientIn, caller: SignedIn, now: datetime) -> CredentialsOut:
    """Register a client for the administrator's organisation."""
    asked = [caller.organisation], [scope.value for scope in wanted.scopes]
    recorded = partial(record, organisation=caller.organisation)
    given = wanted.jwks is not None or wanted.jwks_uri is not None
    if AuthMethod(wanted.auth_method) is AuthMethod.PRIVATE_KEY_JWT:
        client_id = await actions.create_signing_client(
            *asked,
            known={caller.organisation},
            caller=caller,
            now=now,
            record=recorded,
            registered=client_keys.registered(
                jwks=wanted.jwks,
                uri=wanted.jwks_uri,
                loopback=settings().allow_loopback_fetch,
            ),
            name=wanted.name,
            dpop=wanted.dpop,
        )
        return CredentialsOut(client_id=client_id)
    if given:
        raise rules.ClientUnacceptable(
            "Leave the keys out: only a client of private_key_jwt has any."
        )
    client_id, secret = await actions.create_client(
        *asked,
        known={caller.organisation},
        caller=caller,
        now=now,
        record=recorded,
        name=wanted.name,
        auth_method=wanted.auth_method,
        dpop=wanted.dpop,
    )
    return CredentialsOut(client_id=client_id, client_secret=secret)


async def rotate(
    client_id: str, keep_days: int, caller: SignedIn, now: datetime
) -> CredentialsOut:
    """Give one of the organisation's clients a new secret."""
    async with transaction():
        await _theirs(client_id, caller)
        secret = await credentials.rotate_secret(
            client_id,
            keep_until=now + timedelta(days=keep_days),
            caller=caller,
            now=now,
            record=partial(record, organisation=caller.organisation),
        )
    return CredentialsOut(client_id=client_id, client_secret=secret)


async def disable(client_id: str, caller: SignedIn, now: datetime) -> None:
    """Shut one of the organisation's clients out; twice is as good as once."""
    async with transaction():
        await _theirs(client_id, caller)
        await actions.disable_client(
            client_id,
            caller=caller,
            now=now,
            record=partial(record, organisation=caller.organisation),
        )


async def _theirs(client_id: str, caller: SignedIn) -> ClientSummary:
    found = await _summaries(caller, client_id)
    if not found:
        raise actions.no_such(client_id)
    return found[0]


async def _summaries(
    caller: SignedIn, client_id: str | None = None
) -> list[ClientSummary]:
    # Its other organisations would be hidden from the administrator's own reach.
    with within_reach(EVERYONE):
        found = await queries.summaries(client_id)
    return [one for one in found if one.organisations == [caller.organisation]]
