"""Shared objectives read whole, for pages: all that a person sees of each.

The law: however many objectives and whatever is on them, it is the same few statements,
and nobody is shown more than the API shows them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.db.together import together
from service.objectives.agreement.queries import (
    AGREEMENTS,
    DISPUTES,
    agreements_from,
    disputes_from,
    wanted_from,
)
from service.objectives.agreement.schemas import AgreementsOut, DisputeOut
from service.objectives.assessing.queries import ASSESSMENTS, assessments_from
from service.objectives.assessing.schemas import AssessmentsOut
from service.objectives.audience import of_person, seen, sight_among, sight_of
from service.objectives.presenting import ObjectiveOut, Sight
from service.objectives.progress.queries import PROGRESS, progress_from
from service.objectives.progress.schemas import ProgressOut
from service.objectives.queries import ObjectiveFact
from service.objectives.recognition.queries import RECOGNITIONS, recognitions_from
from service.objectives.recognition.schemas import RecognitionOut
from service.objectives.rules import Capacity, Part
from service.objectives.standing import Standing
from service.records.frameworks import Framework, Stage, load
from service.records.rules import CycleState

NAMES: Final = """
SELECT DISTINCT ON (d.person) d.person, d.given_name || ' ' || d.family_name AS name
FROM person_details d WHERE d.person IN (
    SELECT person FROM contribution WHERE objective = ANY ($1)
    UNION SELECT person FROM objective_agreement WHERE objective = ANY ($1)
    UNION SELECT person FROM objective_dispute WHERE objective = ANY ($1)
    UNION SELECT met_by FROM objective_milestone WHERE objective = ANY ($1)
    UNION SELECT person FROM objective_reading WHERE objective = ANY ($1)
    UNION SELECT person FROM objective_status WHERE objective = ANY ($1)
    UNION SELECT person FROM objective_dissent WHERE objective = ANY ($1)
    UNION SELECT assessor FROM objective_assessment WHERE objective = ANY ($1)
    UNION SELECT partner FROM objective_assessment WHERE objective = ANY ($1)
    UNION SELECT assessor FROM contribution_assessment WHERE objective = ANY ($1)
    UNION SELECT person FROM objective_recognition WHERE objective = ANY ($1))
ORDER BY d.person, d.valid_to DESC NULLS FIRST, d.valid_from DESC, d.organisation, d.id
"""
"""What everybody who ever acted is called, whether or not they still have to do."""
DEPARTMENTS: Final = """
SELECT o.code, coalesce((SELECT n.name FROM organisation_name n
    WHERE n.organisation = o.code AND n.kind = 'official'
        AND n.valid_to IS NOT DISTINCT FROM o.valid_to
    ORDER BY n.valid_from DESC, n.id LIMIT 1), o.code) AS name
FROM organisation o WHERE o.code IN (
    SELECT organisation FROM shared_objective WHERE id = ANY ($1)
    UNION SELECT organisation FROM objective_party WHERE objective = ANY ($1))
"""
CYCLES: Final = """
SELECT c.id, c.year, c.framework, c.state,
    (SELECT jsonb_object_agg(s.stage, s.starts_at) FROM cycle_stage s
        WHERE s.cycle = c.id) AS stages
