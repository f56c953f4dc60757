"""The life of a milestone, and what may be reported of an objective.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from service.errors import Conflict, Fault
from service.objectives.measuring import BadIndicator, BadReading
from service.objectives.stages import Stage, WrongStage


class MilestoneState(StrEnum):
    """Where a milestone stands."""

    PLANNED = "planned"
    MET = "met"
    MISSED = "missed"
    DROPPED = "dropped"


class MilestoneStep(StrEnum):
    """What moves a milestone on."""

    MEET = "meet"
    MISS = "miss"
    DROP = "drop"
    REOPEN = "reopen"


STEPS: Final[Mapping[tuple[MilestoneState, MilestoneStep], MilestoneState]] = (
    MappingProxyType(
        {
            (MilestoneState.PLANNED, MilestoneStep.MEET): MilestoneState.MET,
            (MilestoneState.PLANNED, MilestoneStep.MISS): MilestoneState.MISSED,
            (MilestoneState.PLANNED, MilestoneStep.DROP): MilestoneState.DROPPED,
            (MilestoneState.MISSED, MilestoneStep.MEET): MilestoneState.MET,
            (MilestoneState.MISSED, MilestoneStep.DROP): MilestoneState.DROPPED,
            (MilestoneState.MET, MilestoneStep.REOPEN): MilestoneState.PLANNED,
            (MilestoneState.MISSED, MilestoneStep.REOPEN): MilestoneState.PLANNED,
            (MilestoneState.DROPPED, MilestoneStep.REOPEN): MilestoneState.PLANNED,
        }
    )
)
STEP_TO: Final[Mapping[MilestoneState, MilestoneStep]] = MappingProxyType(
    {
        MilestoneState.PLANNED: MilestoneStep.REOPEN,
        MilestoneState.MET: MilestoneStep.MEET,
        MilestoneState.MISSED: MilestoneStep.MISS,
        MilestoneState.DROPPED: MilestoneStep.DROP,
    }
)
"""The one step that leads to each state."""
TELLS: Final = frozenset({MilestoneStep.MEET, MilestoneStep.MISS})
"""What reports how the work went, and so needs work to go on."""
OVER: Final = frozenset({Stage.ASSESSED, Stage.CLOSED, Stage.WITHDRAWN})
"""Where nothing is planned any more."""


class Status(StrEnum):
    """How an objective gets on, in the words of its accountable owner."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    DELIVERED = "delivered"


class WrongMilestoneState(Conflict):
    """The milestone is not in a state that allows this."""

    slug = "milestone-wrong-state"


class CorrectedAlready(Conflict):
    """The reading has been corrected by another."""

    slug = "reading-corrected"


class StatusNotCurrent(Conflict):
    """The status is not the one that is current."""

    slug = "status-not-current"


def check_not_over(stage: Stage) -> None:
    """Refuse to plan for an objective that is over."""
    if stage in OVER:
        raise WrongStage(
            f"The objective is {stage}: its milestones and indicators stay as they are."
        )


def milestone_after(state: MilestoneState, step: MilestoneStep) -> MilestoneState:
    """Return the state that `step` leads a milestone to from `state`."""
    try:
        return STEPS[state, step]
    except KeyError:
        raise WrongMilestoneState(
            f"The milestone is {state}: it cannot {step} now. Reopen it first: make it"
            " planned."
        ) from None


def check_missed(due_on: date, today: date) -> None:
    """Refuse to call a milestone missed before its day has passed."""
    if due_on >= today:
        raise WrongMilestoneState(
            f"The milestone is due on {due_on}: it is missed only after that day. Drop"
            " it, or leave it planned."
        )


def check_rewritten(was: MilestoneState, wanted: MilestoneState) -> None:
    """Refuse new words or another day for what has been met, missed or dropped."""
    if MilestoneState.PLANNED not in (was, wanted):
        raise WrongMilestoneState(
            f"The milestone is {was}: make it planned, and then say something else."
        )


def check_unit(measured_in: str, wanted: str, *, readings: int) -> None:
    """Refuse another unit for what has been read already."""
    if readings and wanted != measured_in:
        detail = (
            f"It has {readings} readings in another unit: keep the unit, or add an"
            " indicator."
        )
        raise BadIndicator(detail, faults=[Fault(detail, pointer="#/unit")])


def check_as_of(as_of: date, today: date) -> None:
    """Refuse a reading of a day to come."""
    if as_of > today:
        detail = f"The reading is of {as_of}, which is to come: give a day up to today."
        raise BadReading(detail, faults=[Fault(detail, pointer="#/as_of")])


def check_current(number: int, current: int) -> None:
    """Refuse to dissent from a status that is not the current one (0: there is none).

    Nobody dissents from what they have not read.
    """
    if current == 0:
        raise StatusNotCurrent(
            "No status has been reported: an accountable owner reports the first."
        )
    if number != current:
        raise StatusNotCurrent(
            f"Status {current} is the current one: read it, and dissent from that.",
            faults=[Fault("Give the current one.", pointer="#/status")],
        )
