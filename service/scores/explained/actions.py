"""Keep what explains the scores of a computation.

The law: it is kept with the computation and never changed, and of nobody who has
neither a number nor a band.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from service.db import transaction
from service.scores.estimate import Estimates
from service.scores.explained.rules import accounts
from service.scores.outcome import Outcome

KEEP: Final = """
INSERT INTO score_account (run, record, service_average, own_average, rater_severity,
    limited_evidence, score, band)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""


async def keep(
    run: UUID, estimates: Estimates | None, outcomes: Mapping[UUID, Outcome]
) -> None:
    """Keep how each score of a computation adds up.

    Done again of the same computation it adds nothing.
    """
    found = accounts(estimates, outcomes)
    async with transaction() as connection:
        await connection.executemany(
            KEEP,
            [(run, record, *account.columns()) for record, account in found.items()],
        )
