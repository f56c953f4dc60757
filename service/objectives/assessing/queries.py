"""Assessments as read, of many objectives at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from service.db.together import together
from service.objectives.assessing.rules import Verdict, state_of
from service.objectives.assessing.schemas import (
    AnswerOut,
    AssessmentOut,
    AssessmentsOut,
    ContributionAssessmentOut,
)
from service.objectives.presenting import PersonOut, Sight

ASSESSMENTS: Final = """
SELECT o.id, o.terms,
    (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.number)
        FROM objective_assessment a WHERE a.objective = o.id) AS outcome,
    (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.assessed_at, c.organisation, c.number,
        c.id)
        FROM contribution_assessment c WHERE c.objective = o.id) AS contributions
FROM shared_objective o WHERE o.id = ANY ($1)
"""


async def assessments_of(
    ids: Collection[UUID], sight: Sight
) -> dict[UUID, AssessmentsOut]:
    """Return every assessment of each of these objectives, in one statement."""
    rows = await together({"found": ASSESSMENTS}, sorted(ids))
    return assessments_from(rows["found"], sight)


def assessments_from(
    rows: Collection[Mapping[str, Any]], sight: Sight
) -> dict[UUID, AssessmentsOut]:
    """Present rows of `ASSESSMENTS`, by objective."""
    return {
        UUID(row["id"]): AssessmentsOut(
            outcome=[
                _outcome(each, row["terms"], sight) for each in row["outcome"] or ()
            ],
            contributions=_contributions(row["contributions"] or (), sight),
        )
        for row in rows
    }


def _outcome(row: Mapping[str, Any], terms: int, sight: Sight) -> AssessmentOut:
    verdict = Verdict(row["verdict"]) if row["verdict"] else None
    return AssessmentOut.model_validate(
        {
            **row,
            "state": state_of(verdict, row["version"], terms),
            "person": PersonOut.of(UUID(row["assessor"]), row["works_in"], sight),
            "answer": _answer(row, sight) if verdict else None,
        }
    )


def _answer(row: Mapping[str, Any], sight: Sight) -> AnswerOut:
    return AnswerOut(
        verdict=row["verdict"],
        organisation=row["partner_organisation"],
        person=PersonOut.of(UUID(row["partner"]), row["partner_works_in"], sight),
        comment=row["comment"],
        at=row["answered_at"],
    )


def _contributions(
    rows: Sequence[Mapping[str, Any]], sight: Sight
) -> list[ContributionAssessmentOut]:
    newest = {row["contribution"]: row["number"] for row in rows}
    for row in rows:
        newest[row["contribution"]] = max(row["number"], newest[row["contribution"]])
    return [
        ContributionAssessmentOut.model_validate(
            {
                **row,
                **_about_the_contributor(row, sight),
                "current": row["number"] == newest[row["contribution"]],
                "person": PersonOut.of(UUID(row["assessor"]), row["works_in"], sight),
            }
        )
        for row in rows
    ]


def _about_the_contributor(row: Mapping[str, Any], sight: Sight) -> dict[str, Any]:
    """Return what tells of a person, and rates them, for who sees that one's people."""
    seen = sight.organisations is None or row["organisation"] in sight.organisations
    told = ("attainment", "reasons", "evidence", "exposure_days", "episodes")
    return {name: row[name] if seen else None for name in told}
