"""Compute a cycle's scores and publish them: load, estimate, decide, save.

The law: nothing is visible before publication, and publication is one act.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.db import Connection, transaction
from service.directory.queries import postings_overlapping
from service.errors import Conflict, Unprocessable
from service.feedback.closing import closed_forms, release
from service.feedback.signals.queries import withheld
from service.records.actions import step
from service.records.exposure import Episode, clipped, exposure
from service.records.frameworks import appraisal_year, load
from service.records.queries import RecordFact, cycle_of, records
from service.records.rules import CycleState, CycleStep
from service.scores import inputs, outcome
from service.scores.estimate import METHODS, Estimates, Method, estimate
from service.scores.rules import Part
from service.scores.tables import ScoreRun

EVERY: Final = 1_000_000
"""More records than any cycle has."""
LOCK_CYCLE: Final = "SELECT FROM cycle WHERE id = $1 FOR UPDATE"
SAVE: Final = """
INSERT INTO score (organisation, id, cycle, record, person, run, state, reason, value,
    low, high, band, reliability, confidence, raters, organisations, episodes,
    explanation, version, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
    $17::jsonb, $18::jsonb, 1, $19)
ON CONFLICT (organisation, cycle, record) DO UPDATE SET run = excluded.run,
    state = excluded.state, reason = excluded.reason, value = excluded.value,
    low = excluded.low, high = excluded.high, band = excluded.band,
    reliability = excluded.reliability, confidence = excluded.confidence,
    raters = excluded.raters, organisations = excluded.organisations,
    episodes = excluded.episodes, explanation = excluded.explanation,
    changed_at = excluded.changed_at
"""
WITHHOLD: Final = """
UPDATE score SET state = 'withheld', reason = NULL, value = NULL, low = NULL,
    high = NULL, band = NULL, reliability = NULL, confidence = NULL, raters = NULL,
    organisations = NULL, explanation = NULL
WHERE cycle = $1 AND published_at IS NULL AND state = 'published' AND record = ANY ($2)
"""
"""As people decided in review, between the closing of the window and its release."""
PUBLISH: Final = """
UPDATE score SET published_at = $2, changed_at = $2
WHERE cycle = $1 AND published_at IS NULL
RETURNING state
"""
"""Every row is of the last run: a computation writes all records of its cycle."""


class AlreadyPublished(Conflict):
    """A published cycle is never computed or published again."""

    slug = "cycle-already-published"


class NotComputed(Conflict):
    """The cycle's scores have not been computed."""

    slug = "cycle-not-computed"


class UnknownMethod(Unprocessable):
    """There is no scoring method of this name."""

    slug = "method-unknown"


async def compute(
    cycle: UUID, *, method: str | None, key: bytes, caller: Caller, now: datetime
) -> dict[str, int]:
    """Compute the scores of a closed window; return how many stand in each state.

    `method` left out is the cycle's own; `key` makes the raters' pseudonyms. Until the
    scores are published, computing again replaces them.
    """
    async with transaction() as connection:
        await connection.execute(LOCK_CYCLE, cycle)
        facts = await cycle_of(cycle)
        _check_open(facts)
        chosen = _method(method or facts["method"])
        forms = [
            inputs.FormFact(
                form.record, form.rater, form.rater_organisation, form.answers
            )
            for form in await closed_forms(cycle, key=key, now=now)
        ]
        people = await records(facts["organisations"], cycle=cycle, limit=EVERY)
        episodes = await _episodes(people, facts)
        days = {record: exposure(found) for record, found in episodes.items()}
        run = uuid4()
        estimates = estimate(*inputs.marks(forms)) if forms else None
        await _save_run(
            run, cycle, chosen, inputs.digest(forms, days, chosen), estimates, now
        )
        decided = outcome.decide_all(
            estimates,
            inputs.evidence(forms),
            days,
            load(facts["framework"]).feedback.minimum_exposure_days,
        )
        await _save(connection, people, run, decided, episodes, now)
        counts = outcome.by_state(decided.values())
        await audit(caller, "compute", "cycle", cycle, now=now, after=counts)
    return counts