FROM cycle c WHERE c.id IN (SELECT cycle FROM shared_objective WHERE id = ANY ($1))
"""
PARTS: Final = {
    "agreements": AGREEMENTS,
    "disputes": DISPUTES,
    "progress": PROGRESS,
    "assessments": ASSESSMENTS,
    "recognitions": RECOGNITIONS,
    "names": NAMES,
    "departments": DEPARTMENTS,
    "cycles": CYCLES,
}
Row = Mapping[str, Any]
Rows = Mapping[str, Collection[Row]]


@dataclass(frozen=True, slots=True)
class Year:
    """The cycle that an objective is set in."""

    year: int
    framework: Framework
    is_open: bool
    """Whether what its objectives say may still change."""
    assessed_from: datetime


@dataclass(frozen=True, slots=True)
class Whole:
    """One objective with all that came of it, as one person sees it."""

    fact: ObjectiveFact
    standing: Standing
    sight: Sight
    says: ObjectiveOut
    agreements: AgreementsOut
    disputes: Sequence[DisputeOut]
    raised_by: Mapping[UUID, UUID]
    """Who raised each dispute, seen or not."""
    progress: ProgressOut
    assessments: AssessmentsOut
    assessed: Sequence[Row]
    """The assessments of the outcome, as they are stored."""
    recognitions: Sequence[RecognitionOut]
    departments: Mapping[str, str]
    """What each party is called, by its code."""
    cycle: Year

    @property
    def counting(self) -> set[Part]:
        """Return as what somebody agreed to what it says now."""
        given = self.agreements.given
        return {(a.capacity, a.contribution) for a in given if a.counts}


async def whole(id_: UUID, caller: SignedIn, now: datetime) -> Whole:
    """Return an objective that is there for the caller."""
    with within_reach(EVERYONE):  # Who answers for partners' people is looked up.
        async with transaction():
            fact, standing = await seen(id_, caller, now.date())
            sight = await sight_of([fact], standing, caller, now.date())
            rows = await together(PARTS, [fact.id])
    return _whole(fact, standing, sight, rows)


async def wholes(caller: SignedIn, now: datetime) -> list[Whole]:
    """Return the objectives that somebody has to do with; links are not followed."""
    with within_reach(EVERYONE):
        async with transaction():
            facts, standing = await of_person(caller, now.date())
            rows = await together(PARTS, [fact.id for fact in facts])
    return [
        _whole(fact, standing, sight_among([fact], standing, caller, frozenset()), rows)
        for fact in facts
    ]


def _whole(fact: ObjectiveFact, standing: Standing, sight: Sight, rows: Rows) -> Whole:
    once = {UUID(row["person"]): row["name"] for row in rows["names"]}
    sight = replace(sight, names={**once, **sight.names})
    own = {
        name: [row for row in rows[name] if str(fact.id) in _about(row)]
        for name in ("agreements", "disputes", "progress", "assessments",
                     "recognitions")
    }  # fmt: skip
    given = agreements_from(own["agreements"], [fact], standing, sight)[fact.id]
    counts = {(Capacity(a.capacity), a.contribution) for a in given if a.counts}
    (cycle,) = (row for row in rows["cycles"] if row["id"] == str(fact.cycle))
    (assessed,) = own["assessments"]
    return Whole(
        fact=fact,
        standing=standing,
        sight=sight,
        says=ObjectiveOut.of(fact, sight),
        agreements=AgreementsOut(
            given=given, outstanding=wanted_from(counts, fact, standing, sight)
        ),
        disputes=disputes_from(own["disputes"], [fact], standing, sight)[fact.id],
        raised_by={UUID(r["id"]): UUID(r["person"]) for r in own["disputes"]},
        progress=progress_from(own["progress"], sight)[fact.id],
        assessments=assessments_from(own["assessments"], sight)[fact.id],
        assessed=assessed["outcome"] or (),
        recognitions=recognitions_from(own["recognitions"], [fact.id], sight)[fact.id],
        departments={row["code"]: row["name"] for row in rows["departments"]},
        cycle=_year(cycle),
    )


def _about(row: Row) -> tuple[str, ...]:
    """Return the objective a row is about: its own id, where it is one itself."""
    return (row["objective"],) if "objective" in row else (row["id"],)


def _year(row: Row) -> Year:
    return Year(
        year=row["year"],
        framework=load(row["framework"]),
        is_open=row["state"] == CycleState.OPEN,
        assessed_from=datetime.fromisoformat(row["stages"][Stage.END_YEAR_ASSESSMENT]),
    )
