"""What somebody can do with an objective as it stands, so that pages offer that alone.

Pure. The law: it is offered exactly where the rules that would refuse it do not; what
only the database knows is refused when it is done.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from service.auth.caller import SignedIn
from service.errors import Refusal
from service.objectives import rules, stages
from service.objectives.agreement.disputing import settlers
from service.objectives.assessing import rules as assessing
from service.objectives.assessing.actions import assesses_for, partners_of
from service.objectives.assessing.rules import AssessmentState
from service.objectives.audience import needed_for, sets
from service.objectives.changing import Work
from service.objectives.progress.capacities import (
    check_owns,
    check_plans,
    check_works,
    dissenting_for,
)
from service.objectives.progress.rules import OVER, MilestoneState
from service.objectives.queries import ContributionFact
from service.objectives.reading import Whole
from service.objectives.recognition.actions import quarter_on
from service.objectives.recognition.rules import THANKED_WHILE, thanks_for
from service.objectives.rules import NotYours
from service.objectives.stages import (
    UNDER_WAY,
    ContributionStep,
    Outcome,
    Stage,
    Step,
)


class Kind(StrEnum):
    """What can be done; the value is where its page lies, below the objective."""

    AGREE = "agreement"
    SEND_BACK = "return"
    DISPUTE = "dispute"
    DROP = "drop"
    KEEP = "keep"
    CHANGE = "check"
    PROPOSE = "proposal"
    WITHDRAW = "withdrawal"
    CLOSE = "closure"
    DECLINE = "refusal"
    LEAVE = "departure"
    REPORT = "status"
    DISSENT = "dissent"
    PLAN = "milestones/new"
    MEASURE = "indicators/new"
    MILESTONE = "milestone"
    INDICATOR = "indicator"
    READ = "reading"
    ASSESS = "assessment"
    ANSWER = "answer"
    ASSESS_CONTRIBUTION = "contribution-assessment"
    THANK = "thanks"


BELOW: Final[Mapping[Kind, str]] = {
    Kind.PROPOSE: "check",
    Kind.DROP: "disputes/{}/drop",
    Kind.KEEP: "disputes/{}/keep",
    Kind.DECLINE: "contributions/{}/refusal",
    Kind.LEAVE: "contributions/{}/departure",
    Kind.MILESTONE: "milestones/{}",
    Kind.INDICATOR: "indicators/{}",
    Kind.READ: "indicators/{}/readings/new",
    Kind.ANSWER: "assessments/{}",
    Kind.ASSESS_CONTRIBUTION: "contributions/{}/assessment",
    Kind.THANK: "contributions/{}/thanks",
}
"""Where the page lies of what is done to a part."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that somebody can do now."""

    kind: Kind
    about: UUID | None = None
    """The contribution, dispute, milestone, indicator or assessment."""

    def path(self, objective: UUID) -> str:
        """Return the address of its page."""
        below = BELOW.get(self.kind, self.kind.value).format(self.about)
        return f"/objectives/{objective}/{below}"


def offers(it: Whole, caller: SignedIn, now: datetime) -> list[Offer]:
    """Return what the caller can do with an objective, in the order of its life."""
    work = _as_it_stands(it, caller, now)
    found = (_agreeing, _settling, _setting, _progress, _assessing, _contributions)
    return [offer for each in found for offer in each(it, work, caller)]


def _as_it_stands(it: Whole, caller: SignedIn, now: datetime) -> Work:
    fact = it.fact
    return Work(fact, it.standing, caller, now, fact.stage, fact.version, fact.terms)


def check_offered(
    it: Whole, kind: Kind, caller: SignedIn, now: datetime, about: UUID | None = None
) -> None:
    """Refuse to open the page of what cannot be done now, or not by them."""
    if Offer(kind, about) not in offers(it, caller, now):
        raise NotYours(
            "It cannot be done now, or is not yours to do: open the objective to see"
            " what you can do."
        )


def _may(check: Callable[[], object]) -> bool:
    """Say whether a rule refuses it."""
    try:
        check()
    except Refusal:
        return False
    return True


def _agreeing(it: Whole, work: Work, caller: SignedIn) -> Iterator[Offer]:
    needed = needed_for(it.fact, it.standing)
    mine = {part for part, person in needed.items() if person == caller.id}
    if not mine or not it.cycle.is_open:
        return
    agreed = mine <= it.counting
    steps = {step for at, step in stages.STEPS if at == work.stage}
    if Step.AGREE in steps and not agreed:
        yield Offer(Kind.AGREE)
    if Step.SEND_BACK in steps and not agreed and work.stage != Stage.AGREED:
        yield Offer(Kind.SEND_BACK)
    if Step.DISPUTE in steps and mine - _disputed(it):
        yield Offer(Kind.DISPUTE)


def _disputed(it: Whole) -> set[rules.Part]:
    return {(d.capacity, d.contribution) for d in it.disputes if d.outcome is None}


