"""Signals, scores to review and decisions as callers send and see them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from service.feedback.schemas import Sent, Shown
from service.feedback.signals.rules import Kind


class SignalOut(Shown):
    """How many stand out by one kind, beside how many would if all were honest."""

    kind: Kind
    found: Annotated[int | None, Field(description="Null: fewer than five, or none.")]
    among: Annotated[int, Field(description="How many it was looked for among.")]
    false_alarms: Annotated[
        float,
        Field(description="How many would stand out by chance, if all were honest."),
    ]


class CycleSignalsOut(Shown):
    """What was found in the feedback of one cycle."""

    cycle: UUID
    looked_at: Annotated[
        datetime | None, Field(description="Null: nobody has looked yet.")
    ]
    signals: Annotated[
        list[SignalOut],
        Field(description="Empty once it was looked at: too few forms to tell."),
    ]


class ScoreToReviewOut(Shown):
    """A score that hangs on one form: neither whose it is, nor what it is."""

    id: UUID
    cycle: UUID
    raters: Annotated[str, Field(description="A band, such as `5-7`.")]
    standard_errors: Annotated[
        int,
        Field(
            ge=1,
            le=2,
            description="By more than so many one form moves the score, up or down.",
        ),
    ]
    decide_by: Annotated[
        datetime, Field(description="Undecided then, the score is published.")
    ]


class ScoreReviewQueueOut(Shown):
    """What waits for a reviewer, and what else was found in the same cycles."""

    items: list[ScoreToReviewOut]
    cycles: list[CycleSignalsOut]


class ScoreReviewIn(Sent):
    """What becomes of a score that hangs on one form."""

    decision: Literal["no_action", "withhold"]
    reason: Annotated[
        str, Field(max_length=2000, description="Kept with the decision, which stands.")
    ]


class ScoreReviewOut(Shown):
    """What was decided about one score."""

    record: UUID
    decision: Literal["no_action", "withhold"]
    reason: str
    decided_by: Annotated[str, Field(description="As in the audit.")]
    decided_at: datetime


class ScoreReviewsOut(Shown):
    """What was decided about the scores of one organisation's people."""

    items: list[ScoreReviewOut]
