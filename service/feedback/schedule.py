"""What windows do by themselves: draw, see to leavers, close, and are released.

The law: what is due follows from the clock and the pool alone, never from what a rater
did; done twice, or by two instances at once, it does no harm.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from service.auth.caller import Operator
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.feedback.asking import draw, replace_ineligible
from service.feedback.closing import release
from service.feedback.rules import (
    AlreadyDrawn,
    NotOpen,
    NotYetReleased,
    PoolTooSmall,
)
from service.feedback.signals.actions import look_where_due
from service.feedback.windows import close, held_window
from service.records.queries import records_by_id

ITSELF: Final = Operator("schedule")
"""Who draws and releases, in the audit, when nobody asked for it."""
BEGUN: Final = """
SELECT c.id, closes.starts_at > $1 AS is_open
FROM cycle c
JOIN cycle_stage opens ON opens.cycle = c.id AND opens.stage = 'feedback_opens'
JOIN cycle_stage closes ON closes.cycle = c.id AND closes.stage = 'feedback_closes'
WHERE c.state = 'open' AND opens.starts_at <= $1 ORDER BY c.id
"""
UNDRAWN: Final = """
SELECT r.id FROM appraisal_record r WHERE r.cycle = $1 AND NOT EXISTS (
    SELECT FROM feedback_draw d WHERE d.record = r.id) ORDER BY r.id
"""


def new_seed() -> str:
    """Return a seed for one draw: random, and recorded with it."""
    return secrets.token_hex(32)


def new_chance() -> bytes:
    """Return what pseudonyms of one look are made of, kept nowhere."""
    return secrets.token_bytes(32)


async def see_to_windows(now: datetime, seed: Callable[[], str] = new_seed) -> None:
    """Draw, replace, close and release what is due by now."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            begun = await connection.fetch(BEGUN, now)
        for cycle in begun:
            with suppress(NotOpen):  # It was extended, or has closed, just now.
                if cycle["is_open"]:
                    await _see_to_raters(cycle["id"], now, seed)
                else:
                    await close(cycle["id"], now)
                    await look_where_due(now, ITSELF, new_chance)
                    with suppress(NotYetReleased):
                        await release(cycle["id"], caller=ITSELF, now=now)


async def _see_to_raters(cycle: UUID, now: datetime, seed: Callable[[], str]) -> None:
    """Draw for each record whose pool is large enough, and replace who has left."""
    async with transaction() as connection:
        undrawn = [row["id"] for row in await connection.fetch(UNDRAWN, cycle)]
    for on in await records_by_id(undrawn):
        with suppress(PoolTooSmall, AlreadyDrawn):
            await draw(on, seed=seed(), caller=ITSELF, now=now)
    async with transaction():
        await replace_ineligible(await held_window(cycle), now)
