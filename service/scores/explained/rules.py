"""What is kept of a person to explain their score.

Pure: estimates and outcomes in, accounts out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from service.scores.estimate import Estimates
from service.scores.explaining import Part, explain
from service.scores.outcome import Outcome
from service.scores.rules import Band, State, band


@dataclass(frozen=True, slots=True)
class Account:
    """Either the exact lines of a score and what they add up to, or a band."""

    lines: Mapping[Part, float] | None
    score: float | None
    band: Band | None

    def columns(self) -> tuple[float | str | None, ...]:
        """Return the values of `score_account`'s columns from the lines on."""
        lines = self.lines or {}
        return *(lines.get(part) for part in Part), self.score, self.band


def accounts(
    estimates: Estimates | None, outcomes: Mapping[UUID, Outcome]
) -> dict[UUID, Account]:
    """Return the account of everybody who has a number, or a band without one."""
    if estimates is None:
        return {}
    found = {}
    for at, person in enumerate(estimates.person):
        record = UUID(str(person))
        account = _account(estimates, at, outcomes[record].decision.state)
        if account is not None:
            found[record] = account
    return found


def _account(estimates: Estimates, at: int, state: State) -> Account | None:
    mean = estimates.cycle.mean
    score = float(estimates.score[at])
    if state is State.PUBLISHED:
        lines = explain(
            float(estimates.raw[at]),
            mean,
            float(estimates.pull[at]),
            float(estimates.severity[at]),
        )
        return Account(lines, score, None)
    if state is State.INDICATIVE:
        error = float(estimates.standard_error[at])
        stands = band(score, mean, error, estimates.cycle.person_variance)
        return Account(None, None, stands)
    return None