def _check_open(facts: Mapping[str, Any]) -> None:
    if facts["state"] != CycleState.OPEN:
        raise AlreadyPublished(
            f"The cycle is {facts['state']}: a correction is a new version, not another"
            " computation."
        )


def _method(name: str) -> Method:
    versions = [method for (known, _), method in METHODS.items() if known == name]
    if not versions:
        known = sorted({known for known, _ in METHODS})
        raise UnknownMethod(f"There is no method {name}; use: {', '.join(known)}.")
    return max(versions, key=lambda method: method.version)


async def _episodes(
    people: Sequence[RecordFact], facts: Mapping[str, Any]
) -> dict[UUID, list[Episode]]:
    first, last = appraisal_year(load(facts["framework"]), facts["year"])
    end = last + timedelta(days=1)
    held = await postings_overlapping({on.person for on in people}, first, end)
    return {
        on.id: clipped(
            (
                (p.organisation, p.title, p.valid_from, p.valid_to)
                for p in held.get(on.person, [])
                if p.organisation == on.organisation
            ),
            first,
            end,
        )
        for on in people
    }


async def _save_run(
    run: UUID,
    cycle: UUID,
    method: Method,
    digest: str,
    estimates: Estimates | None,
    now: datetime,
) -> None:
    of_cycle = estimates.cycle if estimates else None
    await ScoreRun.insert(
        ScoreRun(
            id=run,
            cycle=cycle,
            method=method.name,
            method_version=method.version,
            method_digest=method.digest,
            parameters=json.dumps(dict(method.parameters)),
            inputs_digest=digest,
            estimates=json.dumps(
                {
                    "mean": of_cycle.mean,
                    "person_variance": of_cycle.person_variance,
                    "correlation": of_cycle.correlation,
                    "assumed": of_cycle.assumed,
                }
                if of_cycle
                else {}
            ),
            computed_at=now,
        )
    )


async def _save(
    connection: Connection,
    people: Sequence[RecordFact],
    run: UUID,
    decided: Mapping[UUID, outcome.Outcome],
    episodes: Mapping[UUID, Sequence[Episode]],
    now: datetime,
) -> None:
    await connection.executemany(
        SAVE,
        [
            (
                on.organisation,
                uuid4(),
                on.cycle,
                on.id,
                on.person,
                run,
                *decided[on.id].columns(),
                json.dumps(
                    [
                        {
                            "title": e.title,
                            "start": e.start,
                            "end": e.end,
                            "days": e.days,
                        }
                        for e in episodes[on.id]
                    ],
                    default=str,
                ),
                _as_json(decided[on.id].explanation),
                now,
            )
            for on in people
        ],
    )


def _as_json(parts: Mapping[Part, float | str | None] | None) -> str | None:
    return None if parts is None else json.dumps(dict(parts))


async def publish(cycle: UUID, *, caller: Caller, now: datetime) -> dict[str, int]:
    """Release the cycle's feedback and publish its scores, once; return the counts."""
    async with transaction() as connection:
        await connection.execute(LOCK_CYCLE, cycle)
        _check_open(await cycle_of(cycle))
        await release(cycle, caller=caller, now=now)
        await step(cycle, CycleStep.START_PUBLISHING, caller=caller, now=now)
        await connection.execute(WITHHOLD, cycle, await withheld(cycle))
        rows = await connection.fetch(PUBLISH, cycle, now)
        if not rows:
            raise NotComputed(
                f"Run `joinedup scores compute --cycle {cycle}` before publishing."
            )
        await step(cycle, CycleStep.FINISH_PUBLISHING, caller=caller, now=now)
        counts: dict[str, int] = {}
        for row in rows:
            counts[row["state"]] = counts.get(row["state"], 0) + 1
        await audit(caller, "publish", "cycle", cycle, now=now, after=counts)
    return dict(sorted(counts.items()))
