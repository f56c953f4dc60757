"""Every statement that writes a score or what it came from.

The law: a row that is published changes only as its next version, and one that is not
may be written again as if it had never been.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, Final, TypeAlias
from uuid import UUID, uuid4

from service.db import Connection, transaction
from service.records.exposure import Episode
from service.scores.composing.composite import Component, without_feedback
from service.scores.composing.method import COMPOSITE
from service.scores.computing import Worked, id_of
from service.scores.estimate import Method
from service.scores.explained.actions import keep
from service.scores.inputs import Basis
from service.scores.outcome import Outcome
from service.scores.reading import Snapshot
from service.scores.traces import traces

Composed: TypeAlias = Mapping[UUID, Sequence[Component]]
"""The parts of each record's score."""
Progress: TypeAlias = Callable[[str, int, int], None]
"""Hears what is done, how much of it, and of how much."""
AT_ONCE: Final = 500
"""Rows written together."""
LOCK_CYCLE: Final = "SELECT FROM cycle WHERE id = $1 FOR UPDATE"
"""Whoever computes, publishes or amends comes after whoever does."""
SAVE_INPUTS: Final = """
INSERT INTO score_input (run, record, days, forms)
SELECT $1, * FROM unnest($2::uuid[], $3::integer[], $4::bytea[])
ON CONFLICT DO NOTHING
"""
SAVE: Final = """
INSERT INTO score (organisation, id, cycle, record, person, run, state, reason, value,
    low, high, band, reliability, confidence, raters, organisations, episodes,
    explanation, components, version, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
    $17::jsonb, $18::jsonb, $19::jsonb, 1, $20)
ON CONFLICT (organisation, cycle, record) DO UPDATE SET run = excluded.run,
    state = excluded.state, reason = excluded.reason, value = excluded.value,
    low = excluded.low, high = excluded.high, band = excluded.band,
    reliability = excluded.reliability, confidence = excluded.confidence,
    raters = excluded.raters, organisations = excluded.organisations,
    episodes = excluded.episodes, explanation = excluded.explanation,
    components = excluded.components, changed_at = excluded.changed_at
WHERE (score.run, score.state, score.reason, score.value, score.low, score.high,
        score.band, score.reliability, score.confidence, score.raters,
        score.organisations, score.episodes, score.explanation, score.components)
    IS DISTINCT FROM (excluded.run, excluded.state, excluded.reason, excluded.value,
        excluded.low, excluded.high, excluded.band, excluded.reliability,
        excluded.confidence, excluded.raters, excluded.organisations,
        excluded.episodes, excluded.explanation, excluded.components)
"""
"""What comes out the same is not written: not even when it was changed moves."""
WITHHOLD: Final = """
UPDATE score SET state = 'withheld', reason = NULL, value = NULL, low = NULL,
    high = NULL, band = NULL, reliability = NULL, confidence = NULL, raters = NULL,
    organisations = NULL, explanation = NULL, components = $2::jsonb
WHERE id = $1
"""
TO_WITHHOLD: Final = """
SELECT id, components FROM score
WHERE cycle = $1 AND published_at IS NULL AND state = 'published' AND record = ANY ($2)
"""
"""As people decided in review, between the closing of the window and its release."""
PUBLISH: Final = """
UPDATE score SET published_at = $2, changed_at = $2
WHERE id IN (SELECT id FROM score WHERE cycle = $1 AND published_at IS NULL
    ORDER BY organisation, id LIMIT $3)
RETURNING organisation, id, version
"""
AMEND: Final = """
UPDATE score SET run = $3, state = $4, reason = $5, value = $6, low = $7, high = $8,
    band = $9, reliability = $10, confidence = $11, raters = $12, organisations = $13,
    explanation = $14::jsonb, components = $15::jsonb, version = version + 1,
    changed_at = $16
WHERE id = $1 AND version = $2
    AND (state, reason, value, low, high, band, reliability, confidence, raters,
        organisations, explanation, components)
    IS DISTINCT FROM ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb,
        $15::jsonb)
RETURNING organisation, id, version
"""
"""What would read the same is no new version: it would only tell that raters changed.
"""
SAVE_RUN: Final = """
INSERT INTO score_run (id, cycle, method, method_version, method_digest, parameters,
    inputs_digest, estimates, computed_at)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8::jsonb, $9) ON CONFLICT DO NOTHING
"""


