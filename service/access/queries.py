"""Which organisations share on a day, and which roles a person holds."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Final
from uuid import UUID

from service.access import rules
from service.access.rules import Role
from service.access.tables import DataSharing, RoleGrant
from service.db import transaction

OPEN_TO: Final = """
SELECT o.code FROM organisation o
WHERE o.valid_from <= $2 AND (o.valid_to IS NULL OR o.valid_to > $2)
    AND (o.code = $1 OR EXISTS (SELECT FROM data_sharing d
        WHERE d.valid_from <= $2 AND d.valid_to > $2
            AND $1 IN (d.organisation, d.partner)
            AND o.code IN (d.organisation, d.partner)))
"""


async def pairs_in_force(day: date) -> set[tuple[str, str]]:
    """Return the pairs of organisations that may share on `day`."""
    rows = await DataSharing.select(
        DataSharing.organisation, DataSharing.partner
    ).where(DataSharing.valid_from <= day, DataSharing.valid_to > day)
    return {(row["organisation"], row["partner"]) for row in rows}


async def open_to(organisation: str, day: date) -> frozenset[str]:
    """Return an organisation and those that share with it on a day, less the ended."""
    async with transaction() as connection:
        rows = await connection.fetch(OPEN_TO, organisation, day)
    return frozenset(row["code"] for row in rows)


async def check_shared(lead: str, partners: Iterable[str], day: date) -> None:
    """Refuse partners with whom `lead` may share nothing on `day`."""
    rules.check_shared(lead, partners, await pairs_in_force(day), day)


async def check_all_shared(organisations: Collection[str], day: date) -> None:
    """Refuse organisations of which any two may share nothing on `day`."""
    if len(organisations) > 1:
        rules.check_all_shared(organisations, await pairs_in_force(day), day)


async def roles_of(person: UUID, today: date) -> set[tuple[str, Role]]:
    """Return (organisation, role) for each role the person holds today."""
    rows = await RoleGrant.select(RoleGrant.organisation, RoleGrant.role).where(
        RoleGrant.person == person,
        RoleGrant.until > today,
        RoleGrant.ended_at.is_null(),
    )
    return {(row["organisation"], Role(row["role"])) for row in rows}


async def grants(today: date) -> list[dict[str, Any]]:
    """Return every role held today, by organisation, role and person."""
    rows: list[dict[str, Any]] = (
        await RoleGrant.select()
        .where(RoleGrant.until > today, RoleGrant.ended_at.is_null())
        .order_by(RoleGrant.organisation, RoleGrant.role, RoleGrant.person)
    )
    return rows
