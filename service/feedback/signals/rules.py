"""What is looked for in sealed forms, how often it is chance, and what may be told.

Pure: figures in, decisions out. The law: a signal opens a look by a person; it changes
no score, and what is told of it names no rater and nobody who can be one.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from service.errors import Conflict
from service.feedback.forms import Counted
from service.feedback.rules import NoReason
from service.suppression import NUMBER, verdict

FEWEST_TOLD: Final = NUMBER.raters
"""A count of people below this is told as no more than that it is below."""
MOST_ERRORS: Final = 2
"""Standard errors by which one form moves a score are told as more than one, or as more
than two: from the figure itself the form could be worked out."""
FEWEST_FORMS: Final = 100
"""With fewer, people and raters cannot be told apart well enough to look at all."""
LOOKED_BY: Final = "mean"
"""The method by whose scores looking finds what hangs on one form."""


class Kind(StrEnum):
    """What a pattern in the forms of a cycle may be a sign of."""

    RECIPROCAL_PAIR = "reciprocal_pair"
    RING = "ring"
    STRAIGHT_LINING = "straight_lining"
    EXTREME_ONLY = "extreme_only"
    SEVERITY_OUTLIER = "severity_outlier"
    HOSTILE_FORM = "hostile_form"
    LATE_BURST = "late_burst"
    INFLUENCE = "influence"


class Decision(StrEnum):
    """What becomes of a score that hangs on one form."""

    NO_ACTION = "no_action"
    WITHHOLD = "withhold"


class NotForReview(Conflict):
    """No one form moves the record's score that far, or it has no number."""

    slug = "signals-not-for-review"


class ReviewedAlready(Conflict):
    """A score is reviewed once; the decision stands."""

    slug = "signals-reviewed-already"


class ReviewOver(Conflict):
    """Scores are reviewed between the closing of a window and its release."""

    slug = "signals-review-over"


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds of figures that are standard normal where all is honest, but as said.

    A change of any changes how often chance is taken for a sign: measure again.
    """

    pair: float = 3.09
    """Of the two residuals of a pair together."""
    pair_each: float = 1.0
    """Which both must exceed."""
    tie: float = 0.3
    """Above which two people who marked each other up may be part of a ring."""
    ring: float = 4.0
    """Of a group's residuals inside against outside."""
    ring_forms: int = 3
    """Fewest inside, and outside, to compare."""
    rater_forms: int = 4
    """Fewest of a rater whose way of answering is judged."""
    chance: float = 1e-3
    """Of as much, by chance: of straight-lining, extremes alone, and bursts."""
    severity: float = 3.29
    severity_forms: int = 3
    hostile: float = -3.5
    burst_forms: int = 6
    burst_each: int = 2
    """Fewest on the last day, and before it, to compare."""
    influence: float = 1.0
    """Standard errors by which one form may move a score."""
    influence_forms: int = NUMBER.raters
    """Fewest on a subject whose score is a number."""


POLICY: Final = Policy()


@dataclass(frozen=True, slots=True)
class Signal:
    """How many stand out by one kind, beside how many would if all were honest."""

    kind: Kind
    found: int | None
    """None: fewer than `FEWEST_TOLD`, or none."""
    among: int
    by_chance: float


def told(kind: Kind, found: int, among: int, by_chance: float) -> Signal:
    """Return what may be told of a kind: nothing of a few who could be raters.

    Whose score is moved by one form is told by record, so that count is no secret.
    """
    few = found < FEWEST_TOLD and kind is not Kind.INFLUENCE
    return Signal(kind, None if few else found, among, round(by_chance, 1))


def as_text(signals: Iterable[Signal]) -> str:
    """Return signals as they are kept."""
    return json.dumps([asdict(signal) for signal in signals])


def from_text(kept: str) -> tuple[Signal, ...]:
    """Return signals as they were told."""
    return tuple(
        Signal(Kind(each["kind"]), each["found"], each["among"], each["by_chance"])
        for each in json.loads(kept)
    )


def errors_told(moved: float) -> int:
    """Return what is told of by how many standard errors one form moves a score."""
    return min(int(moved), MOST_ERRORS)


def reviewable(forms: Iterable[Counted]) -> dict[UUID, str]:
    """Return the records that have a number to review, each with its band of raters.

    Where too few stand behind a number none leaves the service, and to say that one of
    three forms weighs most is to say too much.
    """
    behind: dict[UUID, list[str]] = {}
    for form in forms:
        behind.setdefault(form.record, []).append(form.rater_organisation)
    found = {
        record: verdict(len(organisations), len(set(organisations))).raters
        for record, organisations in behind.items()
    }
    return {record: raters for record, raters in found.items() if raters is not None}


def check_reason(reason: str) -> None:
    """Refuse to decide about a score without a reason."""
    if not reason.strip():
        raise NoReason("Say in a few words why the score is shown, or is not.")


def check_unreleased(released_at: datetime | None) -> None:
    """Refuse what comes once the window was released."""
    if released_at is not None:
        raise ReviewOver(
            f"It was released at {released_at.isoformat()}: a correction is a new"
            " version."
        )
