"""Who thanks whom, and how often.

Pure. The law: thanks come from another department, once a quarter.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from service.errors import Conflict, Unprocessable
from service.objectives.rules import NotYours
from service.objectives.stages import Stage, WrongStage

THANKED_WHILE: Final = frozenset({Stage.AGREED, Stage.DISPUTED, Stage.ASSESSED})
MONTHS: Final = 12
A_QUARTER: Final = 3
"""Months."""


class ThankedAlready(Conflict):
    """The organisation has thanked this contributor this quarter."""

    slug = "recognition-given"


class ThanksOwn(Unprocessable):
    """Thanks are for a contributor of another organisation."""

    slug = "recognition-own-organisation"


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months of an appraisal year."""

    start: date
    next: date
    """The first day of the one after it."""

    @property
    def end(self) -> date:
        """Return its last day."""
        return self.next - timedelta(days=1)


def quarter_of(day: date, *, month: int, first: int) -> Quarter:
    """Return the quarter a day is in, of years that begin on day `first` of a month."""
    starts = (
        _start(day.year, month + offset)
        for offset in range(-2 * MONTHS, 2 * MONTHS, A_QUARTER)
    )
    days = [_clamped(year, of_year, first) for year, of_year in starts]
    return next(
        Quarter(start, after) for start, after in pairwise(days) if start <= day < after
    )


def _start(year: int, month: int) -> tuple[int, int]:
    """Return the year and month that lie `month` months after December before."""
    years, from_january = divmod(month - 1, MONTHS)
    return year + years, from_january + 1


def _clamped(year: int, month: int, day: int) -> date:
    """Return the day of a month, or its last where it has fewer."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def check_stage(stage: Stage) -> None:
    """Refuse thanks for what is not agreed yet, or over."""
    if stage not in THANKED_WHILE:
        raise WrongStage(
            f"The objective is {stage.replace('_', ' ')}: contributors are thanked from"
            " its agreement until it is closed."
        )


def thanks_for(
    person: UUID,
    sides: Iterable[tuple[UUID, str]],
    managers: Mapping[UUID, UUID],
    works_in: str | None,
    thanked: tuple[UUID, str],
) -> str:
    """Return for which organisation somebody thanks a contributor, or refuse them.

    `sides` are those who take part, each with the organisation they do it for, and
    `thanked` is one of them. Who may thank for several does it for where they work.
    """
    sees_to = {
        organisation
        for one, organisation in sides
        if person in {one, managers.get(one)}
    }
    if not sees_to:
        raise NotYours(
            "Those who take part in the objective thank each other, and their line"
            " managers do: ask one of your organisation."
        )
    contributor, theirs = thanked
    others = sees_to - {theirs}
    if person == contributor or works_in == theirs or not others:
        raise ThanksOwn(
            "Name a contribution of another organisation than your own: yours has"
            " other ways of thanking its people."
        )
    return works_in if works_in in others else min(others)


def thanked_already(organisation: str, quarter: Quarter) -> ThankedAlready:
    """Refuse to thank twice in one quarter, and say when it can be done again."""
    return ThankedAlready(
        f"{organisation} has thanked them in the quarter from"
        f" {quarter.start.isoformat()} to {quarter.end.isoformat()}: thank them again"
        f" from {quarter.next.isoformat()}."
    )
