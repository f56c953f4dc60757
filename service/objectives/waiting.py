"""What of shared objectives waits for one person: to write, agree, settle or assess.

The law: it follows from the rules that let them do it on that day, and from no others.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.objectives.assessing import rules
from service.objectives.assessing.actions import partners_of, taking_part
from service.objectives.audience import (
    GIVEN,
    OF_PERSON,
    needed_for,
    sees,
    standing_of,
)
from service.objectives.changing import Work
from service.objectives.offering import Kind, Offer
from service.objectives.queries import OBJECTIVES, ObjectiveFact, fact_from
from service.objectives.rules import Capacity, Part
from service.objectives.stages import Stage
from service.objectives.standing import Standing
from service.web.language import mark
from service.web.waiting import Waiting

FOUND: Final = f"""
SELECT it.*,
    (SELECT jsonb_agg(jsonb_build_array(g.capacity, g.contribution))
        FROM ({GIVEN.replace("ANY ($1)", "it.id")}) g) AS given,
    (SELECT jsonb_build_array(a.assessor, a.organisation, a.works_in)
        FROM objective_assessment a WHERE a.objective = it.id
            AND a.version = it.terms AND a.verdict IS NULL LIMIT 1) AS assessed,
    (SELECT jsonb_agg(p.contribution) FROM contribution_assessment p
        WHERE p.objective = it.id AND p.version = it.terms) AS parts_assessed,
    (SELECT s.starts_at FROM cycle_stage s
        WHERE s.cycle = it.cycle AND s.stage = 'end_year_assessment') AS year_ends,
    (SELECT s.starts_at FROM cycle_stage s
        WHERE s.cycle = it.cycle AND s.stage = 'local_moderation') AS assessed_by
FROM ({OBJECTIVES}) AS it
WHERE it.id IN ({OF_PERSON}) AND it.stage NOT IN ('closed', 'withdrawn')
ORDER BY it.title, it.id
"""  # noqa: S608 - statements of our own
FINISH: Final = mark("Finish “%(name)s” and send it for agreement")
CHANGE: Final = mark("Change “%(name)s”, which was sent back")
SETTLE: Final = mark("Settle the dispute about “%(name)s”")
AGREE: Final = mark("Agree “%(name)s”, or say why not")
AGREE_PART: Final = mark("Agree what your person contributes to “%(name)s”")
ASSESS: Final = mark("Assess the outcome of “%(name)s”")
ASSESS_PART: Final = mark("Assess the contribution of %(name)s")
COUNTERSIGN: Final = mark("Countersign the assessment of “%(name)s”")
SETS: Final = {
    Stage.DRAFT: FINISH,
    Stage.SENT_BACK: CHANGE,
    Stage.DISPUTED: SETTLE,
}
"""What waits for the subject's line manager, by stage."""


@dataclass(frozen=True, slots=True)
class _Case:
    work: Work
    given: frozenset[Part]
    assessed: Sequence[str]
    """Assessor, organisation and where they work, of what is to be countersigned."""
    parts_assessed: frozenset[UUID]
    year_ends: datetime | None
    assessed_by: datetime | None

    @property
    def fact(self) -> ObjectiveFact:
        """Return the objective."""
        return self.work.fact

    @property
    def standing(self) -> Standing:
        """Return who answers for whom."""
        return self.work.standing


async def waiting(caller: SignedIn, now: datetime) -> list[Waiting]:
    """Return what waits for a person, in two statements however much it is."""
    day = now.date()
    with within_reach(EVERYONE):  # Partners' managers work elsewhere.
        async with transaction() as connection:
            rows = await connection.fetch(FOUND, caller.id, day)
            if not rows:
                return []
            facts = [fact_from(row) for row in rows]
            standing = await standing_of(facts, day)
    cases = [
        _case(row, _work(fact, standing, caller, now))
        for row, fact in zip(rows, facts, strict=True)
        if sees(fact, standing, caller)
    ]
    return [each for case in cases for each in _of(case, caller.id, now)]


def _work(
    fact: ObjectiveFact, standing: Standing, caller: SignedIn, now: datetime
) -> Work:
    return Work(fact, standing, caller, now, fact.stage, fact.version, fact.terms)


def _case(row: Record, work: Work) -> _Case:
    given = json.loads(row["given"] or "[]")
    return _Case(
        work=work,
        given=frozenset(
            (Capacity(capacity), UUID(about) if about else None)
            for capacity, about in given
        ),
        assessed=json.loads(row["assessed"] or "[]"),
        parts_assessed=frozenset(map(UUID, json.loads(row["parts_assessed"] or "[]"))),
        year_ends=row["year_ends"],
        assessed_by=row["assessed_by"],
    )


def _of(case: _Case, person: UUID, now: datetime) -> Iterator[Waiting]:
    fact = case.fact
    if case.standing.managers.get(fact.person) == person and fact.stage in SETS:
        yield _waiting(case, SETS[fact.stage])
    if fact.stage == Stage.PROPOSED:
        yield from _agreements(case, person)
    if fact.stage in rules.OF_CONTRIBUTION:
        yield from _assessments(case, person, now)


def _waiting(case: _Case, says: str, due: date | datetime | None = None) -> Waiting:
    path = f"/objectives/{case.fact.id}"
    return Waiting(says, path, case.fact.content.title, due)


def _agreements(case: _Case, person: UUID) -> Iterator[Waiting]:
    needed = needed_for(case.fact, case.standing)
    mine = {part for part, who in needed.items() if who == person} - case.given
    if mine:
        partly = {capacity for capacity, _ in mine} == {Capacity.CONTRIBUTOR_MANAGER}
        yield _waiting(case, AGREE_PART if partly else AGREE)


def _assessments(case: _Case, person: UUID, now: datetime) -> Iterator[Waiting]:
    fact, managers = case.fact, case.standing.managers
    begins = [case.year_ends, rules.over(fact.content.ends_on)]
    if now < min((at for at in begins if at is not None), default=now):
        return
    if fact.stage in rules.OF_OUTCOME:
        says = _of_outcome(case, person)
        if says is not None:
            yield _waiting(case, says, case.assessed_by)
    for part in fact.live:
        wanted = part.agreed and part.id not in case.parts_assessed
        if wanted and managers.get(part.person) == person:
            path = Offer(Kind.ASSESS_CONTRIBUTION, part.id).path(fact.id)
            name = case.standing.names.get(part.person, "")
            yield Waiting(ASSESS_PART, path, name, case.assessed_by)


def _of_outcome(case: _Case, person: UUID) -> str | None:
    """Return what a person is to do about the outcome, of what one person may."""
    if case.assessed:
        assessor, *apart = case.assessed
        answers = partners_of(case.work, UUID(assessor), *apart)
        return COUNTERSIGN if person in answers else None
    fact = case.fact
    found = rules.assessors(fact.owning, case.standing.managers, taking_part(fact))
    return ASSESS if person in found else None
