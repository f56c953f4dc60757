"""What scores, their parts and what people make of them are called on pages.

The law: a figure is said with how sure it is, and never against another person's.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from service.hr.schemas import CollaborationScore, ComponentReason, Interval
from service.records.combining import Reason as NotCombined
from service.scores.composing.composite import Name
from service.scores.deciding.queries import Stance
from service.scores.deciding.rules import Capacity, Outcome
from service.scores.deciding.stages import AppealState
from service.scores.rules import Band, Confidence, State
from service.web.language import mark, say
from service.web.templating import number

Words = Mapping[StrEnum, str]
PERCENT: Final = 100

STATES: Final[Words] = {
    State.NOT_ELIGIBLE: mark("No score: too short a time in post"),
    State.INSUFFICIENT: mark("No number: not enough feedback"),
    State.INDICATIVE: mark("No number: told in words"),
    State.PUBLISHED: mark("Waiting for a decision"),
    State.WITHHELD: mark("Withheld after a review"),
    State.WITHDRAWN: mark("Score withdrawn"),
}
OUTCOMES: Final[Words] = {
    Outcome.ACCEPT: mark("Accepted as evidence"),
    Outcome.AMEND: mark("Accepted with the manager's own judgement beside it"),
    Outcome.REJECT: mark("Rejected as evidence"),
}
BANDS: Final[Words] = {
    Band.CLEARLY_ABOVE: mark("Clearly above the typical range"),
    Band.TYPICAL: mark("Neither clearly above nor clearly below the typical range"),
    Band.CLEARLY_BELOW: mark("Clearly below the typical range"),
}
CONFIDENCE: Final[Words] = {
    Confidence.REPORTABLE: mark("That is enough to show a score."),
    Confidence.FIRM: mark("That is firm evidence."),
}
CAPACITIES: Final[Words] = {
    Capacity.SUBJECT: mark("the person appraised"),
    Capacity.LINE_MANAGER: mark("line manager"),
    Capacity.COUNTERSIGNING_MANAGER: mark("countersigning manager"),
    Capacity.NEXT_ABOVE: mark("next manager above"),
    Capacity.HR_ADMINISTRATOR: mark("HR administrator"),
}
APPEALS: Final[Words] = {
    AppealState.OPEN: mark("Waiting for an answer"),
    AppealState.UPHELD: mark("Upheld"),
    AppealState.PARTLY_UPHELD: mark("Upheld in part"),
    AppealState.DISMISSED: mark("Dismissed"),
    AppealState.WITHDRAWN: mark("Appeal withdrawn"),
}
COMPONENTS: Final[Words] = {
    Name.FEEDBACK: mark("Feedback from colleagues"),
    Name.OBJECTIVES: mark("Shared objectives"),
    Name.COMPOSITE: mark("Both together"),
}
REASONS: Final[Words] = {
    ComponentReason.BELOW_MINIMUM_EXPOSURE: mark("Too short a time in post"),
    ComponentReason.BELOW_MINIMUM_ORGANISATIONS: mark(
        "Feedback from 2 other organisations is needed"
    ),
    ComponentReason.BELOW_MINIMUM_RATERS: mark("Feedback from 5 colleagues is needed"),
    ComponentReason.CYCLE_NOT_ESTIMABLE: mark(
        "The year's answers do not tell people apart"
    ),
    ComponentReason.NOT_CONNECTED: mark(
        "Too little feedback across the edge of this group"
    ),
    ComponentReason.LOW_RELIABILITY: mark(
        "The answers differ too much for how few there are"
    ),
    ComponentReason.NO_OBJECTIVES: mark("No shared objectives this year"),
    ComponentReason.NOT_ASSESSED: mark("No assessment is countersigned yet"),
    ComponentReason.PART_MISSING: mark("One of the two parts is missing"),
    ComponentReason.TOO_FEW_PEOPLE: mark("Too few people to compare with"),
    ComponentReason.STANDARD_NOT_MET: mark("A minimum standard was not met"),
}
NOT_COMBINED: Final[Words] = {
    NotCombined.NOTHING_TO_COMBINE: mark("There is nothing to combine."),
    NotCombined.NOT_ASSESSED: mark("Not every objective has been assessed."),
    NotCombined.OUTSIDE_THE_FRAMEWORK: mark(
        "The framework has no place for some objectives."
    ),
    NotCombined.WEIGHTS_INCOMPLETE: mark("The weights do not add up to 100%%."),
    NotCombined.NO_SCALE: mark("The framework has no scale for it."),
    NotCombined.A_NAMED_HUMAN_JUDGES: mark("A named person judges it as a whole."),
}


def how_sure(value: float | None, interval: Interval | None) -> str | None:
    """Say a figure with its uncertainty; nothing where there is none."""
    if value is None:
        return None
    if interval is None:
        return number(value)
    return say(
        "%(value)s, and we are %(level)s%% sure it is between %(low)s and %(high)s",
        value=number(value),
        level=number(PERCENT * interval.level),
        low=number(interval.low),
        high=number(interval.high),
    )


def band(of: str) -> str:
    """Say a band of numbers: `5-7` as words, `13+` as it is written."""
    low, between, high = of.partition("-")
    return say("%(low)s to %(high)s", low=low, high=high) if between else of


def in_words(score: CollaborationScore | None) -> str:
    """Say where a score stands, with its figure if there is one."""
    if score is None:
        return say("Not published yet")
    return how_sure(score.value, score.interval) or say(STATES[score.state])


def standing(state: State | None, stance: Stance | None) -> str:
    """Say where a score and what people made of it stand, without a figure."""
    if state is None or stance is None:
        return say("Not published yet")
    if stance.under_appeal:
        return say("Under appeal")
    if stance.decision is not None:
        return say(OUTCOMES[stance.decision.outcome])
    return say(STATES[state])
