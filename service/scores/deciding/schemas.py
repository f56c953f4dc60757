"""Decisions and appeals as callers send and see them.

The law: nothing that is sent has a place for a number.
"""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.scores.deciding.rules import Capacity, Outcome
from service.scores.deciding.stages import AppealState, Stage
from service.scores.rules import Band

Words = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S")]
OwnBand = Annotated[
    Band | None, Field(description="Where the human places the person, in words.")
]


class Sent(BaseModel):
    """What a caller sends: nothing that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """What a caller sees."""

    model_config = ConfigDict(frozen=True)


class JudgementIn(Sent):
    """The human's own judgement, beside the score and never in its place."""

    band: OwnBand = None
    note: Annotated[Words | None, Field(description="Plain text.")] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.band is None and self.note is None:
            raise ValueError("give a band in words, or a note")
        return self


class DecisionIn(Sent):
    """What the line manager makes of the score as evidence."""

    outcome: Outcome
    reason: Annotated[
        Words | None,
        Field(
            description="Plain text, told to the HR system; wanted unless it is"
            " accepted."
        ),
    ] = None
    judgement: Annotated[
        JudgementIn | None, Field(description="Of an amendment, and of nothing else.")
    ] = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.outcome is not Outcome.ACCEPT and self.reason is None:
            raise ValueError(f"give a reason to {self.outcome}")
        if (self.outcome is Outcome.AMEND) != (self.judgement is not None):
            raise ValueError("give your own judgement to amend, and none otherwise")
        return self


class AppealIn(Sent):
    """Why the subject appeals."""

    reason: Words


class SettlementIn(Sent):
    """What comes of an appeal, and why."""

    outcome: Literal["uphold", "partly_uphold", "dismiss"]
    reason: Words


class WhoOut(Shown):
    """The named human who acted."""

    id: UUID
    name: str | None
    by_role: Annotated[Capacity, Field(description="In what capacity they acted.")]


class JudgementOut(Shown):
    """The human's own judgement."""

    band: Band | None
    note: str | None


class DecisionOut(Shown):
    """One decision."""

    id: UUID
    number: int
    outcome: Outcome
    reason: str | None
    judgement: Annotated[JudgementOut | None, Field(description="Of an amendment.")]
    person: WhoOut
    at: datetime
    stands: Annotated[
        bool,
        Field(
            description="Whether it counts: none came after it, the score was not"
            " corrected since, and no appeal against it was upheld."
        ),
    ]


class DecisionsOut(Shown):
    """What was made of a score, and where that stands."""

    score: UUID
    version: Annotated[int, Field(description="Of the score; its ETag.")]
    stage: Stage
    decision: Annotated[
        DecisionOut | None,
        Field(description="The one that stands. Without one nothing is final."),
    ]
    history: Annotated[
        list[DecisionOut], Field(description="Every decision, the first one first.")
    ]
    appealable_until: Annotated[
        datetime, Field(description="Until when the subject can appeal.")
    ]


class AnswerOut(Shown):
    """What came of an appeal."""

    person: WhoOut
    reason: str


class AppealOut(Shown):
    """One appeal."""

    id: UUID
    number: int
    decision: Annotated[
        UUID | None,
        Field(description="What it is against; null: the score, while undecided."),
    ]
    state: AppealState
    reason: str
    lodged_at: datetime
    due_at: Annotated[
        datetime,
        Field(description="By when it is to be settled; later it is open still."),
    ]
    answer: Annotated[AnswerOut | None, Field(description="Null unless settled.")]
    ended_at: datetime | None


class AppealsOut(Shown):
    """The appeals against a score, or the decisions on it."""

    version: Annotated[int, Field(description="Of the score; its ETag.")]
    items: Annotated[list[AppealOut], Field(description="The first one first.")]
