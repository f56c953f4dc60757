"""Grant and end roles; add agreements between organisations."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from service.access import rules
from service.access.queries import grants
from service.access.rules import Role
from service.access.tables import DataSharing, RoleGrant
from service.audit.actions import record
from service.auth.caller import Caller, Person
from service.db import transaction
from service.errors import Conflict, NotFound


class AlreadyHeld(Conflict):
    """The person holds this role in this organisation already."""

    slug = "role-already-held"


async def grant(
    person: UUID,
    role: Role,
    *,
    organisation: str,
    until: date,
    caller: Caller,
    now: datetime,
) -> UUID:
    """Give a person a role in one organisation until a date; return the grant's id."""
    granter = caller.id if isinstance(caller, Person) else None
    rules.check_grant(person, granter, until, now.date())
    row = RoleGrant(
        organisation=organisation,
        id=uuid4(),
        person=person,
        role=role,
        granted_by=caller.key,
        granted_at=now,
        until=until,
    )
    async with transaction():
        await _end_those_run_out(person, role, organisation, now)
        await _add(row)
        await record(
            caller,
            "grant",
            "role",
            row.id,
            now=now,
            organisation=organisation,
            after={"person": person, "role": role, "until": until},
        )
    return row.id


async def _end_those_run_out(
    person: UUID, role: Role, organisation: str, now: datetime
) -> None:
    """Close the grant whose date has passed, so that a new one may stand."""
    await RoleGrant.update({RoleGrant.ended_at: now}).where(
        RoleGrant.person == person,
        RoleGrant.role == role,
        RoleGrant.organisation == organisation,
        RoleGrant.until <= now.date(),
        RoleGrant.ended_at.is_null(),
    )


async def _add(row: RoleGrant) -> None:
    try:
        added = await RoleGrant.insert(row).on_conflict(action="DO NOTHING")
    except asyncpg.ForeignKeyViolationError:
        raise NotFound(
            f"There is no person {row.person} or no organisation {row.organisation}."
        ) from None
    if not added:
        raise AlreadyHeld(f"End the {row.role} grant in {row.organisation} first.")


async def end(grant_id: UUID, *, caller: Caller, now: datetime) -> None:
    """End a role now."""
    async with transaction():
        ended = (
            await RoleGrant.update({RoleGrant.ended_at: now})
            .where(RoleGrant.id == grant_id, RoleGrant.ended_at.is_null())
            .returning(RoleGrant.organisation)
        )
        if not ended:
            raise NotFound(f"No role grant {grant_id} is open.")
        organisation = ended[0]["organisation"]
        await record(
            caller, "end", "role", grant_id, now=now, organisation=organisation
        )


async def list_roles(*, caller: Caller, now: datetime) -> list[dict[str, Any]]:
    """Return every role held today; that it was read is audited."""
    async with transaction():
        held = await grants(now.date())
        await record(caller, "list", "role", "*", now=now)
    return held


async def agree_to_share(
    one: str,
    other: str,
    *,
    purpose: str,
    start: date,
    end: date,
    known: Collection[str],
    caller: Caller,
    now: datetime,
) -> None:
    """Add an agreement that covers both directions; the same again changes nothing."""
    rules.check_known((one, other), known)
    first, second = rules.pair(one, other)
    rules.check_agreement(start, end)
    row = DataSharing(
        organisation=first,
        partner=second,
        id=uuid4(),
        purpose=purpose,
        valid_from=start,
        valid_to=end,
    )
    async with transaction():
        if await DataSharing.insert(row).on_conflict(action="DO NOTHING"):
            await record(
                caller,
                "agree to share",
                "data_sharing",
                row.id,
                now=now,
                organisation=first,
                after={"partner": second, "purpose": purpose, "to": end},
            )
