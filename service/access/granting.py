"""What an organisation's HR administrator does with its roles.

The law: the organisation is the administrator's own, whoever is named works in it, and
those who watch over HR are neither named nor ended by it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.access import actions, rules
from service.access.rules import Role
from service.access.tables import RoleGrant
from service.audit.actions import record
from service.auth.caller import SignedIn
from service.db import transaction
from service.directory.queries import postings_on
from service.errors import NotFound

HELD: Final = """
SELECT g.id, g.person, g.role, g.until, d.given_name || ' ' || d.family_name AS name
FROM role_grant g LEFT JOIN LATERAL (
    SELECT given_name, family_name FROM person_details d
    WHERE d.person = g.person AND d.organisation = g.organisation
    ORDER BY valid_to DESC NULLS FIRST, valid_from DESC, id LIMIT 1) AS d ON true
WHERE g.organisation = $1 AND g.until > $2 AND g.ended_at IS NULL
ORDER BY g.role, name, g.id
"""


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that somebody holds in the organisation."""

    id: UUID
    person: UUID
    role: Role
    until: date
    name: str | None

    @property
    def named_by_hr(self) -> bool:
        """Whether HR may end it."""
        return self.role in rules.NAMED_BY_HR


async def roles_in(caller: SignedIn, now: datetime) -> list[HeldRole]:
    """Return who holds which role in the caller's organisation today."""
    async with transaction() as connection:
        rows = await connection.fetch(HELD, caller.organisation, now.date())
        await record(
            caller, "list", "role", "*", now=now, organisation=caller.organisation
        )
    return [HeldRole(**{**row, "role": Role(row["role"])}) for row in rows]


async def grant_in(
    person: UUID, role: Role, *, until: date, caller: SignedIn, now: datetime
) -> UUID:
    """Give somebody who works in the caller's organisation a role there."""
    rules.check_named_by_hr(role)
    async with transaction():
        held = (await postings_on([person], now.date())).get(person)
        if held is None or held.organisation != caller.organisation:
            raise NotFound(f"Nobody with the id {person} works there today.")
        return await actions.grant(
            person,
            role,
            organisation=caller.organisation,
            until=until,
            caller=caller,
            now=now,
        )


async def end_in(grant: UUID, *, caller: SignedIn, now: datetime) -> None:
    """End a role in the caller's organisation now."""
    async with transaction():
        row = (
            await RoleGrant.select(RoleGrant.role)
            .where(RoleGrant.id == grant, RoleGrant.organisation == caller.organisation)
            .first()
        )
        if row is None:
            raise NotFound(f"No role grant {grant} is open.")
        rules.check_named_by_hr(Role(row["role"]))
        await actions.end(grant, caller=caller, now=now)
