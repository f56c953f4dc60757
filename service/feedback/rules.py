"""Who may give feedback on whom, who is drawn, and what a request goes through.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from types import MappingProxyType
from typing import Final
from uuid import UUID

from service.errors import Conflict, Fault, Unprocessable
from service.feedback.items import BEHAVIOURS, FEWEST_OBSERVED, HIGHEST, LOWEST

MONTHS: Final = 12
"""Of working together that a year can hold."""


class State(StrEnum):
    """Where a request stands. Nobody but the rater sees it before release."""

    INVITED = "invited"
    SUBMITTED = "submitted"
    DECLINED = "declined"
    EXPIRED = "expired"


class Step(StrEnum):
    """What moves a request on."""

    SUBMIT = "submit"
    DECLINE = "decline"
    EXPIRE = "expire"


STEPS: Final[Mapping[tuple[State, Step], State]] = MappingProxyType(
    {
        (State.INVITED, Step.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Step.SUBMIT): State.SUBMITTED,
        (State.INVITED, Step.DECLINE): State.DECLINED,
        (State.INVITED, Step.EXPIRE): State.EXPIRED,
    }
)


class Origin(StrEnum):
    """Why somebody is in the pool that raters are drawn from."""

    OBJECTIVE = "objective"
    SUBJECT = "subject"
    MANAGER = "manager"


class WrongState(Conflict):
    """The request is not in a state that allows this step."""

    slug = "feedback-wrong-state"


class NotOpen(Conflict):
    """The feedback window is not open."""

    slug = "feedback-not-open"


class NotEligible(Unprocessable):
    """The person may not give feedback on the subject."""

    slug = "feedback-not-eligible"


class PoolTooSmall(Conflict):
    """Too few eligible colleagues are in the pool to draw raters from."""

    slug = "feedback-pool-too-small"


class AlreadyDrawn(Conflict):
    """The record's raters have been drawn, once."""

    slug = "feedback-already-drawn"


class NoReason(Unprocessable):
    """A request is declined with a reason."""

    slug = "feedback-no-reason"


class BadAnswers(Unprocessable):
    """The answers do not fit the form."""

    slug = "feedback-answers-invalid"


class NotYetReleased(Conflict):
    """Feedback is released together, once, at its instant."""

    slug = "feedback-not-yet-released"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the pool, and where they work on the day of the draw."""

    person: UUID
    organisation: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How many are drawn and who may be, from the cycle's framework."""

    aim: int
    least: int
    other_organisations: int
    minimum_contact_months: int
    own_organisation_may_rate: bool


def after(state: State, step: Step) -> State:
    """Return the state that `step` leads to from `state`."""
    try:
        return STEPS[state, step]
    except KeyError:
        raise WrongState(f"Cannot {step} a request that is {state}.") from None


def check_open(opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Refuse what comes before the window opens or at its closing instant or later."""
    if now < opens_at:
        raise NotOpen(f"The window opens at {opens_at.isoformat()}.")
    if now >= closes_at:
        raise NotOpen(f"The window closed at {closes_at.isoformat()}.")


def check_eligible(
    rater: Candidate,
    subject: UUID,
    organisations: Collection[str],
    own_line: Collection[UUID],
    limits: Limits,
) -> None:
    """Refuse the subject, their own line and, unless allowed, their organisations.

    `organisations` are the one that keeps the subject's record and the one they are
    posted to on the day; `own_line` holds everyone above and below them then.
    """
    if rater.person == subject:
        raise NotEligible("Nobody gives feedback on themselves.")
    if rater.person in own_line:
        raise NotEligible("Nobody gives feedback on their own manager or report.")
    if rater.organisation in organisations and not limits.own_organisation_may_rate:
        raise NotEligible("Feedback comes from other organisations.")


def check_contact(months: int, limits: Limits) -> None:
    """Refuse a rater who has worked with the subject for too short a time."""
    if not 0 <= months <= MONTHS:
        raise BadAnswers(f"Give the months of the year worked together: 0 to {MONTHS}.")
    if months < limits.minimum_contact_months:
        raise NotEligible(
            f"Feedback needs at least {limits.minimum_contact_months} months of working"
            f" together in the year; you gave {months}: decline instead."
        )


def check_reason(reason: str) -> None:
    """Refuse to decline without a reason."""
    if not reason.strip():
        raise NoReason("Say in a few words why, such as: worked together too briefly.")


def check_answers(answers: Mapping[str, int | None]) -> None:
    """Refuse answers that are not the form's; None means not observed."""
    faults = [
        Fault("There is no such item on the form.", pointer=f"#/answers/{item}")
        for item in sorted(set(answers) - set(BEHAVIOURS))
    ]
    faults += [
        Fault("Answer it, or say that you did not see it.", pointer=f"#/answers/{item}")
        for item in sorted(set(BEHAVIOURS) - set(answers))
    ]
    faults += [
        Fault(f"Answer {LOWEST} to {HIGHEST}.", pointer=f"#/answers/{item}")
        for item, value in sorted(answers.items())
        if value is not None and not LOWEST <= value <= HIGHEST
    ]
    if faults:
        raise BadAnswers("Some answers do not fit the form.", faults=faults)


def observed(answers: Mapping[str, int | None]) -> int:
    """Return how many items the rater saw."""
    return sum(value is not None for value in answers.values())


def is_valid_form(answers: Mapping[str, int | None]) -> bool:
    """Say whether a form has enough observed items to count."""
    return observed(answers) >= FEWEST_OBSERVED


def draw(pool: Sequence[Candidate], limits: Limits, seed: str) -> list[Candidate]:
    """Draw up to `limits.aim` raters; refuse a pool too small to hide anyone in."""
    organisations = {candidate.organisation for candidate in pool}
    if len(pool) < limits.least or len(organisations) < limits.other_organisations:
        raise PoolTooSmall(
            f"The pool has {len(pool)} eligible colleagues from {len(organisations)}"
            f" other organisations; it needs {limits.least} from"
            f" {limits.other_organisations}: add more who worked with the subject."
        )
    return in_turn(pool, seed)[: limits.aim]


def in_turn(pool: Sequence[Candidate], seed: str) -> list[Candidate]:
    """Return the pool as the seed shuffles it, one organisation after another.

    The same pool and seed give the same turns, whatever order the pool comes in.
    """
    chance = random.Random(seed)  # noqa: S311 - recorded and repeatable on purpose
    shuffled = sorted(pool, key=lambda candidate: candidate.person)
    chance.shuffle(shuffled)
    rounds: Counter[str] = Counter()
    turns: list[tuple[int, int, Candidate]] = []
    for place, candidate in enumerate(shuffled):
        turns.append((rounds[candidate.organisation], place, candidate))
        rounds[candidate.organisation] += 1
    return [candidate for _, _, candidate in sorted(turns, key=itemgetter(0, 1))]
