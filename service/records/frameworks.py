"""Appraisal frameworks as data: what each one says, from where, and how surely.

Its law: a preset states only what its source states; what nobody has checked says so.
"""

import tomllib
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from service.errors import Unprocessable
from service.records.framework_parts import (
    Appeals,
    Code,
    Combination,
    Confidence,
    Count,
    Data,
    Element,
    FeedbackLimits,
    Gate,
    LowerOfTwo,
    Named,
    Ratings,
    Scoring,
    Text,
    Uncombined,
    Weighted,
)

HERE: Final = Path(__file__).parent
PRESETS: Final = HERE / "presets"
LONDON: Final = ZoneInfo("Europe/London")
SATURDAY: Final = 5

# An overlay inherits rules, never the proof of them.
OWN_TO_EACH_FILE: Final = frozenset(
    {"version", "title", "source", "as_of", "confidence", "note"}
)


class UnknownFramework(Unprocessable):
    """There is no appraisal framework of this code."""

    slug = "framework-unknown"


class Stage(StrEnum):
    """What begins, in the order of the appraisal year; a window has three instants."""

    OBJECTIVE_SETTING = "objective_setting"
    QUARTERLY_CONVERSATIONS = "quarterly_conversations"
    MID_YEAR_CONSISTENCY_CHECK = "mid_year_consistency_check"
    FEEDBACK_OPENS = "feedback_opens"
    FEEDBACK_CLOSES = "feedback_closes"
    FEEDBACK_RELEASES = "feedback_releases"
    END_YEAR_ASSESSMENT = "end_year_assessment"
    LOCAL_MODERATION = "local_moderation"
    OVERALL_MODERATION = "overall_moderation"
    CROSS_GOVERNMENT_CONSISTENCY_VIEW = "cross_government_consistency_view"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class CycleDay(Data):
    """A day of every cycle; it begins at midnight in London."""

    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]
    years_on: Annotated[int, Field(ge=0, le=2)] = 0
    """Years after the one the cycle is named by."""

    @model_validator(mode="after")
    def _comes_every_year(self) -> Self:
        for year in (2000, 2001):  # one of two years running has no 29 February
            self.of(year)
        return self

    def of(self, year: int) -> date:
        """Return this day of the cycle named `year`."""
        return date(year + self.years_on, self.month, self.day)


def _day(month: int, day: int, years_on: int = 0) -> CycleDay:
    return CycleDay(month=month, day=day, years_on=years_on)


class Calendar(Data):
    """When each stage begins.

    What closes on a day closes as that day begins: 1 March is the end of February,
    whether or not that has 29 days.
    """

    year_begins: CycleDay = _day(4, 1)
    objective_setting: CycleDay = _day(4, 1)
    quarterly_conversations: CycleDay = _day(7, 1)
    mid_year_consistency_check: CycleDay = _day(10, 1)
    feedback_opens: CycleDay = _day(2, 1, 1)
    feedback_closes: CycleDay = _day(3, 1, 1)
    feedback_releases_after_working_days: Count = 10
    end_year_assessment: CycleDay = _day(4, 1, 1)
    local_moderation: CycleDay = _day(5, 1, 1)
    overall_moderation: CycleDay = _day(6, 1, 1)
    cross_government_consistency_view: CycleDay = _day(7, 1, 1)
    published: CycleDay = _day(7, 15, 1)
    archived: CycleDay = _day(4, 1, 2)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [day for _, day in self if isinstance(day, CycleDay)]
        if any(later.of(1) < earlier.of(1) for earlier, later in pairwise(days)):
            raise ValueError("the stages of the year are out of order")
        if self.feedback_opens == self.feedback_closes:
            raise ValueError("the feedback window closes as it opens")
        if self.feedback_closes.of(1) >= self.year_begins.of(2) - timedelta(days=1):
            raise ValueError("the feedback window is still open on the year's last day")
        return self


