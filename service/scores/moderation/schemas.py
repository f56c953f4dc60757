"""Judgements, panels and views as people send and see them."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from service.feedback.schemas import Sent, Shown
from service.scores.moderation.rules import JudgementStage, PanelLevel, ViewKind

Reason = Annotated[
    str,
    Field(min_length=1, max_length=2000, pattern=r"\S", description="Plain text."),
]
Level = Annotated[
    str,
    Field(
        max_length=60,
        examples=["achieving"],
        description="Code of a level of the framework's scale.",
    ),
]


class JudgementIn(Sent):
    """What the line manager judges: a named human's word, never a score."""

    level: Level
    reason: Reason


class JudgementOut(Shown):
    """What a line manager judged."""

    number: Annotated[int, Field(description="The last of a stage counts.")]
    stage: JudgementStage
    level: str
    reason: str
    manager: UUID
    judged_at: datetime


class EventIn(Sent):
    """What a panel made of one record's judgement."""

    record: UUID
    before: Annotated[
        str,
        Field(max_length=60, description="Where it stood when the panel looked at it."),
    ]
    after: Level
    reason: Reason


class EventOut(Shown):
    """What a panel made of a judgement; what was before is kept."""

    id: UUID
    record: UUID
    panel: UUID
    panel_level: PanelLevel
    number: Annotated[int, Field(description="Of the record, from 1.")]
    before: str
    after: Annotated[str, Field(description="The same as before: it was confirmed.")]
    reason: str
    recorded_by: Annotated[UUID, Field(description="The member who recorded it.")]
    recorded_at: datetime


class RecordModerationOut(Shown):
    """What was judged of a record, and what panels made of it, in order."""

    judgements: list[JudgementOut]
    events: list[EventOut]


class PanelIn(Sent):
    """Of what a panel moderates the judgements."""

    cycle: UUID
    level: PanelLevel
    unit: Annotated[str | None, Field(min_length=1, max_length=300)] = None
    grade: Annotated[str | None, Field(min_length=1, max_length=40)] = None

    @model_validator(mode="after")
    def _is_of_something(self) -> Self:
        of_a_part = self.unit is not None or self.grade is not None
        if of_a_part == (self.level == PanelLevel.OVERALL):
            raise ValueError("give unit, grade or both for local, neither for overall")
        return self


class MemberIn(Sent):
    """Who is named to a panel, and until when."""

    person: UUID
    until: Annotated[date, Field(description="The first day they are no member.")]


class MemberOut(Shown):
    """A member in office."""

    person: UUID
    name: str | None
    until: date


class PanelOut(Shown):
    """A panel and its members in office."""

    id: UUID
    organisation: str
    cycle: UUID
    level: PanelLevel
    unit: str | None
    grade: str | None
    opened_at: datetime
    members: list[MemberOut]


class PanelsOut(Shown):
    """The panels that you administer or are on."""

    items: list[PanelOut]


class CaseOut(Shown):
    """A record before a panel, for one of its members."""

    record: UUID
    person: UUID
    name: str | None
    judged: Annotated[
        str | None, Field(description="What the manager judged; null: not yet.")
    ]
    stands: Annotated[str | None, Field(description="What stands by now.")]
    events: int
    may_moderate: Annotated[
        bool, Field(description="False where the judgement is your own.")
    ]


class CasesOut(Shown):
    """The records before a panel but those that you are too close to."""

    items: list[CaseOut]


class EventsOut(Shown):
    """What a panel recorded, but of records that you are too close to."""

    items: list[EventOut]


class ViewIn(Sent):
    """Which view of a cycle is taken."""

    kind: ViewKind


class LevelOut(Shown):
    """A level of the framework's scale."""

    code: str
    title: str


class RowOut(Shown):
    """How one group is distributed; null is suppressed, and is never 0 instead."""

    group: Annotated[
        list[str],
        Field(
            description="Organisation and grade; organisation alone; empty: all in the"
            " view.",
            examples=[["hmt", "SCS1"]],
        ),
    ]
    people: Annotated[int | None, Field(description="To the nearest five.")]
    counts: Annotated[
        dict[str, int | None], Field(description="By level, to the nearest five.")
    ]
    percents: Annotated[
        dict[str, int | None],
        Field(description="Of the figures shown: they need not add up to 100."),
    ]


class ViewOut(Shown):
    """A view of consistency as it was taken: it names nobody and changes nothing."""

    kind: ViewKind
    taken_at: datetime
    levels: list[LevelOut]
    rows: list[RowOut]
    left_out: Annotated[
        list[list[str]],
        Field(
            description="Groups of whom too few changed since an earlier view, which"
            " holds for them; in no row here, totals included."
        ),
    ]


class TakenOut(Shown):
    """That a view was taken."""

    kind: ViewKind
    taken_at: datetime


class ViewsOut(Shown):
    """The views of a cycle, in the order in which they were taken."""

    items: list[TakenOut]
