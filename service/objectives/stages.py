"""The life of an objective and of a contribution: two tables, and who keeps them.

The law: what is not in a table cannot happen; nothing else moves anything on.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from service.errors import Conflict


class Stage(StrEnum):
    """Where an objective stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    SENT_BACK = "sent_back"
    DISPUTED = "disputed"
    AGREED = "agreed"
    ASSESSED = "assessed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What moves an objective on."""

    CHANGE = "change"
    """Of something that others agree to."""
    AMEND = "amend"
    """Of something that nobody agrees to, such as its link to a priority."""
    PROPOSE = "propose"
    AGREE = "agree"
    SEND_BACK = "send_back"
    DISPUTE = "dispute"
    SETTLE = "settle"
    """The last dispute is settled: it is put to everyone again."""
    REINSTATE = "reinstate"
    """The last dispute is dropped, and all have agreed."""
    ASSESS = "assess"
    CLOSE = "close"
    WITHDRAW = "withdraw"


STEPS: Final[Mapping[tuple[Stage, Step], Stage]] = MappingProxyType(
    {
        (Stage.DRAFT, Step.CHANGE): Stage.DRAFT,
        (Stage.DRAFT, Step.AMEND): Stage.DRAFT,
        (Stage.DRAFT, Step.PROPOSE): Stage.PROPOSED,
        (Stage.DRAFT, Step.WITHDRAW): Stage.WITHDRAWN,
        (Stage.PROPOSED, Step.CHANGE): Stage.PROPOSED,
        (Stage.PROPOSED, Step.AMEND): Stage.PROPOSED,
        (Stage.PROPOSED, Step.AGREE): Stage.AGREED,
        (Stage.PROPOSED, Step.SEND_BACK): Stage.SENT_BACK,
        (Stage.PROPOSED, Step.DISPUTE): Stage.DISPUTED,
        (Stage.PROPOSED, Step.WITHDRAW): Stage.WITHDRAWN,
        (Stage.SENT_BACK, Step.CHANGE): Stage.SENT_BACK,
        (Stage.SENT_BACK, Step.AMEND): Stage.SENT_BACK,
        (Stage.SENT_BACK, Step.PROPOSE): Stage.PROPOSED,
        (Stage.SENT_BACK, Step.SEND_BACK): Stage.SENT_BACK,
        (Stage.SENT_BACK, Step.WITHDRAW): Stage.WITHDRAWN,
        (Stage.DISPUTED, Step.CHANGE): Stage.PROPOSED,
        (Stage.DISPUTED, Step.AMEND): Stage.DISPUTED,
        (Stage.DISPUTED, Step.DISPUTE): Stage.DISPUTED,
        (Stage.DISPUTED, Step.SEND_BACK): Stage.SENT_BACK,
        (Stage.DISPUTED, Step.SETTLE): Stage.PROPOSED,
        (Stage.DISPUTED, Step.REINSTATE): Stage.AGREED,
        (Stage.DISPUTED, Step.WITHDRAW): Stage.WITHDRAWN,
        (Stage.AGREED, Step.CHANGE): Stage.PROPOSED,
        (Stage.AGREED, Step.AMEND): Stage.AGREED,
        (Stage.AGREED, Step.SEND_BACK): Stage.SENT_BACK,
        (Stage.AGREED, Step.DISPUTE): Stage.DISPUTED,
        (Stage.AGREED, Step.ASSESS): Stage.ASSESSED,
        (Stage.AGREED, Step.WITHDRAW): Stage.WITHDRAWN,
        (Stage.ASSESSED, Step.CLOSE): Stage.CLOSED,
    }
)

PUT_TO_OTHERS: Final = frozenset(
    {Stage.PROPOSED, Stage.DISPUTED, Stage.AGREED, Stage.ASSESSED, Stage.CLOSED}
)
"""Where its shares sum to 100 and it has its owner."""
UNDER_WAY: Final = frozenset({Stage.AGREED, Stage.DISPUTED})
"""Where work goes on, and is reported."""


