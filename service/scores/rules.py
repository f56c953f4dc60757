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
from service.suppression import Verdict


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
    told_above: float = 4.8
    """Averages beyond these are told as such: unanimity would reveal everyone."""
    told_below: float = 1.2


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


class Part(StrEnum):
    """The lines that add up to a score, in order."""

    SERVICE_AVERAGE = "service_average"
    OWN_AVERAGE = "own_average"
    RATER_SEVERITY = "rater_severity"
    LIMITED_EVIDENCE = "limited_evidence"


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

PART_TITLES: Final[Mapping[Part, str]] = MappingProxyType(
    {
        Part.SERVICE_AVERAGE: "The average of the service",
        Part.OWN_AVERAGE: "Your own average against it",
        Part.RATER_SEVERITY: "Generous or severe raters: not corrected for",
        Part.LIMITED_EVIDENCE: "Pull towards the average for limited evidence",
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
    reliability.
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
        indicative = words.may_show and reliable and facts.cycle_estimable
        return Decision(State.INDICATIVE if indicative else State.INSUFFICIENT, enough)
    if not facts.cycle_estimable:
        return _suppressed(State.INSUFFICIENT, facts, Reason.CYCLE_NOT_ESTIMABLE)
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


def explain(raw: float, mean: float, reliability: float) -> Mapping[Part, float]:
    """Return the parts of a score of method `mean`; their sum is the score to 1e-9.

    `raw` is the person's average mark, `mean` the cycle's, both on the 1-5 scale.
    """
    return MappingProxyType(
        {
            Part.SERVICE_AVERAGE: mean,
            Part.OWN_AVERAGE: raw - mean,
            Part.RATER_SEVERITY: 0.0,
            Part.LIMITED_EVIDENCE: (reliability - 1) * (raw - mean),
        }
    )


def explanation_shown(
    parts: Mapping[Part, float], decision: Decision, policy: Policy = POLICY
) -> Mapping[Part, float | str | None] | None:
    """Return the parts as the subject and manager may see them; None without a number.

    Rounded to 0.1; the last absorbs the rest, so they add up to the rounded score. An
    average near an end of the scale is told in words, such as `above 4.8`, and the pull
    then not at all.
    """
    total = figure(sum(parts.values()), decision)
    if total is None:
        return None
    shown: dict[Part, float | str | None] = {}
    for part in (Part.SERVICE_AVERAGE, Part.OWN_AVERAGE, Part.RATER_SEVERITY):
        shown[part] = rounded = round(parts[part], 1) + 0.0
        total -= rounded
    shown[Part.LIMITED_EVIDENCE] = round(total, 1) + 0.0
    raw = round(parts[Part.SERVICE_AVERAGE] + parts[Part.OWN_AVERAGE], 9)
    if not policy.told_below <= raw <= policy.told_above:
        above = raw > policy.told_above
        shown[Part.OWN_AVERAGE] = (
            f"above {policy.told_above}" if above else f"below {policy.told_below}"
        )
        shown[Part.LIMITED_EVIDENCE] = None
    return MappingProxyType(shown)
