"""Register portals, give links to cards, and read what a card shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.audit.actions import record as audit
from service.auth.caller import Machine, Operator, Scope
from service.auth.queries import client_of
from service.db import transaction
from service.db.reach import only, within_reach
from service.directory.queries import known_codes
from service.directory.rules import UnknownOrganisation
from service.errors import NotFound
from service.hr.attachment import actions as attachment
from service.hr.attachment.schemas import AttachmentOut
from service.hr.cards import rules
from service.hr.cards.links import CardLink, read, signed
from service.hr.cards.tables import Portal
from service.records.whose import record_for

ADD: Final = """
INSERT INTO portal (organisation, origin, created_at) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING RETURNING origin
"""
REMOVE: Final = "DELETE FROM portal WHERE organisation = $1 AND origin = $2 RETURNING 1"
LOCK: Final = "SELECT FROM organisation WHERE code = $1 FOR UPDATE"


@dataclass(frozen=True, slots=True)
class Card:
    """What a link leads to."""

    shown: AttachmentOut | None
    """None: the link is over, or the client may not read the record any more."""
    portals: Sequence[str]
    """What may frame it."""


async def register(
    organisation: str, origin: str, *, caller: Operator, now: datetime
) -> bool:
    """Let an origin frame an organisation's cards; say whether it is new."""
    rules.check_origin(origin)
    if organisation not in await known_codes():
        raise UnknownOrganisation(f"Import {organisation} first, or mend its code.")
    async with transaction() as connection:
        await connection.execute(LOCK, organisation)
        there = await portals_of(organisation)
        if origin in there:
            return False
        rules.check_one_more(len(there))
        await connection.execute(ADD, organisation, origin, now)
        await audit(
            caller,
            "portal.add",
            "portal",
            origin,
            now=now,
            organisation=organisation,
        )
    return True


async def remove(
    organisation: str, origin: str, *, caller: Operator, now: datetime
) -> None:
    """Let an origin frame no more."""
    async with transaction() as connection:
        if await connection.fetchval(REMOVE, organisation, origin) is None:
            raise rules.NoSuchPortal("See `joinedup portals list`.")
        await audit(
            caller,
            "portal.remove",
            "portal",
            origin,
            now=now,
            organisation=organisation,
        )


async def portals_of(organisation: str) -> list[str]:
    """Return the origins that may frame an organisation's cards."""
    rows = (
        await Portal.select(Portal.origin)
        .where(Portal.organisation == organisation)
        .order_by(Portal.origin)
    )
    return [row["origin"] for row in rows]


async def give(
    name: str, organisation: str | None, *, caller: Machine, now: datetime
) -> tuple[str, CardLink]:
    """Return a link to the card of a record that the client may read."""
    on = await record_for(name, caller, organisation, now.date())
    if not await portals_of(on.organisation):
        raise rules.NoPortal(
            f"Have the portal's origin registered: `joinedup portals add --organisation"
            f" {on.organisation} --origin https://HOST`."
        )
    until = (now + rules.LIFE).replace(microsecond=0)
    link = CardLink(caller.client_id, on.organisation, on.id, name, until)
    return signed(link), link


async def shown(name: str, text: str, *, issuer: str, now: datetime) -> Card:
    """Return what a link leads to; one that we did not write leads nowhere."""
    link = read(text)
    if link is None or link.name != name:
        raise NotFound("No such card.")
    with within_reach(only([link.organisation])):
        portals = await portals_of(link.organisation)
        machine = await _still(link) if now < link.until else None
        if machine is None:
            return Card(None, portals)
        found = await attachment.read(
            str(link.record), None, caller=machine, issuer=issuer, now=now
        )
    return Card(found, portals)


async def _still(link: CardLink) -> Machine | None:
    """Return the client as it may read now, bound to the one organisation."""
    client = await client_of(link.client)
    if client is None or client.disabled:
        return None
    lost = Scope.RECORDS_READ not in client.scopes
    if lost or link.organisation not in client.organisations:
        return None
    scopes = frozenset(map(Scope, client.scopes))
    return Machine(client.id, frozenset({link.organisation}), scopes)
