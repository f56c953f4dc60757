"""Sign all published scores that are not signed, ahead of whoever reads very many.

The law: each batch is committed by itself, unless the caller's transaction is open.
"""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from service.db import transaction
from service.hr.signing.keeping import LOOKS, sign_these

AT_ONCE: Final = 500
FIRST: Final = UUID(int=0)
NEXT: Final = """
SELECT id FROM score WHERE organisation = ANY ($1) AND published_at IS NOT NULL
    AND (signed_as IS NULL OR signed_as < $2 OR signed_as > $2) AND id > $3
ORDER BY id LIMIT $4
"""


async def complete(organisations: Collection[str], issuer: str) -> int:
    """Sign what these organisations have unsigned; return how many scores that were."""
    done, after = 0, FIRST
    while ids := await _batch(organisations, issuer, after):
        done, after = done + len(ids), ids[-1]
    return done


async def _batch(
    organisations: Collection[str], issuer: str, after: UUID
) -> Sequence[UUID]:
    """Sign the next scores; return which."""
    async with transaction() as connection:
        rows = await connection.fetch(
            NEXT, sorted(organisations), f"{issuer} {LOOKS}", after, AT_ONCE
        )
        ids = [row["id"] for row in rows]
        if ids:
            await sign_these(connection, ids, issuer)
    return ids
