"""Publish a cycle's scores: the feedback first, then row after row, batch by batch.

The law: a row and its row in the feed appear together, whole, and once. Killed at any
moment and run again, publication goes on where it stopped; until the last batch the
cycle says `publishing`, and what is not published yet is seen by nobody.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.changes.actions import note
from service.changes.rules import Change, Stream
from service.db import Connection, transaction
from service.feedback.closing import release
from service.feedback.signals.queries import withheld
from service.records.actions import step
from service.records.queries import cycle_of
from service.records.rules import CycleState, CycleStep
from service.scores.deciding.telling import ask_for_decisions
from service.scores.reading import read
from service.scores.rules import AlreadyPublished, InputsChanged, NotComputed
from service.scores.saving import (
    AT_ONCE,
    LOCK_CYCLE,
    PUBLISH,
    Progress,
    silent,
    withhold,
)
from service.scores.traces import traces

SCORE: Final = "score"
"""Type of a score's rows in the feed."""
PUBLISHED: Final = "published"
"""Type of the row that closes a cycle's publication, one for each organisation."""
COMPUTED: Final = """
SELECT r.id, s.run, i.forms, i.days FROM appraisal_record r
LEFT JOIN score s ON s.organisation = r.organisation AND s.cycle = r.cycle
    AND s.record = r.id
LEFT JOIN score_input i ON i.run = s.run AND i.record = r.id
WHERE r.cycle = $1
"""
HOW_FAR: Final = """
SELECT count(*) AS rows, count(published_at) AS published FROM score WHERE cycle = $1
"""
BY_STATE: Final = """
SELECT state, count(*) FROM score WHERE cycle = $1 GROUP BY state ORDER BY state
"""


async def publish(
    cycle: UUID,
    *,
    key: bytes,
    caller: Caller,
    now: datetime,
    at_once: int = AT_ONCE,
    progress: Progress = silent,
) -> dict[str, int]:
    """Release the cycle's feedback and publish its scores; return how many by state.

    `key` makes the raters' pseudonyms, as it did when they were computed; `at_once`
    rows are committed together. What was begun and not finished is finished;
    a published cycle is refused.
    """
    await _begin(cycle, key=key, caller=caller, now=now)
    while True:
        done, total = await _batch(cycle, at_once, now)
        progress("Scores published", done, total)
        if done == total:
            return await _finish(cycle, caller=caller, now=now)


async def _begin(cycle: UUID, *, key: bytes, caller: Caller, now: datetime) -> None:
    """Release the feedback and have the cycle say `publishing`, in one act."""
    async with transaction() as connection:
        await connection.execute(LOCK_CYCLE, cycle)
        facts = await cycle_of(cycle)
        if facts["state"] == CycleState.PUBLISHING:
            return
        check_open(facts["state"])
        await _check_computed(connection, cycle, key, now)
        await release(cycle, caller=caller, now=now)
        await step(cycle, CycleStep.START_PUBLISHING, caller=caller, now=now)
        await withhold(connection, cycle, await withheld(cycle))


def check_open(state: str) -> None:
    """Refuse what comes once publication has begun."""
    if state != CycleState.OPEN:
        raise AlreadyPublished(
            f"The cycle is {state}: a correction is a new version, not another"
            " computation."
        )


async def _check_computed(
    connection: Connection, cycle: UUID, key: bytes, now: datetime
) -> None:
    """Refuse scores of other records or forms than those that count by now."""
    rows = await connection.fetch(COMPUTED, cycle)
    again = f"`joinedup scores compute --cycle {cycle}`"
    if all(row["run"] is None for row in rows):
        raise NotComputed(f"Run {again} before publishing.")
    found = (await read(cycle, key=key, now=now)).basis
    by_now, days = traces(found.forms), found.days
    if any(
        (row["forms"], row["days"]) != (by_now.get(row["id"], b""), days.get(row["id"]))
        for row in rows
    ):
        raise InputsChanged(
            f"Records, postings or forms have changed since: run {again} again."
        )


async def _batch(cycle: UUID, at_once: int, now: datetime) -> tuple[int, int]:
    """Publish the next rows; return how many are published by now, and of how many."""
    async with transaction() as connection:
        await connection.execute(LOCK_CYCLE, cycle)
        rows = await connection.fetch(PUBLISH, cycle, now, at_once)
        await note(
            [
                Change(
                    row["organisation"],
                    Stream.SCORES,
                    SCORE,
                    row["id"],
                    row["version"],
                )
                for row in rows
            ],
            now=now,
        )
        ((total, published),) = await connection.fetch(HOW_FAR, cycle)
    return published, total


async def _finish(cycle: UUID, *, caller: Caller, now: datetime) -> dict[str, int]:
    """Close the publication in every organisation's feed, unless another just did."""
    async with transaction() as connection:
        await connection.execute(LOCK_CYCLE, cycle)
        rows = await connection.fetch(BY_STATE, cycle)
        counts: dict[str, int] = {row["state"]: row["count"] for row in rows}
        if (await cycle_of(cycle))["state"] != CycleState.PUBLISHING:
            return counts
        await step(cycle, CycleStep.FINISH_PUBLISHING, caller=caller, now=now)
        facts = await cycle_of(cycle)
        await note(
            [
                Change(code, Stream.SCORES, PUBLISHED, cycle, facts["version"])
                for code in facts["organisations"]
            ],
            now=now,
        )
        await ask_for_decisions(cycle, now=now)
        await audit(caller, "publish", "cycle", cycle, now=now, after=counts)
    return counts
