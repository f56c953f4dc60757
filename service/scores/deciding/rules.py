"""Who decides on a score, who settles an appeal, and by when.

Pure. The law: nobody settles an appeal against what they decided, and nobody's decision
is a number.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from service.errors import Conflict, NotAllowed
from service.records.frameworks import LONDON, add_working_days, bank_holidays
from service.scores.deciding.stages import SETTLED, AppealState, Stage, spoken
from service.scores.rules import Band, State


class Outcome(StrEnum):
    """What a named human makes of a score as evidence."""

    ACCEPT = "accept"
    AMEND = "amend"
    REJECT = "reject"


class Capacity(StrEnum):
    """As what somebody has to do with a score."""

    SUBJECT = "subject"
    LINE_MANAGER = "line_manager"
    COUNTERSIGNING_MANAGER = "countersigning_manager"
    NEXT_ABOVE = "next_above"
    HR_ADMINISTRATOR = "hr_administrator"


class NothingToDecide(Conflict):
    """The score has no number to decide on."""

    slug = "score-without-number"


class NothingToAppeal(Conflict):
    """The score was withdrawn."""

    slug = "score-withdrawn"


class AppealTooLate(Conflict):
    """The time in which an appeal could be made is over."""

    slug = "appeal-too-late"


class AppealedAlready(Conflict):
    """The same thing is appealed against once."""

    slug = "appeal-settled"


class AppealOver(Conflict):
    """The appeal waits for no answer any more."""

    slug = "appeal-over"


class NotYourDecision(NotAllowed):
    """The subject's own line manager decides on a score."""

    slug = "score-decision-not-yours"


class NotYourAppeal(NotAllowed):
    """Only the subject of a score appeals against it."""

    slug = "appeal-not-yours"


class NotYoursToSettle(NotAllowed):
    """An appeal is settled by somebody apart from what it is against."""

    slug = "appeal-not-yours-to-settle"


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """One decision, as it was made."""

    id: UUID
    number: int
    run: UUID
    """The computation that it is on."""
    outcome: Outcome
    reason: str | None
    band: Band | None
    note: str | None
    """Both of an amendment: the human's own judgement."""
    decided_by: UUID
    capacity: Capacity
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class AppealFact:
    """One appeal, and what came of it."""

    id: UUID
    number: int
    run: UUID
    decision: UUID | None
    """What it is against; None: the score, which nobody had decided on."""
    state: AppealState
    reason: str
    lodged_at: datetime
    due_at: datetime
    """By when it is to be settled."""
    settled_by: UUID | None
    capacity: Capacity | None
    answer: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Around:
    """Who has to do with a score on a day."""

    subject: UUID
    organisation: str
    """The one that keeps the record."""
    above: Sequence[UUID]
    """The subject's line manager, theirs, and so on up."""
    countersigning: frozenset[UUID]
    deciders: frozenset[UUID]
    """Whoever has ever decided on it."""

    @property
    def line_manager(self) -> UUID | None:
        """Return who decides, if anybody is recorded."""
        return self.above[0] if self.above else None

    @property
    def barred(self) -> frozenset[UUID]:
        """Return who settles no appeal about it, whatever else they are."""
        managers = {*self.above[:1]}
        return frozenset({self.subject, *managers, *self.deciders})

    @property
    def next_above(self) -> UUID | None:
        """Return the first in the line above who is not barred."""
        return next((each for each in self.above if each not in self.barred), None)

    @property
    def settlers(self) -> frozenset[UUID]:
        """Return the managers who may settle an appeal."""
        found = {*self.countersigning, self.next_above} - {None}
        return frozenset(each for each in found if each) - self.barred


@dataclass(frozen=True, slots=True)
class Asking:
    """Whoever asks."""

    id: UUID
    administers: bool
    """Whether they are an HR administrator of the record's organisation."""
    above: Collection[UUID]
    """Whom they answer to."""