class ContributionState(StrEnum):
    """Where a contribution stands with the contributor's own line manager."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    DECLINED = "declined"
    LEFT = "left"


class ContributionStep(StrEnum):
    """What moves a contribution on."""

    INVITE = "invite"
    """Something changed that it was agreed to on."""
    ACCEPT = "accept"
    DISPUTE = "dispute"
    DECLINE = "decline"
    LEAVE = "leave"


CONTRIBUTION_STEPS: Final[
    Mapping[tuple[ContributionState, ContributionStep], ContributionState]
] = MappingProxyType(
    {
        (ContributionState.INVITED, ContributionStep.ACCEPT): (
            ContributionState.ACCEPTED
        ),
        (ContributionState.INVITED, ContributionStep.DISPUTE): (
            ContributionState.DISPUTED
        ),
        (ContributionState.INVITED, ContributionStep.DECLINE): (
            ContributionState.DECLINED
        ),
        (ContributionState.INVITED, ContributionStep.LEAVE): ContributionState.LEFT,
        (ContributionState.ACCEPTED, ContributionStep.INVITE): (
            ContributionState.INVITED
        ),
        (ContributionState.ACCEPTED, ContributionStep.DISPUTE): (
            ContributionState.DISPUTED
        ),
        (ContributionState.ACCEPTED, ContributionStep.LEAVE): ContributionState.LEFT,
        (ContributionState.DISPUTED, ContributionStep.INVITE): (
            ContributionState.INVITED
        ),
        (ContributionState.DISPUTED, ContributionStep.ACCEPT): (
            ContributionState.ACCEPTED
        ),
        (ContributionState.DISPUTED, ContributionStep.DECLINE): (
            ContributionState.DECLINED
        ),
        (ContributionState.DISPUTED, ContributionStep.LEAVE): ContributionState.LEFT,
        (ContributionState.DECLINED, ContributionStep.INVITE): (
            ContributionState.INVITED
        ),
        (ContributionState.LEFT, ContributionStep.INVITE): ContributionState.INVITED,
    }
)
GONE: Final = frozenset({ContributionState.DECLINED, ContributionState.LEFT})
"""Has no share of the whole any more."""


class Outcome(StrEnum):
    """What came of a dispute."""

    CHANGED = "changed"
    """What was disputed was changed, and is put to everyone again."""
    KEPT = "kept"
    """It stays as it was, and is put to the disputer again with a reply."""
    DROPPED = "dropped"
    """Whoever raised it took it back."""


class WrongStage(Conflict):
    """The objective is not at a stage that allows this step."""

    slug = "objective-wrong-stage"


class WrongContributionState(Conflict):
    """The contribution is not in a state that allows this step."""

    slug = "contribution-wrong-state"


def after(stage: Stage, step: Step) -> Stage:
    """Return the stage that `step` leads to from `stage`."""
    try:
        return STEPS[stage, step]
    except KeyError:
        raise WrongStage(
            f"The objective is {stage.replace('_', ' ')}: it cannot"
            f" {step.replace('_', ' ')} now. {_remedy(stage)}"
        ) from None


def _remedy(stage: Stage) -> str:
    allowed = sorted(step.replace("_", " ") for at, step in STEPS if at == stage)
    if not allowed:
        return "It stays as it is: set another objective."
    return f"What can happen to it: {', '.join(allowed)}."


def contribution_after(
    state: ContributionState, step: ContributionStep
) -> ContributionState:
    """Return the state that `step` leads a contribution to from `state`."""
    try:
        return CONTRIBUTION_STEPS[state, step]
    except KeyError:
        raise WrongContributionState(
            f"The contribution is {state}: it cannot {step} now."
        ) from None


def check_under_way(stage: Stage) -> None:
    """Refuse a report on an objective that nobody works on yet, or any more."""
    if stage not in UNDER_WAY:
        raise WrongStage(
            f"The objective is {stage.replace('_', ' ')}: progress is reported from its"
            " agreement until its assessment."
        )
