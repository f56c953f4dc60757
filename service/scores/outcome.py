"""From estimates to what is stored of each person: every figure through one gate.

Pure: estimates and evidence in, rows out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from service.scores import explaining, rules
from service.scores.estimate import Cycle, Estimates, for_release, value
from service.scores.explaining import Part
from service.scores.inputs import Evidence
from service.scores.rules import Decision, Facts

NOBODY = Evidence(raters=0, organisations=0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is stored of one person's score; None where nothing may be shown."""

    decision: Decision
    value: float | None = None
    low: float | None = None
    high: float | None = None
    band: str | None = None
    reliability: float | None = None
    explanation: Mapping[Part, float | str | None] | None = None
    """The parts as the subject may see them, on the 1-5 scale."""

    def columns(self) -> tuple[str | float | None, ...]:
        """Return the values of `score`'s columns from state to organisations."""
        return (
            self.decision.state,
            self.decision.reason,
            self.value,
            self.low,
            self.high,
            self.band,
            self.reliability,
            self.decision.confidence,
            self.decision.verdict.raters,
            self.decision.verdict.organisations,
        )


@dataclass(frozen=True, slots=True)
class Days:
    """Working days in post, and the fewest that are enough."""

    worked: int
    least: int


def decide_all(
    estimates: Estimates | None,
    evidence: Mapping[UUID, Evidence],
    exposure: Mapping[UUID, int],
    minimum_exposure: int,
) -> dict[UUID, Outcome]:
    """Return the outcome of every record of `exposure`."""
    rows = {} if estimates is None else _rows(estimates)
    apart = set() if estimates is None else _apart(estimates)
    return {
        record: _outcome(
            estimates.cycle if estimates else None,
            rows.get(str(record)),
            evidence.get(record, NOBODY),
            Days(days, minimum_exposure),
            connected=str(record) not in apart,
        )
        for record, days in exposure.items()
    }


def _apart(estimates: Estimates) -> set[str]:
    """Return who may not be set beside the whole cycle."""
    return {str(person) for person in estimates.person[~estimates.comparable]}


@dataclass(frozen=True, slots=True)
class _Row:
    """One person's estimates; those `shown` are of the band's fewest raters."""

    raw: float
    severity: float
    pull: float
    score: float
    error: float
    reliability: float
    half_width: float
    shown_reliability: float
    shown_low: float
    shown_high: float


def _rows(estimates: Estimates) -> dict[str, _Row]:
    """Return what is known of each person; nothing of one who has no figures."""
    shown = for_release(estimates)
    columns = np.column_stack(
        [
            estimates.raw,
            estimates.severity,
            estimates.pull,
            estimates.score,
            estimates.standard_error,
            estimates.reliability,
            estimates.half_width,
            *shown,
        ]
    )
    whole = np.isfinite(columns).all(axis=1)
    return {
        str(estimates.person[at]): _Row(*map(float, columns[at]))
        for at in np.flatnonzero(whole)
    }


def _outcome(
    cycle: Cycle | None,
    row: _Row | None,
    behind: Evidence,
    days: Days,
    *,
    connected: bool,
) -> Outcome:
    decision = rules.decide(
        Facts(
            exposure_days=days.worked,
            minimum_exposure_days=days.least,
            raters=behind.raters,
            organisations=behind.organisations,
            reliability=row.reliability if row else None,
            half_width=row.half_width if row else None,
            cycle_estimable=cycle is not None and cycle.estimable,
            connected=connected,
        )
    )
    if cycle is None or row is None:
        return Outcome(decision)
    stands = rules.band(row.score, cycle.mean, row.error, cycle.person_variance)
    parts = explaining.explain(row.raw, cycle.mean, row.pull, row.severity)
    may_show = decision.verdict.may_show
    return Outcome(
        decision,
        value=rules.figure(value(row.score), decision),
        low=rules.figure(value(row.shown_low), decision),
        high=rules.figure(value(row.shown_high), decision),
        band=rules.band_shown(stands, decision, to_hr=True),
        reliability=round(row.shown_reliability, 3) if may_show else None,
        explanation=explaining.explanation_shown(parts, decision),
    )


def by_state(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Return how many stand in each state, by state."""
    counts = Counter(str(outcome.decision.state) for outcome in outcomes)
    return dict(sorted(counts.items()))
