"""From estimates to what is stored of each person: every figure through one gate.

Pure: estimates and evidence in, rows out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from service.scores import rules
from service.scores.estimate import Estimates, for_release, value
from service.scores.inputs import Evidence
from service.scores.rules import Decision, Facts, Part

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


def decide_all(
    estimates: Estimates | None,
    evidence: Mapping[UUID, Evidence],
    exposure: Mapping[UUID, int],
    minimum_exposure: int,
) -> dict[UUID, Outcome]:
    """Return the outcome of every record of `exposure`."""
    rows = {} if estimates is None else _rows(estimates)
    return {
        record: _outcome(
            rows.get(str(record)), evidence.get(record, NOBODY), days, minimum_exposure
        )
        for record, days in exposure.items()
    }


@dataclass(frozen=True, slots=True)
class _Row:
    """One person's estimates; those `shown` are of the band's fewest raters."""

    mean: float
    variance: float
    raw: float
    score: float
    error: float
    reliability: float
    half_width: float
    shown_reliability: float
    shown_low: float
    shown_high: float


def _rows(estimates: Estimates) -> dict[str, _Row]:
    reliability, low, high = for_release(estimates)
    return {
        str(person): _Row(
            estimates.cycle.mean,
            estimates.cycle.person_variance,
            float(estimates.raw[at]),
            float(estimates.score[at]),
            float(estimates.standard_error[at]),
            float(estimates.reliability[at]),
            float(estimates.half_width[at]),
            float(reliability[at]),
            float(low[at]),
            float(high[at]),
        )
        for at, person in enumerate(estimates.person)
    }


def _outcome(
    row: _Row | None, behind: Evidence, days: int, minimum_exposure: int
) -> Outcome:
    decision = rules.decide(
        Facts(
            exposure_days=days,
            minimum_exposure_days=minimum_exposure,
            raters=behind.raters,
            organisations=behind.organisations,
            reliability=row.reliability if row else None,
            half_width=row.half_width if row else None,
            cycle_estimable=row is not None and row.variance > 0,
        )
    )
    if row is None:
        return Outcome(decision)
    stands = rules.band(row.score, row.mean, row.error, row.variance)
    parts = rules.explain(row.raw, row.mean, row.reliability)
    may_show = decision.verdict.may_show
    return Outcome(
        decision,
        value=rules.figure(value(row.score), decision),
        low=rules.figure(value(row.shown_low), decision),
        high=rules.figure(value(row.shown_high), decision),
        band=rules.band_shown(stands, decision, to_hr=True),
        reliability=round(row.shown_reliability, 3) if may_show else None,
        explanation=rules.explanation_shown(parts, decision),
    )


def by_state(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Return how many stand in each state, by state."""
    counts = Counter(str(outcome.decision.state) for outcome in outcomes)
    return dict(sorted(counts.items()))
