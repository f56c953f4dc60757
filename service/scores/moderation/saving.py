"""Keep what only grows, and say in the audit who did it."""

from datetime import datetime
from uuid import UUID

import asyncpg
from piccolo.table import Table

from service.audit.actions import record as audit
from service.auth.caller import SignedIn
from service.db import transaction
from service.errors import Refusal


async def insert(row: Table, refusal: Refusal) -> None:
    """Insert a row of which there can be one; refuse another."""
    try:
        async with transaction():
            await type(row).insert(row)
    except asyncpg.UniqueViolationError:
        raise refusal from None


async def audit_panel(
    panel: UUID, action: str, caller: SignedIn, now: datetime, **after: object
) -> None:
    """Say in the audit what somebody did with a panel of their organisation."""
    await audit(
        caller,
        action,
        "moderation_panel",
        panel,
        now=now,
        organisation=caller.organisation,
        after=after,
    )
