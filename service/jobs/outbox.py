"""What is to be sent out of the service, written with the change that it tells of.

The law: a delivery commits with its cause or not at all, and stays until it has been
sent or given up; a crash may send it twice and never loses it.

PgQueuer would also write in our transaction. It is not used, since it makes and
upgrades its tables itself, where all others come from migrations, and goes by the
database's clock, where time is an argument here.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.jobs.rules import Notice, delay_after, is_last
from service.jobs.tables import Delivery

MAIL: Final = "mail"
"""The kind of delivery that mails a notice."""
KEPT_FOR: Final = timedelta(days=30)
"""How long what was sent or given up can still be looked up."""

TELL: Final = """
WITH told AS (
    INSERT INTO notice
        (organisation, id, person, kind, about, key, count, due_on, created_at)
    SELECT t.*, $9::timestamptz
    FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[],
        $7::int[], $8::date[]) AS t
    ON CONFLICT (person, kind, key) DO NOTHING RETURNING id)
INSERT INTO outbox (id, kind, payload, dedupe_key, run_at, attempts)
SELECT d.id, $11, jsonb_build_object('notice', told.id), told.id::text, $9, 0
FROM told JOIN unnest($2::uuid[], $10::uuid[]) AS d (notice, id) ON d.notice = told.id
WHERE $12
"""
DUE: Final = """
SELECT id, kind, payload, attempts FROM outbox
WHERE done_at IS NULL AND run_at <= $1 AND kind = ANY ($2)
ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
TRY: Final = "UPDATE outbox SET attempts = $2, run_at = $3 WHERE id = $1"
END: Final = """
UPDATE outbox SET done_at = $2, last_error = $3 WHERE id = $1 AND done_at IS NULL
"""
FAIL: Final = "UPDATE outbox SET last_error = $2 WHERE id = $1 AND done_at IS NULL"


class GivenUp(Exception):
    """Whoever was to take a delivery says that it never will."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that one worker is to try now."""

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    """Which one this is, from 1."""


async def tell(
    notices: Collection[Notice], *, now: datetime, mailed: bool = True
) -> None:
    """Add them in the caller's transaction, in one statement whatever their number.

    One that its person was told before, under the same kind and key, is not added.
    Not `mailed`: they are mailed of it in another way.
    """
    if not notices:
        return
    # In one order, so that two who tell the same people do not wait for each other.
    told = sorted(notices, key=lambda each: (each.person, each.kind, each.key))
    # Whom a change concerns may be of an organisation that its maker does not see.
    with within_reach(EVERYONE):
        async with transaction() as connection:
            await connection.execute(
                TELL,
                [each.organisation for each in told],
                [uuid4() for _ in told],
                [each.person for each in told],
                [each.kind.value for each in told],
                [each.about for each in told],
                [each.key for each in told],
                [each.count for each in told],
                [each.due_on for each in told],
                now,
                [uuid4() for _ in told],
                MAIL,
                mailed,
            )


async def next_due(
    kinds: Collection[str], *, now: datetime, chance: float
) -> Due | None:
    """Return what to try next, of these kinds, and put it off for everyone else.

    It is put off as if it had failed: should this process die, it is tried again then.
    """
    async with transaction() as connection:
        row = await connection.fetchrow(DUE, now, sorted(kinds))
        if row is None:
            return None
        attempt = row["attempts"] + 1
        again = now + delay_after(attempt, chance)
        await connection.execute(TRY, row["id"], attempt, again)
    return Due(row["id"], row["kind"], json.loads(row["payload"]), attempt)


async def delivered(due: Due, *, now: datetime) -> None:
    """Mark a delivery as sent."""
    async with transaction() as connection:
        await connection.execute(END, due.id, now, None)


async def failed(due: Due, why: str, *, now: datetime, final: bool = False) -> bool:
    """Note why an attempt failed; return whether the delivery is given up.

    `final`: no other attempt could do better.
    """
    over = final or is_last(due.attempt)
    async with transaction() as connection:
        if over:
            await connection.execute(END, due.id, now, why)
        else:
            await connection.execute(FAIL, due.id, why)
    return over


async def forget_delivered(now: datetime) -> int:
    """Delete what was sent or given up a month ago; return how many there were."""
    with within_reach(EVERYONE):
        gone = (
            await Delivery.delete()
            .where(Delivery.done_at <= now - KEPT_FOR)
            .returning(Delivery.id)
        )
    return len(gone)
