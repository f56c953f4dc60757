"""What a request for feedback goes through, from a proposal to an answer.

The law: one table of (state, step); whatever is not in it is refused. A proposal stays
one when it is drawn, and the request that begins then is a row of its own: whoever
looks at the pool cannot tell whom the draw took.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from service.errors import Conflict


class State(StrEnum):
    """Where a proposal or a request stands. A request's, only its rater sees."""

    PROPOSED = "proposed"
    VETOED = "vetoed"
    OBJECTED = "objected"
    DRAWN = "drawn"
    INVITED = "invited"
    OPENED = "opened"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Step(StrEnum):
    """What moves a proposal or a request on."""

    VETO = "veto"
    OBJECT = "object to"
    DRAW = "draw"
    INVITE = "invite"
    OPEN = "open"
    SAVE = "save"
    SUBMIT = "submit"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


STEPS: Final[Mapping[tuple[State, Step], State]] = MappingProxyType(
    {
        (State.PROPOSED, Step.VETO): State.VETOED,
        (State.PROPOSED, Step.OBJECT): State.OBJECTED,
        (State.PROPOSED, Step.DRAW): State.DRAWN,
        (State.DRAWN, Step.INVITE): State.INVITED,
        (State.INVITED, Step.OPEN): State.OPENED,
        (State.OPENED, Step.OPEN): State.OPENED,
        (State.DRAFT, Step.OPEN): State.DRAFT,
        (State.SUBMITTED, Step.OPEN): State.SUBMITTED,
        (State.INVITED, Step.SAVE): State.DRAFT,
        (State.OPENED, Step.SAVE): State.DRAFT,
        (State.DRAFT, Step.SAVE): State.DRAFT,
        (State.SUBMITTED, Step.SAVE): State.SUBMITTED,
        (State.INVITED, Step.SUBMIT): State.SUBMITTED,
        (State.OPENED, Step.SUBMIT): State.SUBMITTED,
        (State.DRAFT, Step.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Step.SUBMIT): State.SUBMITTED,
        (State.INVITED, Step.DECLINE): State.DECLINED,
        (State.OPENED, Step.DECLINE): State.DECLINED,
        (State.DRAFT, Step.DECLINE): State.DECLINED,
        (State.DRAWN, Step.WITHDRAW): State.WITHDRAWN,
        (State.INVITED, Step.WITHDRAW): State.WITHDRAWN,
        (State.OPENED, Step.WITHDRAW): State.WITHDRAWN,
        (State.DRAFT, Step.WITHDRAW): State.WITHDRAWN,
        (State.DRAWN, Step.EXPIRE): State.EXPIRED,
        (State.INVITED, Step.EXPIRE): State.EXPIRED,
        (State.OPENED, Step.EXPIRE): State.EXPIRED,
        (State.DRAFT, Step.EXPIRE): State.EXPIRED,
    }
)
"""A draft beside a submitted form changes nothing that counts until it is submitted."""

OF_PROPOSALS: Final = (State.PROPOSED, State.VETOED, State.OBJECTED)
OF_REQUESTS: Final = tuple(state for state in State if state not in OF_PROPOSALS)
WAITING: Final = (State.INVITED, State.OPENED, State.DRAFT)
"""Nothing has come of it yet, and something still may."""
OPEN: Final = (*WAITING, State.SUBMITTED)
"""The rater can still do something about it."""


class WrongState(Conflict):
    """The request is not in a state that allows this step."""

    slug = "feedback-wrong-state"


def after(state: State, step: Step) -> State:
    """Return the state that `step` leads to from `state`."""
    try:
        return STEPS[state, step]
    except KeyError:
        raise WrongState(f"Cannot {step} a request that is {state}.") from None


def before(step: Step) -> list[State]:
    """Return the states from which a step can be taken."""
    return [state for state, taken in STEPS if taken == step]
