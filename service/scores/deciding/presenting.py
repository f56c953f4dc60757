"""Decisions and appeals as those who have to do with a score see them."""

from collections.abc import Mapping
from uuid import UUID

from service.db.reach import EVERYONE, within_reach
from service.directory.queries import details_of
from service.scores.deciding.actions import appealable_until
from service.scores.deciding.case import Case
from service.scores.deciding.rules import AppealFact, Capacity, DecisionFact
from service.scores.deciding.schemas import (
    AnswerOut,
    AppealOut,
    AppealsOut,
    DecisionOut,
    DecisionsOut,
    JudgementOut,
    WhoOut,
)

Names = Mapping[UUID, str]


async def decisions_out(case: Case) -> DecisionsOut:
    """Present what was made of a score."""
    fact = case.fact
    names = await _names({each.decided_by for each in fact.decisions})
    standing = fact.stance.decision
    history = [_decision(each, standing, names) for each in fact.decisions]
    return DecisionsOut(
        score=fact.id,
        version=fact.version,
        stage=case.stage,
        decision=next((each for each in history if each.stands), None),
        history=history,
        appealable_until=appealable_until(case),
    )


async def _names(people: set[UUID]) -> Names:
    with within_reach(EVERYONE):  # Managers may work elsewhere.
        found = await details_of(people)
    return {
        person: f"{known.given_name} {known.family_name}"
        for person, known in found.items()
    }


def _decision(
    made: DecisionFact, standing: DecisionFact | None, names: Names
) -> DecisionOut:
    judged = made.band or made.note
    return DecisionOut(
        id=made.id,
        number=made.number,
        outcome=made.outcome,
        reason=made.reason,
        judgement=JudgementOut(band=made.band, note=made.note) if judged else None,
        person=_who(made.decided_by, made.capacity, names),
        at=made.decided_at,
        stands=standing is not None and standing.id == made.id,
    )


def _who(person: UUID, capacity: Capacity, names: Names) -> WhoOut:
    return WhoOut(id=person, name=names.get(person), by_role=capacity)


async def appeals_out(case: Case) -> AppealsOut:
    """Present the appeals about a score."""
    appeals = case.fact.appeals
    names = await _names({each.settled_by for each in appeals if each.settled_by})
    return AppealsOut(
        version=case.fact.version,
        items=[_appeal(each, names) for each in appeals],
    )


def _appeal(made: AppealFact, names: Names) -> AppealOut:
    return AppealOut(
        id=made.id,
        number=made.number,
        decision=made.decision,
        state=made.state,
        reason=made.reason,
        lodged_at=made.lodged_at,
        due_at=made.due_at,
        answer=_answer(made, names),
        ended_at=made.ended_at,
    )


def _answer(made: AppealFact, names: Names) -> AnswerOut | None:
    if made.settled_by is None or made.capacity is None or made.answer is None:
        return None
    return AnswerOut(
        person=_who(made.settled_by, made.capacity, names), reason=made.answer
    )
