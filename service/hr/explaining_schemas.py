"""How a score came about, as HR systems, its subject and their line manager read it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.feedback.form.data import Translation
from service.feedback.form.items import Language
from service.hr.schemas import Figure, Interval, MethodName, RaterBands, Scale
from service.scores.explaining import Part
from service.scores.rules import Band, Reason, State
from service.scores.sentences.wording import About
from service.suppression import Beyond


class Shown(BaseModel):
    """What a caller is shown."""

    model_config = ConfigDict(frozen=True)


class CoverageOut(Shown):
    """How much of one component of the score there is."""

    component: str
    coverage: Annotated[float, Field(ge=0, le=1)]


class LineOut(Shown):
    """One of the four lines that add up to the score, on the form's scale."""

    part: Part
    title: str
    figure: Annotated[
        float | None,
        Field(description="To one decimal; null where answers would follow from it."),
    ]
    beyond: Annotated[
        Beyond | None, Field(description="What is said of an average in its place.")
    ]
    sentence: str


class SentenceOut(Shown):
    """One sentence about the score as a whole."""

    about: About
    sentence: str


class Grounds(Shown):
    """By which method, and from how much, a score came about."""

    score: UUID
    cycle: UUID
    state: State
    reason: Reason | None
    method: MethodName
    band: Band | None
    interval: Interval | None
    raters: RaterBands | None
    coverage: list[CoverageOut]


class GroundsOut(Grounds):
    """How a score came about, as an HR system reads it: nothing of what was said."""

    audience: Literal["hr_system"]


class ExplanationOut(Grounds):
    """How a score came about, as its subject and their line manager read it."""

    audience: Literal["subject_and_manager"]
    language: Language
    translation: Translation
    notice: Annotated[str, Field(description="What to say of a draft before all else.")]
    title: str
    value: Figure | None
    scale: Scale
    total: Annotated[
        float | None,
        Field(description="What the lines add up to, if each has a figure."),
    ]
    lines: Annotated[
        list[LineOut], Field(description="In order; empty without a number.")
    ]
    sentences: Annotated[
        list[SentenceOut], Field(description="In the order in which they are read.")
    ]
