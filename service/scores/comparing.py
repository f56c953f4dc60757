"""Run a method beside what was published, and keep how much it would have changed.

The law: nothing published moves, and what is kept may be shown to anyone: shares of
counts rounded to five, and none that rests on fewer than ten people either way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from asyncpg import Record

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.db import transaction
from service.feedback.recounting import stored_forms
from service.records.queries import cycle_of
from service.records.rules import CycleState
from service.scores import queries
from service.scores.computing import method_of, work_out
from service.scores.inputs import Basis
from service.scores.outcome import Outcome
from service.scores.reading import facts_of, frozen, least_days
from service.scores.rules import NotPublished, State
from service.scores.traces import known

FEWEST: Final = 10
"""People behind a share, and behind the rest of it."""
STEP: Final = 5
"""Counts of people are rounded to so many."""
KEEP: Final = """
INSERT INTO score_comparison (id, cycle, against, against_version, method,
    method_version, method_digest, people, changed_bands, changed_states, compared_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
OF_METHOD: Final = """
SELECT DISTINCT ON (cycle) cycle, against, against_version, people,
    changed_bands::float8, changed_states::float8, compared_at
FROM score_comparison WHERE method = $1 AND method_version = $2 AND method_digest = $3
ORDER BY cycle, compared_at DESC, id
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What another method would have changed in a published cycle."""

    cycle: UUID
    against: str
    """The method of what was published."""
    against_version: int
    people: int | None
    """Rounded; None: too few to say."""
    changed_bands: float | None
    """Share, of those who have a band by both; None: too few to say."""
    changed_states: float | None
    """Share, of all people; None: too few to say."""
    compared_at: datetime


async def compare(
    cycle: UUID, method: str, version: int, *, key: bytes, caller: Caller, now: datetime
) -> Comparison:
    """Run a method on the forms that a published cycle's scores came from; keep it.

    `key` makes the raters' pseudonyms, as it did when the scores were computed.
    """
    beside = method_of(method, version)
    async with frozen():
        facts = await cycle_of(cycle)
        if facts["state"] not in {CycleState.PUBLISHED, CycleState.ARCHIVED}:
            raise NotPublished(
                f"The cycle is {facts['state']}: a method is compared with what is"
                " published."
            )
        latest = (await queries.runs(cycle))[-1]
        rows = await queries.rows(cycle)
        forms = known(facts_of(await stored_forms(cycle, key=key)), latest.kept)
    worked = work_out(Basis(forms, latest.days, least_days(facts)), beside)
    found = _told(cycle, (latest.method, latest.method_version), rows, worked.outcomes)
    made = Comparison(*found, now)
    async with transaction() as connection:
        await connection.execute(
            KEEP, uuid4(), cycle, made.against, made.against_version, beside.name,
            beside.version, beside.digest, made.people, made.changed_bands,
            made.changed_states, now,
        )  # fmt: skip
        after = {"method": beside.name, "version": beside.version}
        await audit(caller, "compare", "cycle", cycle, now=now, after=after)
    return made


def _told(
    cycle: UUID,
    against: tuple[str, int],
    rows: Sequence[Record],
    outcomes: Mapping[UUID, Outcome],
) -> tuple[UUID, str, int, int | None, float | None, float | None]:
    """Return all of a comparison but its instant.

    What people withheld or withdrew is not compared: no method decided it.
    """
    decided = {State.WITHHELD, State.WITHDRAWN}
    pairs = [
        (row, outcomes[row["record"]])
        for row in rows
        if row["state"] not in decided and row["record"] in outcomes
    ]
    states = [row["state"] != outcome.decision.state for row, outcome in pairs]
    bands = [
        row["band"] != outcome.band
        for row, outcome in pairs
        if row["band"] is not None and outcome.band is not None
    ]
    people = rounded(len(pairs)) if len(pairs) >= FEWEST else None
    return cycle, *against, people, share(bands), share(states)


def share(changed: Sequence[bool]) -> float | None:
    """Return what share of people changed; None where too few did, or did not."""
    some = sum(changed)
    if min(some, len(changed) - some) < FEWEST:
        return None
    return round(rounded(some) / rounded(len(changed)), 3)


def rounded(people: int) -> int:
    """Return a count of people as it is told."""
    return STEP * round(people / STEP)


async def comparisons(method: str, version: int, digest: str) -> list[Comparison]:
    """Return the last comparison with each cycle that was made by this very method."""
    async with transaction() as connection:
        rows = await connection.fetch(OF_METHOD, method, version, digest)
    return [Comparison(**dict(row)) for row in rows]
