"""Appeal against a score or the decision on it; settle the appeal, or withdraw it.

The law: an appeal ends once, and the decision it was upheld against stands no more.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from service.auth.caller import SignedIn
from service.errors import NotFound
from service.jobs.rules import NoticeKind
from service.records.frameworks import load
from service.scores.deciding import rules
from service.scores.deciding.actions import appealable_until
from service.scores.deciding.case import Case, Check, changing
from service.scores.deciding.rules import AppealFact, Capacity
from service.scores.deciding.stages import SETS_ASIDE, SETTLES, AppealState, Step
from service.scores.deciding.tables import ScoreAppeal
from service.scores.deciding.telling import tell_people, tell_settlers


async def appeal(
    score: UUID, reason: str, *, new: UUID, caller: SignedIn, now: datetime
) -> None:
    """Appeal, as `new`, against the decision that stands, else against the score."""
    async with changing(score, caller=caller, now=now) as case:
        fact, decision = case.fact, case.fact.stance.decision
        rules.check_appeals(case.capacity, fact.state)
        against = decision.id if decision else None
        case.take(Step.APPEAL, appeal=new, decision=against)
        rules.check_first(fact.run, against, fact.appeals)
        rules.check_in_time(appealable_until(case), now)
        due_on = rules.last_day(now, load(fact.framework).appeals.settle_within)
        await ScoreAppeal.insert(
            ScoreAppeal(
                organisation=fact.organisation,
                id=new,
                score=score,
                run=fact.run,
                number=len(fact.appeals) + 1,
                subject=fact.person,
                decision=against,
                decided_by=decision.decided_by if decision else None,
                reason=reason,
                lodged_at=now,
                due_at=rules.end_of(due_on),
                state=AppealState.OPEN,
                settled_by=None,
                works_in=None,
                capacity=None,
                answer=None,
                ended_at=None,
            )
        )
        await tell_settlers(case, NoticeKind.SCORE_APPEALED, str(new), due_on=due_on)


async def settle(
    score: UUID,
    appeal: UUID,
    step: Step,
    reason: str,
    *,
    check: Check,
    caller: SignedIn,
    now: datetime,
) -> None:
    """Uphold an appeal, in whole or in part, or dismiss it, with a reason.

    `check` is asked about the version of the score that the caller has read.
    """
    async with changing(score, caller=caller, now=now) as case:
        found = _named(case, appeal)
        capacity = rules.settles_as(case.asking, case.around)
        rules.check_open(found.state)
        check(case.fact.version)
        case.take(step, appeal=appeal)
        outcome = SETTLES[step]
        await _end(found, outcome, case, capacity=capacity, answer=reason)
        decision = case.fact.stance.decision
        manager = case.around.line_manager
        concerned = {case.fact.person, manager}
        if decision:
            concerned.add(decision.decided_by)
        kind = NoticeKind.SCORE_APPEAL_SETTLED
        await tell_people(case, concerned, kind, str(appeal))
        if decision and outcome in SETS_ASIDE:
            kind = NoticeKind.SCORE_DECISION_WANTED
            await tell_people(case, [manager], kind, str(appeal))


def _named(case: Case, appeal: UUID) -> AppealFact:
    for each in case.fact.appeals:
        if each.id == appeal:
            return each
    raise NotFound(f"The score has no appeal {appeal}.")


async def withdraw(
    score: UUID, appeal: UUID, *, check: Check, caller: SignedIn, now: datetime
) -> None:
    """Withdraw one's own appeal; within the same time it can be made again."""
    async with changing(score, caller=caller, now=now) as case:
        found = _named(case, appeal)
        rules.check_withdraws(case.capacity)
        rules.check_open(found.state)
        check(case.fact.version)
        case.take(Step.WITHDRAW, appeal=appeal)
        await _end(found, AppealState.WITHDRAWN, case)
        await tell_settlers(case, NoticeKind.SCORE_APPEAL_WITHDRAWN, str(appeal))


async def _end(
    found: AppealFact,
    outcome: AppealState,
    case: Case,
    *,
    capacity: Capacity | None = None,
    answer: str | None = None,
) -> None:
    """End an appeal; only one that is settled is anybody's answer."""
    answered = answer is not None
    values: dict[Any, Any] = {
        ScoreAppeal.state: outcome,
        ScoreAppeal.settled_by: case.caller.id if answered else None,
        ScoreAppeal.works_in: case.caller.organisation if answered else None,
        ScoreAppeal.capacity: capacity,
        ScoreAppeal.answer: answer,
        ScoreAppeal.ended_at: case.now,
    }
    await ScoreAppeal.update(values).where(
        ScoreAppeal.id == found.id, ScoreAppeal.state == AppealState.OPEN
    )