def _settling(it: Whole, work: Work, caller: SignedIn) -> Iterator[Offer]:
    if work.stage == Stage.WITHDRAWN:
        return
    for dispute in it.disputes:
        if dispute.outcome is None:
            part = dispute.capacity, dispute.contribution
            raised_by = it.raised_by[dispute.id]
            for kind, outcome in (
                (Kind.KEEP, Outcome.KEPT),
                (Kind.DROP, Outcome.DROPPED),
            ):
                if caller.id in settlers(
                    it.fact, it.standing, part, raised_by, outcome
                ):
                    yield Offer(kind, dispute.id)


def _setting(it: Whole, work: Work, caller: SignedIn) -> Iterator[Offer]:
    if not sets(it.fact.person, it.fact.organisation, it.standing, caller):
        return
    steps = {step for at, step in stages.STEPS if at == work.stage}
    if Step.AMEND in steps and it.cycle.is_open:
        yield Offer(Kind.CHANGE)
    if Step.PROPOSE in steps and it.cycle.is_open and not _disputed(it):
        yield Offer(Kind.PROPOSE)
    if Step.WITHDRAW in steps:
        yield Offer(Kind.WITHDRAW)
    if Step.CLOSE in steps:
        yield Offer(Kind.CLOSE)


def _progress(it: Whole, work: Work, _caller: SignedIn) -> Iterator[Offer]:
    under_way = work.stage in UNDER_WAY
    current = it.progress.status
    if under_way and _may(lambda: check_owns(work)):
        yield Offer(Kind.REPORT)
    if (
        under_way
        and current
        and _may(lambda: dissenting_for(work, current.organisation))
    ):
        yield Offer(Kind.DISSENT)
    plans = work.stage not in OVER and _may(lambda: check_plans(work))
    works = under_way and _may(lambda: check_works(work))
    if plans:
        yield Offer(Kind.PLAN)
        yield Offer(Kind.MEASURE)
    unmet = {MilestoneState.PLANNED, MilestoneState.MISSED}
    for milestone in it.progress.milestones:
        if plans or (works and milestone.state in unmet):
            yield Offer(Kind.MILESTONE, milestone.id)
    for indicator in it.progress.indicators:
        if plans:
            yield Offer(Kind.INDICATOR, indicator.id)
        if works:
            yield Offer(Kind.READ, indicator.id)


def _assessing(it: Whole, work: Work, caller: SignedIn) -> Iterator[Offer]:
    waiting = [a for a in it.assessments.outcome if a.state == AssessmentState.WAITING]
    assesses = _may(lambda: assesses_for(work, caller))
    if (
        work.stage in assessing.OF_OUTCOME
        and _begun(it, work)
        and assesses
        and not waiting
    ):
        yield Offer(Kind.ASSESS)
    for row in it.assessed:
        found = UUID(row["id"])
        if found not in {each.id for each in waiting}:
            continue
        assessor = UUID(row["assessor"])
        if caller.id in partners_of(
            work, assessor, row["organisation"], row["works_in"]
        ):
            yield Offer(Kind.ANSWER, found)


def _begun(it: Whole, work: Work) -> bool:
    over = assessing.over(it.fact.content.ends_on)
    return _may(lambda: assessing.check_begun(work.now, it.cycle.assessed_from, over))


def _contributions(it: Whole, work: Work, caller: SignedIn) -> Iterator[Offer]:
    for part in it.fact.live:
        mine = it.standing.managers.get(part.person) == caller.id
        if mine and part.person != it.fact.person:
            yield from _parting(it, work, part)
        if mine and work.stage in assessing.OF_CONTRIBUTION and _begun(it, work):
            yield Offer(Kind.ASSESS_CONTRIBUTION, part.id)
        if work.stage in THANKED_WHILE and _thanks(it, work, caller, part):
            yield Offer(Kind.THANK, part.id)


def _parting(it: Whole, work: Work, part: ContributionFact) -> Iterator[Offer]:
    if (work.stage, Step.SEND_BACK) not in stages.STEPS:
        return
    steps = {step for at, step in stages.CONTRIBUTION_STEPS if at == part.state}
    if ContributionStep.DECLINE in steps:
        yield Offer(Kind.DECLINE, part.id)
    elif it.fact.content.ownership_model in rules.LEAVES_FREELY:
        yield Offer(Kind.LEAVE, part.id)


def _thanks(it: Whole, work: Work, caller: SignedIn, part: ContributionFact) -> bool:
    """Say whether their department may thank a contributor this quarter."""
    sides = [(each.person, each.organisation) for each in it.fact.live]
    try:
        by = thanks_for(
            caller.id,
            [*sides, *it.fact.owning.items()],
            it.standing.managers,
            it.standing.organisations.get(caller.id),
            (part.person, part.organisation),
        )
    except Refusal:
        return False
    quarter = quarter_on(work.now, it.cycle.framework)
    return not any(
        (given.organisation, given.contribution, given.quarter)
        == (by, part.id, quarter.start)
        for given in it.recognitions
    )
