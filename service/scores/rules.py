"""What may be said of a person's collaboration, and why there may be no number.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`. A figure
leaves through `figure` alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from types import MappingProxyType
from typing import Final

from service import suppression
from service.errors import Conflict, Unprocessable
from service.suppression import Verdict


class AlreadyPublished(Conflict):
    """A published cycle is never computed or published again."""

    slug = "cycle-already-published"


class NotComputed(Conflict):
    """The cycle's scores have not been computed."""

    slug = "cycle-not-computed"


class InputsChanged(Conflict):
    """The cycle's scores are not of the forms that count by now."""

    slug = "cycle-inputs-changed"


class NotPublished(Conflict):
    """The cycle's scores are not published."""

    slug = "cycle-not-published"


class UnknownMethod(Unprocessable):
    """There is no scoring method of this name."""

    slug = "method-unknown"


class MethodChanged(Conflict):
    """The method is no longer the one that the scores were computed by."""

    slug = "method-changed"


@dataclass(frozen=True, slots=True)
class Policy:
    """The thresholds of a method version: a change of any is a new version."""

    reliability: float = 0.60
    firm_raters: int = 8
    firm_half_width: float = 0.4
    """On the 1-5 scale, at 90 %."""
    band_margin: float = 0.25
    """In standard deviations of people."""
    band_probability: float = 0.9


POLICY: Final = Policy()


class State(StrEnum):
    """Where a person's score stands."""

    NOT_ELIGIBLE = "not_eligible"
    INSUFFICIENT = "insufficient"
    INDICATIVE = "indicative"
    PUBLISHED = "published"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"


class Reason(StrEnum):
    """Why there is no number."""

    BELOW_MINIMUM_EXPOSURE = "below_minimum_exposure"
    BELOW_MINIMUM_ORGANISATIONS = "below_minimum_organisations"
    BELOW_MINIMUM_RATERS = "below_minimum_raters"
    CYCLE_NOT_ESTIMABLE = "cycle_not_estimable"
    NOT_CONNECTED = "not_connected"  # Only a method that compares raters can find it.
    LOW_RELIABILITY = "low_reliability"


class Confidence(StrEnum):
    """How far a published number can be relied on."""

    REPORTABLE = "reportable"
    FIRM = "firm"


class Band(StrEnum):
    """Where a person stands against the cycle, in words; never a rank."""

    CLEARLY_ABOVE = "clearly_above"
    TYPICAL = "typical_or_not_enough_evidence"
    CLEARLY_BELOW = "clearly_below"


BAND_TITLES: Final[Mapping[Band, str]] = MappingProxyType(
    {
        Band.CLEARLY_ABOVE: "Clearly above the typical range",
        Band.TYPICAL: "In the typical range, or not enough evidence to say",
        Band.CLEARLY_BELOW: "Clearly below the typical range",
    }
)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides what may be said of one person in one cycle."""

    exposure_days: int
    """Working days in post during the cycle."""
    minimum_exposure_days: int
    raters: int
    """Distinct raters with a valid form."""
    organisations: int
    """Distinct organisations of those raters, other than the subject's."""
    reliability: float | None
    """None where there is no form to estimate from."""
    half_width: float | None
    """Of the 90 % interval before clipping, on the 1-5 scale."""
    cycle_estimable: bool
    connected: bool = True
    """Whether raters hold it together with the whole cycle, as far as that matters."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided; `verdict` gates every figure."""

    state: State
    verdict: Verdict
    confidence: Confidence | None = None
    """None unless there is a number."""

    @property
    def reason(self) -> Reason | None:
        """Why there is no number; None when there is one."""
        return None if self.verdict.reason is None else Reason(self.verdict.reason)


def decide(facts: Facts, policy: Policy = POLICY) -> Decision:
    """Return the state of a person's score, its reason and its confidence.

    Of several reasons the first is given: exposure, organisations, raters, the cycle,
    connection, reliability.
    """
    if facts.exposure_days < facts.minimum_exposure_days:
        return _suppressed(State.NOT_ELIGIBLE, facts, Reason.BELOW_MINIMUM_EXPOSURE)
    # Compared so that NaN is unreliable.
    reliable = facts.reliability is not None and (
        facts.reliability >= policy.reliability
    )
    counts = facts.raters, facts.organisations
    enough = suppression.verdict(*counts)
    if not enough.may_show:
        words = suppression.verdict(*counts, suppression.WORDS)
        estimated = facts.cycle_estimable and facts.connected and reliable
        indicative = words.may_show and estimated
        return Decision(State.INDICATIVE if indicative else State.INSUFFICIENT, enough)
    if not facts.cycle_estimable:
        return _suppressed(State.INSUFFICIENT, facts, Reason.CYCLE_NOT_ESTIMABLE)
    if not facts.connected:
        return _suppressed(State.INSUFFICIENT, facts, Reason.NOT_CONNECTED)
    if not reliable:
        return _suppressed(State.INSUFFICIENT, facts, Reason.LOW_RELIABILITY)
    return Decision(State.PUBLISHED, enough, _confidence(facts, policy))


def _suppressed(state: State, facts: Facts, because: Reason) -> Decision:
    counts = facts.raters, facts.organisations
    return Decision(state, suppression.verdict(*counts, because=because))


def _confidence(facts: Facts, policy: Policy) -> Confidence:
    narrow = facts.half_width is not None and (
        facts.half_width <= policy.firm_half_width
    )
    if facts.raters >= policy.firm_raters and narrow:
        return Confidence.FIRM
    return Confidence.REPORTABLE


def figure(value: float, decision: Decision) -> float | None:
    """Return a person's figure to one decimal, or None where none may be shown."""
    if decision.state is not State.PUBLISHED:
        return None
    return suppression.shown(value, decision.verdict)


def band(
    score: float,
    mean: float,
    standard_error: float,
    person_variance: float,
    policy: Policy = POLICY,
) -> Band:
    """Return where a score clearly stands, by its posterior, all on the 1-5 scale.

    Clearly above when P(p > +margin x s_p) is at least `band_probability`; below
    likewise.
    """
    if person_variance <= 0 or standard_error <= 0:
        return Band.TYPICAL
    posterior = NormalDist(score - mean, standard_error)
    margin = policy.band_margin * person_variance**0.5
    if 1 - posterior.cdf(margin) >= policy.band_probability:
        return Band.CLEARLY_ABOVE
    if posterior.cdf(-margin) >= policy.band_probability:
        return Band.CLEARLY_BELOW
    return Band.TYPICAL


def band_shown(band: Band, decision: Decision, *, to_hr: bool) -> Band | None:
    """Return the band for HR, or for the subject and their manager, or None.

    An indicative band is for the subject and their manager only.
    """
    indicative = decision.state is State.INDICATIVE and not to_hr
    return band if indicative or decision.state is State.PUBLISHED else None
