"""Which life of the feed this is: another one begins after each restore.

The law: numbers of one epoch mean nothing in another, and a database that is not the
one in which they were given serves none of them until an operator begins the next.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import asyncpg

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.db import transaction
from service.errors import Conflict, Unavailable

LIVE: Final = """
SELECT system_identifier,
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer
FROM pg_control_system()
"""
"""A backup restored elsewhere has another identifier, a promoted one a new timeline."""
EPOCH: Final = f"""
SELECT epoch, number, (system_identifier, timeline) = ({LIVE}) AS ours
FROM feed_epoch ORDER BY number DESC LIMIT 1
"""  # noqa: S608 - our own
NEXT: Final = f"""
INSERT INTO feed_epoch (number, epoch, raised_at, system_identifier, timeline)
SELECT (SELECT coalesce(max(number), 0) + 1 FROM feed_epoch), $1, $2, live.*
FROM ({LIVE}) AS live
RETURNING number
"""  # noqa: S608 - our own
COMMAND: Final = "joinedup feed epoch raise"
LATER: Final = {"Retry-After": "300"}


class EpochNotRaised(Unavailable):
    """The database is not the one in which the feed was numbered."""

    slug = "feed-epoch-not-raised"


class RaisedMeanwhile(Conflict):
    """Somebody else raised the epoch at the same moment."""

    slug = "feed-epoch-raised-meanwhile"


@dataclass(frozen=True, slots=True)
class Epoch:
    """One life of the feed."""

    number: int
    epoch: UUID
    ours: bool
    """Whether it is lived in the database that is asked."""


async def now_current() -> Epoch | None:
    """Return the last epoch; None where there is none, which no migration leaves."""
    async with transaction() as connection:
        row = await connection.fetchrow(EPOCH)
    return None if row is None else Epoch(row["number"], row["epoch"], row["ours"])


def check_ours(*, ours: bool | None) -> None:
    """Refuse to serve numbers that were given in another database, or in none."""
    if not ours:
        raise EpochNotRaised(
            "It was restored, copied or promoted since, and what clients have followed"
            f" may be undone: an operator runs `{COMMAND}`, after which every client"
            " pulls in full once.",
            headers=LATER,
        )


async def raise_epoch(*, reason: str, caller: Caller, now: datetime) -> Epoch:
    """Begin the feed's next epoch in this database; no cursor of before holds on."""
    epoch = uuid4()
    async with transaction() as connection:
        before = await now_current()
        try:
            async with transaction():
                number: int = await connection.fetchval(NEXT, epoch, now)
        except asyncpg.UniqueViolationError:
            raise RaisedMeanwhile("It is raised: nothing is left to do.") from None
        await audit(
            caller,
            "raise",
            "feed_epoch",
            epoch,
            now=now,
            reason=reason,
            before=asdict(before) if before else None,
        )
    return Epoch(number, epoch, ours=True)
