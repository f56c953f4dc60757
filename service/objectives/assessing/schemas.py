"""Assessments as callers send and see them.

The law: what is written about a contributor goes to those who see the contributor.
"""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from service.edge.outbound import AddressRefused, check_url
from service.objectives.assessing.rules import AssessedAs, AssessmentState, Verdict
from service.objectives.presenting import PersonOut, Shown
from service.objectives.schemas import Asked, Text
from service.records.combining import Attainment

LONGEST_LINK = 2000


def _a_link(url: str) -> str:
    """Refuse what the service would not fetch either, though it never fetches it."""
    try:
        check_url(url, loopback=False, longest=LONGEST_LINK)
    except AddressRefused as refused:
        raise ValueError(str(refused)) from None
    return url


Link = Annotated[
    str,
    Field(max_length=LONGEST_LINK, examples=["https://intranet.example/report.pdf"]),
    AfterValidator(_a_link),
]


class EvidenceIn(Asked):
    """A link to what shows it. The service never opens it."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    url: Link


class AssessmentIn(Asked):
    """How far something was attained, why, and what shows it."""

    attainment: Annotated[
        Attainment, Field(description="A minimum standard is met or not_met.")
    ]
    reasons: Text
    evidence: Annotated[tuple[EvidenceIn, ...], Field(max_length=20)] = ()


class CountersignatureIn(Asked):
    """What a partner manager says as they countersign."""

    comment: Annotated[str, Field(max_length=4000)] = ""


class EvidenceOut(Shown):
    """A link to what shows it."""

    title: str
    url: str


class AnswerOut(Shown):
    """What a partner manager said to an assessment."""

    verdict: Verdict
    capacity: AssessedAs = AssessedAs.PARTNER_MANAGER
    organisation: Annotated[str, Field(description="For which they answered.")]
    person: PersonOut | None
    comment: str
    at: datetime


class AssessmentOut(Shown):
    """One assessment of the outcome."""

    id: UUID
    number: int
    version: Annotated[int, Field(description="Of what was agreed.")]
    state: Annotated[
        AssessmentState, Field(description="It counts once it is countersigned.")
    ]
    capacity: AssessedAs = AssessedAs.OWNER_MANAGER
    organisation: Annotated[str, Field(description="Of the accountable owner.")]
    person: Annotated[PersonOut | None, Field(description="The assessor.")]
    attainment: Attainment
    reasons: str
    evidence: list[EvidenceOut]
    assessed_at: datetime
    answer: AnswerOut | None


class EpisodeOut(Shown):
    """One posting of the contributor in the appraisal year so far."""

    organisation: str
    title: str
    start: date
    end: Annotated[date, Field(description="The day after its last.")]
    working_days: int


class ContributionAssessmentOut(Shown):
    """One assessment of one contribution."""

    id: UUID
    contribution: UUID
    number: int
    version: Annotated[int, Field(description="Of what was agreed.")]
    current: Annotated[bool, Field(description="Whether none came after it.")]
    capacity: AssessedAs = AssessedAs.CONTRIBUTOR_MANAGER
    organisation: Annotated[str, Field(description="Of the contribution.")]
    person: Annotated[PersonOut | None, Field(description="The assessor.")]
    attainment: Annotated[
        Attainment | None, Field(description="Null where the contributor is not seen.")
    ]
    reasons: Annotated[
        str | None, Field(description="Null where the contributor is not seen.")
    ]
    evidence: Annotated[
        list[EvidenceOut] | None,
        Field(description="Null where the contributor is not seen."),
    ]
    exposure_days: Annotated[
        int | None,
        Field(
            description="Working days in post, none counted twice. Null where the"
            " contributor is not seen."
        ),
    ]
    episodes: Annotated[
        list[EpisodeOut] | None,
        Field(description="Null where the contributor is not seen."),
    ]
    assessed_at: datetime


class AssessmentsOut(Shown):
    """Every assessment of an objective, the first one first."""

    outcome: list[AssessmentOut]
    contributions: list[ContributionAssessmentOut]