def silent(_said: str, _done: int, _of: int) -> None:
    """Hear nothing."""


async def save_run(
    cycle: UUID,
    basis: Basis,
    method: Method,
    worked: Worked,
    composed: Composed,
    now: datetime,
) -> UUID:
    """Keep a computation and what it was made from; return its id.

    What comes out the same again is the same computation, and nothing is added.
    """
    parts = {str(record): stored(composed[record]) for record in sorted(composed)}
    run = id_of(cycle, worked.digest, as_json(parts))
    kept = traces(basis.forms)
    async with transaction() as connection:
        await connection.execute(
            SAVE_RUN, run, cycle, method.name, method.version, method.digest,
            as_json(_parameters(method)), worked.digest,
            as_json(_of_cycle(worked)), now,
        )  # fmt: skip
        await connection.execute(
            SAVE_INPUTS,
            run,
            list(basis.days),
            list(basis.days.values()),
            [kept.get(record, b"") for record in basis.days],
        )
        await keep(run, worked.estimates, worked.outcomes)
    return run


def _parameters(method: Method) -> dict[str, Any]:
    """Return all that figures depend on: the method's, and those of the composite."""
    composite = {
        "version": COMPOSITE.version,
        "digest": COMPOSITE.digest,
        "parameters": dict(COMPOSITE.parameters),
    }
    return {**method.parameters, "composite": composite}


async def withhold(
    connection: Connection, cycle: UUID, records: Collection[UUID]
) -> None:
    """Leave no figure of feedback on scores that people decided to withhold."""
    rows = await connection.fetch(TO_WITHHOLD, cycle, records)
    await connection.executemany(
        WITHHOLD,
        [
            (row["id"], as_json(without_feedback(json.loads(row["components"]))))
            for row in rows
        ],
    )


def stored(parts: Sequence[Component]) -> list[dict[str, Any]]:
    """Return the parts of a score as they are stored."""
    return [part.stored() for part in parts]


def _of_cycle(worked: Worked) -> dict[str, Any]:
    """Return what all forms say together, and how they hang together."""
    estimates = worked.estimates
    if estimates is None:
        return {}
    cycle = estimates.cycle
    told = {
        "mean": cycle.mean,
        "person_variance": cycle.person_variance,
        "variances": cycle.variances,
        "severity_share": cycle.severity_share,
        "assumed": cycle.assumed,
        "why_not": cycle.why_not,
        "details": cycle.details,
        "people": len(estimates.person),
        "forms": int(estimates.forms.sum()),
        "components": len(set(estimates.component.tolist())),
        "not_comparable": int((~estimates.comparable).sum()),
    }
    return {name: finite(value) for name, value in told.items()}


def finite(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Return a value without the figures that are none: JSON has no NaN."""
    match value:
        case float():
            return float(value) if isfinite(value) else None
        case Mapping():
            return {name: finite(each) for name, each in value.items()}
        case list() | tuple():
            return [finite(each) for each in value]
        case _:
            return value


async def save_rows(
    connection: Connection,
    run: UUID,
    found: Snapshot,
    worked: Worked,
    composed: Composed,
    now: datetime,
    progress: Progress,
) -> None:
    """Write the row of every record, in place of one that was not published."""
    for start in range(0, len(found.people), AT_ONCE):
        batch = found.people[start : start + AT_ONCE]
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
                    *worked.outcomes[on.id].columns(),
                    json.dumps([_told(each) for each in found.episodes[on.id]]),
                    explained(worked.outcomes[on.id]),
                    as_json(stored(composed[on.id])),
                    now,
                )
                for on in batch
            ],
        )
        progress("Scores saved", start + len(batch), len(found.people))


def _told(episode: Episode) -> dict[str, Any]:
    return {
        "title": episode.title,
        "start": episode.start.isoformat(),
        "end": episode.end.isoformat(),
        "days": episode.days,
    }


def explained(outcome: Outcome) -> str | None:
    """Return the lines of an explanation as stored; None without a number."""
    return None if outcome.explanation is None else as_json({**outcome.explanation})


def as_json(value: object) -> str:
    """Return JSON that PostgreSQL takes: NaN and infinity are refused, never kept."""
    return json.dumps(value, allow_nan=False)
