"""Ids of proofs that have served: client assertions and DPoP proofs serve once.

The law: to spend is one unique insert inside the transaction that commits what the
proof bought. Looking first and inserting after lets in whoever comes between (200 of
200 rounds of parallel replays); the insert makes the second wait for the first.
"""

from datetime import datetime, timedelta
from typing import Final

from service.auth.tables import SpentJti
from service.db import transaction

SPEND = """
INSERT INTO spent_jti (kind, owner, jti, keep_until) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING jti
"""


CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""At most, between instances: none may forget what another would still accept."""


async def spend(kind: str, owner: str, jti: str, keep_until: datetime) -> bool:
    """Spend an id; return False if it was spent before.

    `keep_until` is when the proof would be refused for its age alone. Call it inside
    the transaction that commits the outcome: what is undone is not spent.
    """
    async with transaction() as connection:
        row = await connection.fetchrow(SPEND, kind, owner, jti, keep_until)
    return row is not None


async def forget_spent(now: datetime) -> int:
    """Delete the ids of proofs too old to be accepted; return how many there were."""
    gone = (
        await SpentJti.delete()
        .where(SpentJti.keep_until <= now - CLOCKS_DIFFER)
        .returning(SpentJti.jti)
    )
    return len(gone)
