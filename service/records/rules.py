"""What a cycle goes through, and which dates it may have.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from service.errors import Conflict, NotAllowed, Unprocessable


class CycleState(StrEnum):
    """Where a cycle stands."""

    OPEN = "open"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class CycleStep(StrEnum):
    """What moves a cycle on."""

    START_PUBLISHING = "start publishing"
    FINISH_PUBLISHING = "finish publishing"
    ARCHIVE = "archive"


STEPS: Final[Mapping[tuple[CycleState, CycleStep], CycleState]] = MappingProxyType(
    {
        (CycleState.OPEN, CycleStep.START_PUBLISHING): CycleState.PUBLISHING,
        (CycleState.PUBLISHING, CycleStep.FINISH_PUBLISHING): CycleState.PUBLISHED,
        (CycleState.PUBLISHED, CycleStep.ARCHIVE): CycleState.ARCHIVED,
    }
)


class WrongCycleState(Conflict):
    """The cycle does not stand where this step can be taken."""

    slug = "cycle-wrong-state"


class CycleExists(Conflict):
    """An organisation has one cycle a year."""

    slug = "cycle-exists"


class NoOrganisations(Conflict):
    """There are no organisations to open a cycle for."""

    slug = "organisations-none"


class CycleOfMany(NotAllowed):
    """Several organisations take part in the cycle."""

    slug = "cycle-of-many"


class BegunAlready(Conflict):
    """A stage that has begun stays where it is."""

    slug = "cycle-stage-begun"


class BadDates(Unprocessable):
    """The cycle's dates cannot be kept."""

    slug = "cycle-dates-invalid"


class WrongSource(Unprocessable):
    """A record is attached by the organisation's own HR system."""

    slug = "record-source-differs"


class AttachedElsewhere(Conflict):
    """The HR system's record is attached to another person or cycle."""

    slug = "record-attached-elsewhere"


def after(state: CycleState, step: CycleStep) -> CycleState:
    """Return the state that `step` leads to from `state`."""
    try:
        return STEPS[state, step]
    except KeyError:
        raise WrongCycleState(f"Cannot {step} a cycle that is {state}.") from None


def check_source(source: str, hr_system: str, organisation: str) -> None:
    """Refuse a record of another HR system: one record a person, cycle and system."""
    if source != hr_system:
        raise WrongSource(
            f"The HR system of {organisation} is {hr_system}: name the record as"
            f" {hr_system}:external_record_id."
        )


def check_attaches(state: CycleState) -> None:
    """Refuse new records once a cycle's scores are on their way."""
    if state != CycleState.OPEN:
        raise WrongCycleState(f"The cycle is {state}: records attach while it is open.")


def with_dates(
    preset: Mapping[str, datetime], wanted: Mapping[str, datetime]
) -> dict[str, datetime]:
    """Return the preset's instants with those wanted in their place, in order.

    Both map a stage's name to the instant it begins; `preset` is in the order of the
    year.
    """
    unknown = sorted(set(wanted) - set(preset))
    if unknown:
        raise BadDates(
            f"There is no stage {', '.join(unknown)}; use: {', '.join(preset)}."
        )
    naive = sorted(name for name, at in wanted.items() if at.tzinfo is None)
    if naive:
        raise BadDates(
            f"{', '.join(naive)}: write the instant with its offset, such as"
            " 2027-02-01T09:00:00Z."
        )
    dates = {name: wanted.get(name, at) for name, at in preset.items()}
    for (one, start), (other, end) in pairwise(dates.items()):
        if end < start:
            raise BadDates(
                f"{other} ({end.isoformat()}) would come before {one}"
                f" ({start.isoformat()}): set both so that they are in order."
            )
    if dates["feedback_closes"] <= dates["feedback_opens"]:
        raise BadDates("feedback_closes must come after feedback_opens.")
    return dates


def check_moves(
    was: Mapping[str, datetime], wanted: Mapping[str, datetime], now: datetime
) -> None:
    """Refuse to move a stage that has begun, or to where it would have."""
    begun = sorted(name for name in wanted if was[name] <= now)
    if begun:
        raise BegunAlready(f"{', '.join(begun)} has begun: leave its date.")
    past = sorted(name for name, at in wanted.items() if at <= now)
    if past:
        raise BadDates(f"{', '.join(past)} would have begun: give a later date.")
