"""Compute a cycle's scores: read, work out, save.

The law: nothing is visible before publication; and computed again on the same, nothing
changes, not by a byte.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.db import transaction
from service.feedback.signals.actions import Moved, hangs
from service.records.frameworks import load
from service.records.queries import cycle_of
from service.scores.composing.loading import compose
from service.scores.computing import Worked, method_of, work_out
from service.scores.outcome import by_state
from service.scores.publishing import check_open, publish
from service.scores.reading import Snapshot, read
from service.scores.rules import AlreadyPublished, NotComputed, State, UnknownMethod
from service.scores.saving import LOCK_CYCLE, Progress, save_rows, save_run, silent

__all__ = ["AlreadyPublished", "NotComputed", "UnknownMethod", "compute", "publish"]


async def compute(
    cycle: UUID,
    *,
    method: str | None,
    key: bytes,
    caller: Caller,
    now: datetime,
    progress: Progress = silent,
) -> dict[str, int]:
    """Compute the scores of a closed window; return how many stand in each state.

    `method` left out is the cycle's own; `key` makes the raters' pseudonyms. Until the
    scores are published, computing again replaces them.
    """
    facts = await _open(cycle)
    chosen = method_of(method or facts["method"])
    progress("Forms read", 0, 1)
    found = await read(cycle, key=key, now=now)
    progress("Forms read", 1, 1)
    # No transaction is open while it is worked out, or it would be cut off as idle.
    worked = work_out(found.basis, chosen)
    composed = await compose(
        found.people, worked.estimates, worked.outcomes, load(facts["framework"]), now
    )
    async with transaction() as connection:
        await connection.execute(LOCK_CYCLE, cycle)
        await _open(cycle)
        run = await save_run(cycle, found.basis, chosen, worked, composed, now)
        await save_rows(connection, run, found, worked, composed, now, progress)
        await hangs(cycle, chosen.name, _moved(found, worked))
        counts = by_state(worked.outcomes.values())
        await audit(caller, "compute", "cycle", cycle, now=now, after=counts)
    return counts


async def _open(cycle: UUID) -> Mapping[str, Any]:
    """Return a cycle; refuse one whose publication has begun."""
    facts = await cycle_of(cycle)
    check_open(facts["state"])
    return facts


def _moved(found: Snapshot, worked: Worked) -> list[Moved]:
    """Return how far one form moves each number, for people to look at first."""
    estimates = worked.estimates
    if estimates is None:
        return []
    furthest = dict(
        zip(estimates.person.tolist(), estimates.influence.tolist(), strict=True)
    )
    bands = {
        record: outcome.decision.verdict.raters
        for record, outcome in worked.outcomes.items()
        if outcome.decision.state is State.PUBLISHED
    }
    return [
        Moved(on.organisation, on.id, raters, furthest[str(on.id)])
        for on in found.people
        if (raters := bands.get(on.id)) is not None
    ]
