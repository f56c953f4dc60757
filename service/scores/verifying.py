"""Work a cycle's scores out again from the stored forms, and hold them beside the rows.

The law: what is verified is worked out anew, never taken from what it is held against;
and whoever verifies is told which rows differ and in what, never a figure.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from service.feedback.recounting import stored_forms
from service.feedback.signals.queries import withheld
from service.records.exposure import Episode, exposure
from service.records.frameworks import load
from service.records.queries import RecordFact, cycle_of, records
from service.scores import inputs, queries
from service.scores.composing.composite import without_feedback
from service.scores.composing.loading import compose
from service.scores.computing import method_of, work_out
from service.scores.estimate import Method
from service.scores.inputs import Basis, FormFact
from service.scores.outcome import Outcome
from service.scores.queries import Run
from service.scores.reading import EVERY, facts_of, frozen, least_days
from service.scores.rules import State, UnknownMethod
from service.scores.saving import Composed, stored
from service.scores.traces import known, parted, traces

COLUMNS: Final = (
    "state", "reason", "value", "low", "high", "band", "reliability", "confidence",
    "raters", "organisations",
)  # fmt: skip
"""In the order of `Outcome.columns`."""
AS_JSON: Final = ("explanation", "components")


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not what comes out, and in which columns."""

    score: UUID
    organisation: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of verifying a cycle."""

    rows: int
    differing: Sequence[Difference]
    faults: Sequence[str]
    """What is wrong with a computation as a whole, in words."""

    @property
    def holds(self) -> bool:
        """Whether every row and digest is what comes out again."""
        return not self.differing and not self.faults


@dataclass(frozen=True, slots=True)
class _Stored:
    """What is in the database of one cycle, as of one moment."""

    facts: Mapping[str, Any]
    people: Sequence[RecordFact]
    rows: Sequence[Record]
    forms: Sequence[FormFact]
    withheld: Collection[UUID]
    """Records whose scores people withheld."""


async def verify(cycle: UUID, *, key: bytes) -> Report:
    """Compare every row and digest with what the stored forms give.

    `key` makes the raters' pseudonyms, as it did when the scores were computed.
    """
    async with frozen():
        made = await queries.runs(cycle)
        facts = await cycle_of(cycle)
        found = _Stored(
            facts,
            await records(facts["organisations"], cycle=cycle, limit=EVERY),
            await queries.rows(cycle),
            facts_of(await stored_forms(cycle, key=key)),
            await withheld(cycle),
        )
    differing: list[Difference] = []
    faults: list[str] = []
    for run in made:
        try:
            method = method_of(run.method, run.method_version)
        except UnknownMethod as unknown:
            faults.append(str(unknown))
            continue
        basis = Basis(known(found.forms, run.kept), run.days, least_days(facts))
        faults += _faults(run, basis, method)
        differing += await _differing(run, basis, method, found)
    return Report(len(found.rows), differing, faults)


def _faults(run: Run, basis: Basis, method: Method) -> list[str]:
    """Return what is wrong with what a computation was made from."""
    name = f"{run.method} {run.method_version}"
    faults = []
    by_now = {record: parted(of_it) for record, of_it in traces(basis.forms).items()}
    gone = [kept - by_now.get(record, set()) for record, kept in run.kept.items()]
    if any(gone):
        faults.append(
            f"{sum(map(len, gone))} of the forms that were counted are not stored as"
            " they were, or JOINEDUP_SECRET_KEY is not what it was."
        )
    if method.digest != run.method_digest:
        faults.append(f"The digest of method {name} is not what it was.")
    if inputs.digest(basis, replace(method, digest=run.method_digest)) != (
        run.inputs_digest
    ):
        faults.append(f"The digest of what {name} was computed from differs.")
    return faults


async def _differing(
    run: Run, basis: Basis, method: Method, found: _Stored
) -> list[Difference]:
    """Return the rows of a computation that are not what comes out again."""
    worked = work_out(basis, method)
    composed = await compose(
        [on for on in found.people if on.id in run.days],
        worked.estimates,
        worked.outcomes,
        load(found.facts["framework"]),
        run.computed_at,
    )
    differing = []
    for row in found.rows:
        if row["run"] != run.id:
            continue
        outcome = worked.outcomes.get(row["record"])
        columns = _columns(row, _expected(row, outcome, composed, found.withheld))
        if _days(row) != run.days.get(row["record"]):
            columns.append("episodes")
        if columns:
            differing.append(Difference(row["id"], row["organisation"], (*columns,)))
    return differing


def _expected(
    row: Record,
    outcome: Outcome | None,
    composed: Composed,
    withheld: Collection[UUID],
) -> dict[str, Any]:
    """Return what a row's columns should hold."""
    nothing = dict.fromkeys((*COLUMNS, *AS_JSON))
    if row["state"] == State.WITHDRAWN or outcome is None:
        return {**nothing, "state": State.WITHDRAWN}
    shown = outcome.decision.state is State.PUBLISHED
    if shown and row["published_at"] is not None and row["record"] in withheld:
        parts = without_feedback(stored(composed[row["record"]]))
        return {**nothing, "state": State.WITHHELD, "components": parts}
    return {
        **dict(zip(COLUMNS, outcome.columns(), strict=True)),
        "explanation": outcome.explanation and {**outcome.explanation},
        "components": stored(composed[row["record"]]),
    }


def _columns(row: Record, expected: Mapping[str, Any]) -> list[str]:
    return [name for name, value in expected.items() if _plain(row, name) != value]


def _plain(row: Record, name: str) -> object:
    """Return a stored figure as a number, a stored document as what it says."""
    value = row[name]
    if value is None or name in AS_JSON:
        return value and json.loads(value)
    return value if isinstance(value, str) else float(value)


def _days(row: Record) -> int:
    """Return the working days of the episodes that a row tells."""
    return exposure(
        Episode(
            row["organisation"],
            told["title"],
            date.fromisoformat(told["start"]),
            date.fromisoformat(told["end"]),
        )
        for told in json.loads(row["episodes"])
    )