def stands(
    run: UUID, decisions: Sequence[DecisionFact], set_aside: Collection[UUID]
) -> DecisionFact | None:
    """Return the decision that counts, of all in order; None where none does.

    It is on the present computation, `run`, and no appeal against it was upheld.
    """
    newest = decisions[-1] if decisions else None
    if newest is None or newest.run != run or newest.id in set_aside:
        return None
    return newest


def stage_of(decision: DecisionFact | None, *, under_appeal: bool) -> Stage:
    """Return where a score stands, by the decision that counts and any open appeal."""
    if under_appeal:
        return Stage.DECIDED_UNDER_APPEAL if decision else Stage.UNDECIDED_UNDER_APPEAL
    return Stage.DECIDED if decision else Stage.UNDECIDED


def capacity_of(asking: Asking, around: Around) -> Capacity | None:
    """Return as what somebody may read of a score's decisions; None: as nothing."""
    if asking.id == around.subject:
        return Capacity.SUBJECT
    if asking.id == around.line_manager:
        return Capacity.LINE_MANAGER
    if asking.id in around.countersigning:
        return Capacity.COUNTERSIGNING_MANAGER
    if asking.id == around.next_above:
        return Capacity.NEXT_ABOVE
    return Capacity.HR_ADMINISTRATOR if asking.administers else None


def check_decides(capacity: Capacity, state: State) -> None:
    """Refuse whoever is not the line manager, and a score that has no number."""
    if capacity is not Capacity.LINE_MANAGER:
        raise NotYourDecision(
            "Who is the subject's line manager today decides: ask them, or have HR"
            " record one."
        )
    if state is not State.PUBLISHED:
        raise NothingToDecide(
            f"The score is {spoken(state)}: there is no number to accept or reject."
        )


def check_appeals(capacity: Capacity, state: State) -> None:
    """Refuse an appeal by anybody else, or about nothing."""
    if capacity is not Capacity.SUBJECT:
        raise NotYourAppeal("Whom the score is about appeals, and nobody for them.")
    if state is State.WITHDRAWN:
        raise NothingToAppeal("It counts no more: there is nothing to appeal against.")


def check_withdraws(capacity: Capacity) -> None:
    """Refuse to withdraw somebody else's appeal."""
    if capacity is not Capacity.SUBJECT:
        raise NotYourAppeal("Whoever appealed withdraws it, and nobody for them.")


def check_in_time(until: datetime, now: datetime) -> None:
    """Refuse an appeal from the instant at which its time is over."""
    if now >= until:
        raise AppealTooLate(f"It could be made until {until.isoformat()}.")


def check_first(
    run: UUID, decision: UUID | None, appeals: Collection[AppealFact]
) -> None:
    """Refuse a second appeal against what one was settled about."""
    for each in appeals:
        if (each.run, each.decision) == (run, decision) and each.state in SETTLED:
            raise AppealedAlready(
                f"Your appeal {each.number} was about the same and was"
                f" {spoken(each.state)}: you can appeal against the next decision."
            )


def check_open(state: AppealState) -> None:
    """Refuse to settle or withdraw an appeal that has ended."""
    if state is not AppealState.OPEN:
        raise AppealOver(f"It was {spoken(state)}: read it again.")


def settles_as(asking: Asking, around: Around) -> Capacity:
    """Return in what capacity somebody settles an appeal; refuse who may not."""
    capacity = capacity_of(asking, around)
    if capacity is None or asking.id in around.barred or around.subject in asking.above:
        raise NotYoursToSettle(
            "It is settled by the countersigning manager, the next above in the line"
            " or an HR administrator of the organisation: not by the line manager,"
            " whoever decided on the score, or whoever answers to the subject."
        )
    return capacity


def last_day(since: datetime, working_days: int) -> date:
    """Return the day in London that comes so many working days after an instant."""
    return add_working_days(
        since.astimezone(LONDON).date(), working_days, bank_holidays()
    )


def end_of(day: date) -> datetime:
    """Return the instant at which a day is over in London, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=LONDON)
    return midnight.astimezone(UTC)