class Framework(Named):
    """One version of one framework, complete: nothing is looked up elsewhere."""

    version: Count
    source: Text
    as_of: date
    """Day of the source; of our reading it, where it bears none."""
    confidence: Confidence
    note: Text
    """What was checked, what was not, and what the preset leaves out."""
    extends: Code | None = None
    has_own_criteria: bool = False
    """Judged by criteria that HR holds and this service does not."""
    evidence_roles: tuple[Named, ...] = ()
    """Offices that give evidence and take no part in the review."""
    ratings: Ratings = Ratings()
    minimum_standards: tuple[Named, ...] = ()
    """Met or not met; never rated."""
    elements: tuple[Element, ...] = ()
    combination: Combination = Uncombined()
    feedback: FeedbackLimits = FeedbackLimits()
    scoring: Scoring = Scoring()
    appeals: Appeals = Appeals()
    calendar: Calendar = Calendar()

    @model_validator(mode="after")
    def _names_what_it_has(self) -> Self:
        levels, elements = _named_by(self.combination)
        if self.ratings.ceiling:
            levels |= set(self.ratings.ceiling.levels)
        if unknown := levels - {level.code for level in self.ratings.levels}:
            raise ValueError(f"the scale has no level {sorted(unknown)}")
        if unknown := elements - {element.code for element in self.elements}:
            raise ValueError(f"the framework has no element {sorted(unknown)}")
        return self


def _named_by(combination: Combination) -> tuple[set[str], set[str]]:
    match combination:
        case Weighted(bands=bands, worked_example=example):
            levels = {band.level for band in bands} | {combination.lowest_rating_gives}
            elements = set(example.weights) | set(example.ratings) if example else set()
            return levels, elements
        case Gate():
            return {combination.not_met_gives}, set()
        case LowerOfTwo():
            return set(), set(combination.elements)
        case Uncombined():
            return set(), set()


@cache
def codes() -> tuple[str, ...]:
    """Return the codes of all frameworks, in alphabetical order."""
    return tuple(sorted(path.stem for path in PRESETS.glob("*.toml")))


@cache
def load(code: str) -> Framework:
    """Return the framework of this code; refuse a code that there is not."""
    if code not in codes():
        raise UnknownFramework(
            f"There is no framework {code!r}; use one of: {', '.join(codes())}."
        )
    return read(PRESETS / f"{code}.toml")


def read(path: Path) -> Framework:
    """Read a framework from its data file; what it extends lies beside it.

    A table of an overlay replaces the whole table of what it extends. Raises
    pydantic's `ValidationError` when a key is unknown, missing or wrong.
    """
    return Framework.model_validate({**_rules(path), "code": path.stem})


def _rules(path: Path) -> dict[str, Any]:
    own = tomllib.loads(path.read_text(encoding="utf-8"))
    if "extends" not in own:
        return own
    inherited = _rules(path.with_name(f"{own['extends']}.toml"))
    return {k: v for k, v in inherited.items() if k not in OWN_TO_EACH_FILE} | own


def appraisal_year(framework: Framework, year: int) -> tuple[date, date]:
    """Return the first and the last day of the appraisal year named `year`."""
    begins = framework.calendar.year_begins
    return begins.of(year), begins.of(year + 1) - timedelta(days=1)


def stage_instants(framework: Framework, year: int) -> dict[Stage, datetime]:
    """Return when each stage of the cycle named `year` begins, in UTC.

    Feedback is released as the tenth working day after closing begins, unless the
    framework sets another number.
    """
    calendar = framework.calendar
    days = {name: day.of(year) for name, day in calendar if isinstance(day, CycleDay)}
    instants = {stage: _midnight(days[stage]) for stage in Stage if stage in days}
    instants[Stage.FEEDBACK_RELEASES] = releases_after(
        framework, instants[Stage.FEEDBACK_CLOSES]
    )
    return {stage: instants[stage] for stage in Stage}


def releases_after(framework: Framework, closes: datetime) -> datetime:
    """Return when feedback is released that closes at `closes`, unless HR sets it."""
    released = add_working_days(
        closes.astimezone(LONDON).date(),
        framework.calendar.feedback_releases_after_working_days,
        bank_holidays(),
    )
    return _midnight(released)


def add_working_days(
    day: date, working_days: int, holidays: Collection[date] = ()
) -> date:
    """Return the working day that comes `working_days` (0 or more) after `day`."""
    for _ in range(working_days):
        day += timedelta(days=1)
        while day.weekday() >= SATURDAY or day in holidays:
            day += timedelta(days=1)
    return day


@cache
def bank_holidays() -> frozenset[date]:
    """Return the bank holidays of England and Wales in the years published so far."""
    table = tomllib.loads((HERE / "bank_holidays.toml").read_text(encoding="utf-8"))
    return frozenset(table["dates"])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)
