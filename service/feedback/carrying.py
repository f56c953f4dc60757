"""Raters proposed before, proposed again on the record that an objective is copied to.

The law: a proposal goes to the pool and no further: whether somebody may rate is judged
again at the draw, and a pool that was drawn from takes nobody in.
"""

from contextlib import suppress
from datetime import datetime

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.db.reach import EVERYONE, within_reach
from service.feedback import rules
from service.feedback.nominating import changing, fill, nominations
from service.records.queries import RecordFact


async def carry_nominations(on: RecordFact, *, caller: Caller, now: datetime) -> int:
    """Propose for a record whom the subject and the manager proposed a year ago.

    Returns how many people are new in its pool: none, once it was drawn from or closed.
    """
    with within_reach(EVERYONE), suppress(rules.AlreadyDrawn, rules.NotOpen):
        async with changing(on, now) as (connection, window):
            before = len(await nominations(on, None))
            await fill(connection, on, window)
            new = len(await nominations(on, None)) - before
            if new:
                await audit(
                    caller,
                    "nominate",
                    "record",
                    on.id,
                    now=now,
                    organisation=on.organisation,
                    after={"origin": rules.Origin.CARRIED, "people": new},
                )
            return new
    return 0
