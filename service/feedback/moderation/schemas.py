"""Comments and decisions as moderators send and see them."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from service.feedback.moderation.rules import Code
from service.feedback.schemas import Sent, Shown


class DecisionIn(Sent):
    """What becomes of a comment."""

    decision: Literal["pass", "withhold"]
    reason: Annotated[
        Code | None, Field(description="Why it is withheld; of no other decision.")
    ] = None

    @model_validator(mode="after")
    def _withholds_for_a_reason(self) -> Self:
        if (self.decision == "withhold") != (self.reason is not None):
            raise ValueError("give a reason to withhold, and none to pass")
        return self


class WaitingOut(Shown):
    """A comment that waits: neither who wrote it nor what they answered."""

    id: UUID
    organisation: Annotated[
        str, Field(description="Of whom it is about; their name is not given.")
    ]
    subject: Annotated[
        str,
        Field(description="Stands for whom it is about, in your queue alone."),
    ]
    about: Annotated[str, Field(description="The text's code, or `example`.")]
    text: str
    decide_by: Annotated[
        datetime, Field(description="Undecided then, it is withheld for good.")
    ]


class QueueOut(Shown):
    """What waits for a moderator."""

    items: list[WaitingOut]
    waiting: Annotated[int, Field(description="How many there are in all.")]
