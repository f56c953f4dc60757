"""Give published scores a new version when forms behind them change after all.

The law: what is published changes only when three raters or more changed since the
version that is seen, or the difference of two versions would be somebody's form; and
what did not count when it was published never counts later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.changes.actions import note
from service.changes.rules import Change, Stream
from service.db import transaction
from service.feedback.closing import closed_forms
from service.records.frameworks import load
from service.records.queries import cycle_of, records
from service.records.rules import CycleState
from service.scores import queries
from service.scores.composing.loading import compose
from service.scores.computing import Worked, method_of, work_out
from service.scores.deciding.telling import ask_for_decisions
from service.scores.estimate import Method
from service.scores.inputs import Basis
from service.scores.publishing import SCORE
from service.scores.queries import Run
from service.scores.reading import EVERY, facts_of, frozen, least_days
from service.scores.rules import MethodChanged, NotPublished, State
from service.scores.saving import (
    AMEND,
    AT_ONCE,
    LOCK_CYCLE,
    Composed,
    as_json,
    explained,
    save_run,
    stored,
)
from service.scores.traces import amends, of_the_same_raters, parted, traces


@dataclass(frozen=True, slots=True)
class Amended:
    """A cycle's scores worked out on the forms that still count."""

    rows: Sequence[Record]
    """Those behind which enough raters changed."""
    basis: Basis
    method: Method
    worked: Worked
    composed: Composed


async def amend(
    cycle: UUID, *, key: bytes, caller: Caller, now: datetime, at_once: int = AT_ONCE
) -> int:
    """Publish new versions of the scores behind which enough raters changed.

    Return how many; stopped half-way and run again, it does the others. `key` makes
    the raters' pseudonyms, as it did when the scores were computed.
    """
    amended = await _amended(cycle, key=key, now=now)
    if not amended.rows:
        return 0
    written = 0
    for start in range(0, len(amended.rows), at_once):
        batch = amended.rows[start : start + at_once]
        written += await _write(cycle, amended, batch, caller=caller, now=now)
    return written


async def _amended(cycle: UUID, *, key: bytes, now: datetime) -> Amended:
    async with frozen():
        facts = await cycle_of(cycle)
        if facts["state"] != CycleState.PUBLISHED:
            raise NotPublished(
                f"The cycle is {facts['state']}: compute it and publish it."
            )
        made = {run.id: run for run in await queries.runs(cycle)}
        rows = await queries.rows(cycle)
        people = await records(None, cycle=cycle, limit=EVERY)
        kept, days = _behind(rows, made)
        forms = of_the_same_raters(
            facts_of(await closed_forms(cycle, key=key, now=now)), kept
        )
    method = _method([*made.values()][-1])
    by_now = {record: parted(found) for record, found in traces(forms).items()}
    basis = Basis(forms, days, least_days(facts))
    changed = [
        row
        for row in rows
        if row["state"] not in {State.WITHHELD, State.WITHDRAWN}
        and amends(kept[row["record"]], by_now.get(row["record"], set()))
    ]
    worked = work_out(basis, method)
    composed = await compose(
        [on for on in people if on.id in days],
        worked.estimates,
        worked.outcomes,
        load(facts["framework"]),
        now,
    )
    return Amended(changed, basis, method, worked, composed)


def _behind(
    rows: Sequence[Record], made: Mapping[UUID, Run]
) -> tuple[dict[UUID, set[bytes]], dict[UUID, int]]:
    """Return the traces of forms, and days, behind the version of each row."""
    kept = {
        row["record"]: made[row["run"]].kept.get(row["record"], set()) for row in rows
    }
    days = {row["record"]: made[row["run"]].days[row["record"]] for row in rows}
    return kept, days


def _method(run: Run) -> Method:
    """Return the method of a computation; refuse one that is not what it was."""
    method = method_of(run.method, run.method_version)
    if method.digest != run.method_digest:
        raise MethodChanged(
            f"{method.name} {method.version} was another formula when this cycle was"
            " published: amend with the release of the service that published it."
        )
    return method


async def _write(
    cycle: UUID,
    amended: Amended,
    rows: Sequence[Record],
    *,
    caller: Caller,
    now: datetime,
) -> int:
    """Write the next version of these rows; one that moved meanwhile is left.

    What comes out the same is no new version.
    """
    async with transaction() as connection:
        await connection.execute(LOCK_CYCLE, cycle)
        run = await save_run(
            cycle, amended.basis, amended.method, amended.worked, amended.composed, now
        )
        changes = []
        for row in rows:
            outcome = amended.worked.outcomes[row["record"]]
            parts = as_json(stored(amended.composed[row["record"]]))
            written = await connection.fetch(
                AMEND, row["id"], row["version"], run, *outcome.columns(),
                explained(outcome), parts, now,
            )  # fmt: skip
            changes += [_changed(each) for each in written]
        if changes:
            await note(changes, now=now)
            await ask_for_decisions(cycle, now=now)
            after = {"scores": len(changes)}
            await audit(caller, "amend", "cycle", cycle, now=now, after=after)
    return len(changes)


def _changed(row: Record) -> Change:
    return Change(row["organisation"], Stream.SCORES, SCORE, row["id"], row["version"])
