"""How far the human side of a score has come: one table of steps.

Pure. The law: what is not in the table cannot happen; nothing else moves anything on.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from service.errors import Conflict


class AppealState(StrEnum):
    """Where an appeal stands."""

    OPEN = "open"
    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Stage(StrEnum):
    """Where the human side of a score stands."""

    UNDECIDED = "undecided"
    DECIDED = "decided"
    UNDECIDED_UNDER_APPEAL = "undecided_under_appeal"
    DECIDED_UNDER_APPEAL = "decided_under_appeal"


class Step(StrEnum):
    """What moves it on."""

    DECIDE = "decide"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    PARTLY_UPHOLD = "partly_uphold"
    DISMISS = "dismiss"
    WITHDRAW = "withdraw"


STEPS: Final[Mapping[tuple[Stage, Step], Stage]] = MappingProxyType(
    {
        (Stage.UNDECIDED, Step.DECIDE): Stage.DECIDED,
        (Stage.UNDECIDED, Step.APPEAL): Stage.UNDECIDED_UNDER_APPEAL,
        (Stage.DECIDED, Step.DECIDE): Stage.DECIDED,
        (Stage.DECIDED, Step.APPEAL): Stage.DECIDED_UNDER_APPEAL,
        (Stage.UNDECIDED_UNDER_APPEAL, Step.UPHOLD): Stage.UNDECIDED,
        (Stage.UNDECIDED_UNDER_APPEAL, Step.PARTLY_UPHOLD): Stage.UNDECIDED,
        (Stage.UNDECIDED_UNDER_APPEAL, Step.DISMISS): Stage.UNDECIDED,
        (Stage.UNDECIDED_UNDER_APPEAL, Step.WITHDRAW): Stage.UNDECIDED,
        (Stage.DECIDED_UNDER_APPEAL, Step.UPHOLD): Stage.UNDECIDED,
        (Stage.DECIDED_UNDER_APPEAL, Step.PARTLY_UPHOLD): Stage.UNDECIDED,
        (Stage.DECIDED_UNDER_APPEAL, Step.DISMISS): Stage.DECIDED,
        (Stage.DECIDED_UNDER_APPEAL, Step.WITHDRAW): Stage.DECIDED,
    }
)
SETTLES: Final[Mapping[Step, AppealState]] = MappingProxyType(
    {
        Step.UPHOLD: AppealState.UPHELD,
        Step.PARTLY_UPHOLD: AppealState.PARTLY_UPHELD,
        Step.DISMISS: AppealState.DISMISSED,
    }
)
SETS_ASIDE: Final = frozenset({AppealState.UPHELD, AppealState.PARTLY_UPHELD})
SETTLED: Final = frozenset(SETTLES.values())


class WrongScoreStage(Conflict):
    """The score does not stand where this step can be taken."""

    slug = "score-wrong-stage"


def after(stage: Stage, step: Step) -> Stage:
    """Return the stage that `step` leads to from `stage`."""
    try:
        return STEPS[stage, step]
    except KeyError:
        possible = [spoken(can) for at, can in STEPS if at == stage]
        raise WrongScoreStage(
            f"The score is {spoken(stage)}: you cannot {spoken(step)} now; what can"
            f" be done is: {', '.join(possible)}."
        ) from None


def spoken(word: str) -> str:
    """Return a code as it is said."""
    return word.replace("_", " ")
