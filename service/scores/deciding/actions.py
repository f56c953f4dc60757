"""Read and make decisions on a score.

The law: a named human says what they make of it; the score stays as it was published.
"""

from datetime import datetime
from uuid import UUID, uuid4

from service.audit.actions import record as audit
from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.jobs.rules import NoticeKind
from service.records.frameworks import load
from service.scores.deciding import rules
from service.scores.deciding.case import Case, Check, changing, look
from service.scores.deciding.schemas import DecisionIn
from service.scores.deciding.stages import Step
from service.scores.deciding.tables import ScoreDecision
from service.scores.deciding.telling import tell_people


async def read(score: UUID, what: str, *, caller: SignedIn, now: datetime) -> Case:
    """Return what was said about a score, and have it audited that it was read."""
    with within_reach(EVERYONE):
        async with transaction():
            case = await look(score, caller=caller, now=now)
            await audit(
                caller,
                "read",
                what,
                score,
                now=now,
                organisation=case.fact.organisation,
            )
            return case


async def decide(
    score: UUID, wanted: DecisionIn, *, check: Check, caller: SignedIn, now: datetime
) -> None:
    """Accept, amend or reject a score as evidence; the same again changes nothing.

    `check` is asked about the version of the score that the caller has read.
    """
    async with changing(score, caller=caller, now=now) as case:
        rules.check_decides(case.capacity, case.fact.state)
        if _is_said(case, wanted):
            return
        check(case.fact.version)
        decision, number = uuid4(), len(case.fact.decisions) + 1
        case.take(Step.DECIDE, decision=decision, outcome=wanted.outcome)
        judged = wanted.judgement
        await ScoreDecision.insert(
            ScoreDecision(
                organisation=case.fact.organisation,
                id=decision,
                score=score,
                run=case.fact.run,
                number=number,
                subject=case.fact.person,
                outcome=wanted.outcome,
                reason=wanted.reason,
                band=judged and judged.band,
                note=judged and judged.note,
                decided_by=caller.id,
                works_in=caller.organisation,
                capacity=case.capacity,
                decided_at=now,
            )
        )
        await tell_people(
            case, [case.fact.person], NoticeKind.SCORE_DECIDED, str(decision)
        )


def _is_said(case: Case, wanted: DecisionIn) -> bool:
    """Say whether the caller has decided exactly so, and it stands."""
    found = case.fact.stance.decision
    if found is None or found.decided_by != case.caller.id:
        return False
    judged = wanted.judgement
    return (found.outcome, found.reason, found.band, found.note) == (
        wanted.outcome,
        wanted.reason,
        judged and judged.band,
        judged and judged.note,
    )


def appealable_until(case: Case) -> datetime:
    """Return until when the subject can appeal against what stands."""
    decision = case.fact.stance.decision
    since = decision.decided_at if decision else case.fact.since
    within = load(case.fact.framework).appeals.lodge_within
    return rules.end_of(rules.last_day(since, within))
