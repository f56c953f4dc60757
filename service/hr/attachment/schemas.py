"""The whole attachment of an appraisal record, as HR systems and people read it."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from service.hr.schemas import CollaborationScore, Decision
from service.objectives.agreement.schemas import AgreementOut, DisputeOut
from service.objectives.assessing.schemas import AssessmentsOut
from service.objectives.presenting import ObjectiveOut
from service.objectives.progress.schemas import ProgressOut
from service.objectives.recognition.schemas import RecognitionOut
from service.records.combining import Attainment, Reason
from service.records.schemas import RecordOut
from service.records.weights import Standing


class Shown(BaseModel):
    """What a caller is shown."""

    model_config = ConfigDict(frozen=True)


class Place(StrEnum):
    """Why an objective is on a record."""

    OWN = "own"
    """The record's person is its subject."""
    CONTRIBUTION = "contribution"
    """The record's person contributes to it."""


class AttachedObjective(Shown):
    """A shared objective with all that came of it."""

    place: Place
    objective: ObjectiveOut
    agreements: Annotated[
        list[AgreementOut], Field(description="Those given, the first one first.")
    ]
    disputes: list[DisputeOut]
    progress: ProgressOut
    assessments: AssessmentsOut
    recognitions: list[RecognitionOut]


class ElementOut(Shown):
    """What an element of the framework weighs on this record."""

    element: str
    weight: Annotated[int, Field(description="Whole percent.")]
    minimum: int | None
    maximum: int | None
    standing: Standing


class CombinedOut(Shown):
    """What the record's assessed objectives combine to: evidence, never a marking."""

    rule: str
    score: Annotated[int | None, Field(description="Weighted alone: 100 to 500.")]
    level: Annotated[str | None, Field(description="Of the framework's scale.")]
    attainment: Attainment | None
    reason: Annotated[Reason | None, Field(description="Why there is no result.")]
    assessed: int
    of: int
    missing: list[str]
    outside: Annotated[
        list[str], Field(description="What the framework has no place for.")
    ]
    decided_by: list[str]


class LinksOut(Shown):
    """Where the parts of the attachment are."""

    self: str
    objectives: str
    cycle: str
    score: Annotated[
        str | None, Field(description="For HR systems, once it is published.")
    ]


class AttachmentOut(RecordOut):
    """What this service attaches to one appraisal of an HR system, whole."""

    objectives: Annotated[
        list[AttachedObjective], Field(description="The record's own first, by title.")
    ]
    elements: Annotated[
        list[ElementOut], Field(description="Empty where the framework weighs nothing.")
    ]
    combined: CombinedOut
    score: Annotated[
        CollaborationScore | None, Field(description="Null until it is published.")
    ]
    decision: Decision | None
    links: LinksOut


def link_to(issuer: str, *parts: str | UUID) -> str:
    """Return the absolute address of a part of the API."""
    return "/".join([issuer.rstrip("/"), "v1", *map(str, parts)])
