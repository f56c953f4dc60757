"""What an appraisal framework is made of: scale, elements, combination and limits.

Its law: these are shapes of data files; nothing here works anything out.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

WHOLE: Final = 100  # per cent

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$")]
Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Confidence(StrEnum):
    """Whether anybody has held the preset against its source."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"


class Distribution(StrEnum):
    """How binding the expected shares of a scale are."""

    NONE = "none"
    GUIDED = "guided"
    EXPECTED = "expected"
    FORCED = "forced"


class Method(StrEnum):
    """How a cycle's scores are estimated unless the cycle says otherwise."""

    MEAN = "mean"
    CROSSED = "crossed"


class Data(BaseModel):
    """Part of a data file: never changed once read, no key that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Data):
    """Something a framework calls by a name of its own."""

    code: Code
    title: Text


class Level(Named):
    """One level of a scale."""

    expected_percent: Percent | None = None
    """Share of people the framework expects here; none where it publishes none."""


class Ceiling(Data):
    """The most people that may stand at the named levels together."""

    levels: tuple[Code, ...]
    at_most_percent: Percent
    from_people: Count
    """Below this many people the ceiling does not apply."""


class Ratings(Data):
    """The scale of overall results, best level first."""

    levels: tuple[Level, ...] = ()
    """Empty where the framework publishes no scale."""
    distribution: Distribution = Distribution.NONE
    ceiling: Ceiling | None = None
    plan_after_quarters_at_lowest: Count | None = None
    """Quarters running at the lowest level that start a development plan."""

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        expected = [level.expected_percent or 0 for level in self.levels]
        if sum(expected) > WHOLE:
            raise ValueError("expected shares sum to more than 100 %")
        return self


class Element(Named):
    """A part of the appraisal that is assessed on its own; weights in per cent."""

    minimum_weight: Percent | None = None
    maximum_weight: Percent | None = None
    is_heaviest: bool = False
    """No other element may weigh more than this one."""


class Band(Data):
    """The level given from a score upwards, as far as the next band."""

    level: Code
    at_least: int


class WorkedExample(Data):
    """A calculation its source published, to hold ours against."""

    weights: dict[Code, Percent]
    ratings: dict[Code, int]
    score: int
    level: Code


class Weighted(Data):
    """Score = Σ rating x weight in per cent, read off bands, best band first."""

    rule: Literal["weighted"]
    bands: tuple[Band, ...]
    lowest_rating: int
    lowest_rating_gives: Code
    """The overall level as soon as any element has the lowest rating."""
    worked_example: WorkedExample | None = None


class Gate(Data):
    """A minimum standard that is not met decides the overall level."""

    rule: Literal["gate"]
    not_met_gives: Code


class LowerOfTwo(Data):
    """Neither of the two elements makes up for the other."""

    rule: Literal["lower-of-two"]
    elements: tuple[Code, Code]


class Uncombined(Data):
    """The framework publishes no arithmetic: a named human judges the whole."""

    rule: Literal["none"] = "none"


Combination = Annotated[
    Weighted | Gate | LowerOfTwo | Uncombined, Field(discriminator="rule")
]


class FeedbackLimits(Data):
    """Who may be asked, by how many, and when HR may see a number.

    A preset may ask for more than the two HR minimums, never for less.
    """

    minimum_exposure_days: Count = 60  # working days; below it: not eligible
    minimum_contact_months: Annotated[int, Field(ge=0, le=12)] = 3
    invitations_aim: Count = 10  # at 60 % response ten give six
    invitations_least: Count = 3
    invitations_most: Count = 20
    other_organisations: Count = 2
    outside_percent: Percent = 50
    own_organisation_may_rate: bool = False
    hr_raters: Annotated[int, Field(ge=5)] = 5
    hr_other_organisations: Annotated[int, Field(ge=2)] = 2

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not (
            self.invitations_least <= self.invitations_aim <= self.invitations_most
        ):
            raise ValueError("invitations: least, aim and most are out of order")
        return self


class Appeals(Data):
    """How long a subject may appeal, and by when it is answered; in working days."""

    lodge_within: Count = 20  # after the publication, or the decision
    settle_within: Count = 20


class Scoring(Data):
    """How scores are estimated, and what weighs what in the composite, in per cent."""

    method: Method = Method.MEAN
    feedback_weight: Percent = 50
    objectives_weight: Percent = 50

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        if self.feedback_weight + self.objectives_weight != WHOLE:
            raise ValueError("the composite's weights do not sum to 100 %")
        return self
