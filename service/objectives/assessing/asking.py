"""What the pages about assessments ask, and how they are drawn."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from service.errors import NotFound
from service.objectives import wording
from service.objectives.assessing.rules import Verdict
from service.objectives.assessing.schemas import AssessmentOut, EvidenceIn
from service.objectives.drawing import asked, called
from service.objectives.forms import LONGEST, TOO_LONG, needed
from service.objectives.presenting import PersonOut
from service.objectives.queries import ContributionFact
from service.objectives.reading import Whole
from service.objectives.rules import Kind
from service.objectives.schemas import Text
from service.records.combining import Attainment
from service.web.forms import Filled, Form
from service.web.language import mark, say
from service.web.pages import AnyRequest

MET_OR_NOT: Final = (Attainment.NOT_MET, Attainment.MET)
LONGEST_TITLE: Final = 200


def _links(written: object) -> object:
    """Read one link a line: its address, then what it is."""
    if not isinstance(written, str):
        return written
    pairs = [line.split(None, 1) for line in written.splitlines() if line.strip()]
    return [
        {"url": pair[0], "title": (pair[1] if len(pair) > 1 else pair[0])}
        for pair in pairs
    ]


class AssessmentForm(Form):
    """How far something was attained, why, and what shows it."""

    attainment: Attainment
    reasons: Text
    evidence: Annotated[
        tuple[EvidenceIn, ...] | None, BeforeValidator(_links), Field(max_length=20)
    ] = None


class AnswerForm(Form):
    """What a partner manager says to an assessment; an objection has a reason."""

    verdict: Verdict
    comment: Annotated[str, Field(max_length=LONGEST, validate_default=True)] = ""

    @field_validator("comment")
    @classmethod
    def _objects_with_a_reason(cls, comment: str, info: ValidationInfo) -> str:
        if info.data.get("verdict") == Verdict.OBJECTED and not comment:
            raise ValueError("an objection has a reason")
        return comment


ASSESSING: Final[Mapping[tuple[str, str], str]] = {
    ("attainment", "*"): mark("Choose how far it was met"),
    **needed("reasons", mark("Enter your reasons")),
    ("evidence", "*"): mark(
        "Write each link on a line of its own: an address that begins with https://,"
        " then what it is"
    ),
}
ANSWERING: Final[Mapping[tuple[str, str], str]] = {
    ("verdict", "*"): mark("Choose whether you countersign"),
    ("comment", "value_error"): mark("Enter why you object"),
    ("comment", "*"): TOO_LONG,
}
WRONG: Final[Mapping[str, str]] = {"objective-standard-not-rated": "attainment"}


def outcome(
    request: AnyRequest, it: Whole, filled: Filled[AssessmentForm] | None
) -> Response[str]:
    """Ask how far the outcome of an objective was attained."""
    return _assessment(
        request,
        it,
        filled,
        title=say("Assess the outcome"),
        intro=[
            say("It counts once a manager of another department has countersigned it."),
        ],
        quote=it.says.outcome,
    )


def contribution(
    request: AnyRequest,
    it: Whole,
    part: ContributionFact,
    filled: Filled[AssessmentForm] | None,
) -> Response[str]:
    """Ask how far a contribution was made good."""
    department = it.departments.get(part.organisation, part.organisation)
    person = PersonOut.of(part.person, part.organisation, it.sight)
    name = called(person, department)
    return _assessment(
        request,
        it,
        filled,
        title=say("Assess this contribution"),
        intro=[say("What %(name)s contributes", name=name)],
        quote=part.commitment,
    )


def _assessment(
    request: AnyRequest,
    it: Whole,
    filled: Filled[AssessmentForm] | None,
    **about: Any,
) -> Response[str]:
    standard = it.fact.content.kind == Kind.MINIMUM_STANDARD
    items = [
        {"value": each.value, "text": say(wording.ATTAINMENTS[each])}
        for each in (MET_OR_NOT if standard else Attainment)
    ]
    return asked(
        request,
        it,
        filled,
        fields=[
            {
                "name": "attainment",
                "label": say("How far was it met?"),
                "choices": items,
            },
            {"name": "reasons", "label": say("Your reasons")},
            {
                "name": "evidence",
                "label": say("Links to what shows it (optional)"),
                "hint": say("One on each line: the address, then what it is."),
            },
        ],
        button=say("Save assessment"),
        **about,
    )


def assessment_of(it: Whole, id_: UUID) -> AssessmentOut:
    """Return an assessment of an objective's outcome; refuse an id that is none."""
    for each in it.assessments.outcome:
        if each.id == id_:
            return each
    raise NotFound(f"The objective has no assessment {id_}.")


def answer(
    request: AnyRequest,
    it: Whole,
    found: AssessmentOut,
    filled: Filled[AnswerForm] | None,
) -> Response[str]:
    """Ask whether a partner manager countersigns an assessment."""
    attained = say(wording.ATTAINMENTS[found.attainment])
    verdicts = {
        Verdict.COUNTERSIGNED: say("Countersign it"),
        Verdict.OBJECTED: say("Object to it"),
    }
    return asked(
        request,
        it,
        filled,
        title=say("Countersign or object"),
        intro=[say("The outcome was assessed as: %(attained)s.", attained=attained)],
        quote=found.reasons,
        fields=[
            {
                "name": "verdict",
                "label": say("Do you countersign this assessment?"),
                "choices": [
                    {"value": each.value, "text": text}
                    for each, text in verdicts.items()
                ],
            },
            {
                "name": "comment",
                "label": say("Comment"),
                "hint": say("Enter one if you object. Everyone in it can read it."),
            },
        ],
        button=say("Send answer"),
    )
