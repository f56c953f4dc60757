"""Released feedback, and the reply to it, as callers send and see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from service.feedback.form.items import LONGEST_TEXT
from service.feedback.results.rules import Category, Withheld
from service.feedback.schemas import Sent, Shown
from service.suppression import Beyond

Reason = Annotated[
    str | None,
    Field(
        description="Why it is not shown: `below_minimum_raters`,"
        " `below_minimum_organisations`, or `protects_another`, which could be worked"
        " out from it."
    ),
]


class FigureOut(Shown):
    """An average of answers from 1 to 5: a figure, or why there is none."""

    mean: Annotated[
        float | None, Field(description="To one decimal; missing is never 0.")
    ]
    beyond: Annotated[
        Beyond | None,
        Field(description="In place of a mean from which everybody's answer follows."),
    ]
    reason: Reason


class BehaviourOut(FigureOut):
    """What those who saw it say of one behaviour."""

    code: str
    asks: str


class GroupOut(FigureOut):
    """What one category of colleagues, or several small ones together, say."""

    categories: list[Category]


class CommentOut(Shown):
    """One comment, in an order of the reader's own."""

    id: UUID
    about: Annotated[
        str,
        Field(description="The text's code, or `example`: of what would tell answers."),
    ]
    text: str


class WithheldOut(Shown):
    """How many comments a moderator withheld for one reason."""

    reason: Withheld
    count: int
    sentence: str


class ReplyIn(Sent):
    """That the feedback was read, and what its subject says to it."""

    text: Annotated[
        str | None,
        Field(
            max_length=LONGEST_TEXT,
            description="Plain text; null: read, and nothing to say.",
        ),
    ] = None


class ReplyOut(Shown):
    """What the subject says to their feedback."""

    text: str | None
    amendable_until: datetime


class FeedbackOut(Shown):
    """The feedback on one record, as its subject and their line manager see it."""

    record: UUID
    cycle: UUID
    reason: Reason
    raters: Annotated[str | None, Field(description="A band, such as `5-7`.")]
    organisations: Annotated[str | None, Field(description="A band, such as `2-3`.")]
    behaviours: list[BehaviourOut]
    groups: Annotated[
        list[GroupOut],
        Field(description="Empty where no category can be told apart from the others."),
    ]
    comments_reason: Annotated[
        str | None, Field(description="Why no comments are shown, if none may be.")
    ]
    comments: list[CommentOut]
    withheld: list[WithheldOut]
    reply: ReplyOut | None
