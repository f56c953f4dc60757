"""The one function that writes where a request stands.

The law: a request moves by the table of its life or not at all, and only from the state
it was found in.
"""

from collections.abc import Mapping
from typing import Any

from piccolo.custom_types import Combinable

from service.feedback.life import State, Step, WrongState, after
from service.feedback.tables import FeedbackRequest


async def move(
    step: Step,
    state: State,
    *which: Combinable,
    changes: Mapping[Any, Any] | None = None,
) -> int:
    """Move those in `state`, with `changes` beside; return how many there were."""
    moved = (
        await FeedbackRequest.update(
            {**(changes or {}), FeedbackRequest.state: after(state, step)}
        )
        .where(FeedbackRequest.state == state, *which)
        .returning(FeedbackRequest.id)
    )
    return len(moved)


async def move_one(
    step: Step,
    state: State,
    which: Combinable,
    changes: Mapping[Any, Any] | None = None,
) -> None:
    """Move one request, which must still be as it was found."""
    if not await move(step, state, which, changes=changes):
        raise WrongState("The request changed just now: open it again.")
