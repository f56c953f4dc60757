"""What happened to an objective, agreement by agreement, as its history tells it.

Pure. The law: whoever agreed is told of once, also where their agreement moved nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.objectives import wording
from service.objectives.agreement.schemas import AgreementOut
from service.objectives.history import StepOut
from service.objectives.presenting import PersonOut
from service.objectives.stages import ContributionStep, Step
from service.web.language import mark

DISPUTES_PART: Final = "dispute_part"
AGREED: Final = mark("Agreed")


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history."""

    at: datetime
    says: str
    """Marked for translation."""
    person: PersonOut | None
    capacity: str | None
    """As what they agreed, marked for translation."""
    words: str
    """Of their own."""


def happened(
    steps: Sequence[StepOut], agreements: Sequence[AgreementOut]
) -> list[Happened]:
    """Return steps and agreements, the latest first.

    That a contribution is accepted says no more than the agreement that did it.
    """
    given = {each.agreed_at for each in agreements}
    found = [
        *(_agreed(each) for each in agreements),
        *(
            _taken(each)
            for each in steps
            if each.step != ContributionStep.ACCEPT or each.at not in given
        ),
    ]
    return sorted(found, key=lambda each: each.at)[::-1]


def _agreed(given: AgreementOut) -> Happened:
    capacity = wording.CAPACITIES[given.capacity]
    return Happened(given.agreed_at, AGREED, given.person, capacity, given.comment)


def _taken(step: StepOut) -> Happened:
    disputes_part = step.contribution and step.step == Step.DISPUTE
    says = wording.STEPS[DISPUTES_PART if disputes_part else step.step]
    return Happened(step.at, says, step.person, None, step.reason)
