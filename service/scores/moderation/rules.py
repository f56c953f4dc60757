"""Who may judge and moderate whom, when, and by what levels.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from service.errors import Conflict, Fault, NotAllowed, Unprocessable
from service.records.frameworks import Stage

QUORUM: Final = 2
"""Members in office below which nobody is a panel."""


class PanelLevel(StrEnum):
    """Of what a panel moderates the judgements."""

    LOCAL = "local"
    OVERALL = "overall"


class JudgementStage(StrEnum):
    """When in the year a manager judges."""

    MID_YEAR = "mid_year"
    END_YEAR = "end_year"


class ViewKind(StrEnum):
    """Which judgements a view of consistency is of."""

    MID_YEAR = "mid_year"
    CROSS_GOVERNMENT = "cross_government"


JUDGED_WITHIN: Final[Mapping[JudgementStage, tuple[Stage, Stage]]] = MappingProxyType(
    {
        JudgementStage.MID_YEAR: (
            Stage.MID_YEAR_CONSISTENCY_CHECK,
            Stage.FEEDBACK_OPENS,
        ),
        JudgementStage.END_YEAR: (Stage.END_YEAR_ASSESSMENT, Stage.LOCAL_MODERATION),
    }
)
MODERATED_WITHIN: Final[Mapping[PanelLevel, tuple[Stage, Stage]]] = MappingProxyType(
    {
        PanelLevel.LOCAL: (Stage.LOCAL_MODERATION, Stage.OVERALL_MODERATION),
        PanelLevel.OVERALL: (
            Stage.OVERALL_MODERATION,
            Stage.CROSS_GOVERNMENT_CONSISTENCY_VIEW,
        ),
    }
)
TAKEN_WITHIN: Final[Mapping[ViewKind, tuple[Stage, Stage]]] = MappingProxyType(
    {
        ViewKind.MID_YEAR: (Stage.MID_YEAR_CONSISTENCY_CHECK, Stage.FEEDBACK_OPENS),
        ViewKind.CROSS_GOVERNMENT: (
            Stage.CROSS_GOVERNMENT_CONSISTENCY_VIEW,
            Stage.PUBLISHED,
        ),
    }
)
"""From the beginning of one stage to that of another."""


class NotNow(Conflict):
    """It is not the stage of the cycle in which this is done."""

    slug = "moderation-not-now"


class NoScale(Conflict):
    """The framework publishes no scale to judge by."""

    slug = "moderation-no-scale"


class UnknownLevel(Unprocessable):
    """The framework's scale has no such level."""

    slug = "moderation-level-unknown"


class NotYourReport(NotAllowed):
    """A judgement is the line manager's."""

    slug = "judgement-not-yours"


class NotJudged(Conflict):
    """The record's manager has not judged it."""

    slug = "moderation-not-judged"


class TooClose(NotAllowed):
    """The member of the panel is too close to this record."""

    slug = "moderation-too-close"


class TooFew(Conflict):
    """One person is not a panel."""

    slug = "moderation-panel-too-small"


class Superseded(Conflict):
    """The judgement is no longer what the panel looked at."""

    slug = "moderation-superseded"


class PanelExists(Conflict):
    """There is a panel of this level already."""

    slug = "moderation-panel-exists"


class NotOfTheOrganisation(Unprocessable):
    """Members of a panel work in its organisation."""

    slug = "moderation-member-elsewhere"


class MemberAlready(Conflict):
    """The person is a member of the panel already."""

    slug = "moderation-member-already"


class ViewTaken(Conflict):
    """A view of consistency is taken once a cycle."""

    slug = "consistency-view-taken"


class NotYetTold(Conflict):
    """What became of the judgement is told once the cycle is published."""

    slug = "moderation-not-yet-told"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member of a panel stands to a record."""

    is_subject: bool
    """The same person, or another record of them."""
    is_below: bool
    """The subject stands above them, in line or functionally."""
    competes: bool
    """They are moderated together."""
    judged: bool
    """The judgement is their own."""


def stage_of_judgement(starts: Mapping[str, datetime], now: datetime) -> JudgementStage:
    """Return which judgement is given now; refuse where none is."""
    for stage, (begins, ends) in JUDGED_WITHIN.items():
        if starts[begins] <= now < starts[ends]:
            return stage
    raise NotNow(
        "Judgements are given between "
        + ", or ".join(
            f"{starts[begins].isoformat()} and {starts[ends].isoformat()}"
            for begins, ends in JUDGED_WITHIN.values()
        )
        + "."
    )


def check_within(
    stages: tuple[Stage, Stage], starts: Mapping[str, datetime], now: datetime
) -> None:
    """Refuse what comes before the first of two stages begins, or the second has."""
    begins, ends = starts[stages[0]], starts[stages[1]]
    if not begins <= now < ends:
        raise NotNow(f"It is done from {begins.isoformat()} to {ends.isoformat()}.")


def check_level(level: str, levels: Collection[str], pointer: str) -> None:
    """Refuse a level that the framework's scale does not have."""
    if not levels:
        raise NoScale("Its levels are the framework's to publish: nothing to choose.")
    if level not in levels:
        detail = f"There is no level {level}; use one of: {', '.join(levels)}."
        raise UnknownLevel(detail, faults=[Fault(detail, pointer=pointer)])


def check_may_moderate(standing: Standing) -> None:
    """Refuse whoever moderates themselves, a manager, a rival or their own word."""
    if standing.is_subject:
        raise TooClose("Nobody moderates their own record: leave it to the others.")
    if standing.is_below:
        raise TooClose("Nobody moderates who they answer to: leave it to the others.")
    if standing.competes:
        raise TooClose("Nobody moderates whom they are moderated with.")
    if standing.judged:
        raise TooClose("The judgement is yours: another member records the panel's.")


def may_moderate(standing: Standing) -> bool:
    """Say whether a member may moderate a record."""
    try:
        check_may_moderate(standing)
    except TooClose:
        return False
    return True


def check_panel(members: int) -> None:
    """Refuse to call one person a panel."""
    if members < QUORUM:
        raise TooFew(f"It has {members} member in office: have another named.")


def check_before(claimed: str, stands: str | None) -> None:
    """Refuse to moderate what nobody judged, or what has changed since."""
    if stands is None:
        raise NotJudged("There is nothing to moderate until the manager has judged.")
    if claimed != stands:
        detail = f"It stands at {stands} by now: read it again, then decide."
        raise Superseded(detail, faults=[Fault(detail, pointer="#/before")])


def check_told(published_at: datetime, now: datetime) -> None:
    """Refuse to tell the subject before the cycle is published."""
    if now < published_at:
        raise NotYetTold(f"It is told from {published_at.isoformat()}.")
