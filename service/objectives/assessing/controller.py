"""HTTP for assessments: declare, delegate, present."""

from uuid import UUID, uuid4

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from service.access.rules import NotShared
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.objectives.assessing import actions, rules
from service.objectives.assessing.queries import assessments_of
from service.objectives.assessing.schemas import (
    AssessmentIn,
    AssessmentOut,
    AssessmentsOut,
    ContributionAssessmentOut,
    CountersignatureIn,
)
from service.objectives.rules import NotYours
from service.objectives.schemas import ReasonIn
from service.objectives.showing import looked_at
from service.objectives.stages import WrongStage
from service.records.combining import StandardIsNotRated
from service.settings import settings

READ = [*machine(Scope.OBJECTIVES_READ), *person()]
REFUSES = (
    NotShared,
    NotYours,
    WrongStage,
    rules.AssessmentDisputed,
)


class AssessmentController(Controller):
    """How far an objective was attained."""

    path = "/v1/objectives/{objective:uuid}"
    tags = ("Objectives",)

    @get(
        "/assessments",
        operation_id="listAssessments",
        summary="List the assessments of an objective",
        security=READ,
    )
    async def assessments(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> AssessmentsOut:
        """Return every assessment of the outcome and of the contributions."""
        return await _all(objective, caller)

    @post(
        "/assessments",
        operation_id="assessObjective",
        summary="Assess the outcome of an objective",
        security=person(),
        opt={
            "refuses": (
                *REFUSES,
                rules.TooEarlyToAssess,
                rules.AssessmentWaits,
                rules.NobodyCountersigns,
                StandardIsNotRated,
            )
        },
    )
    async def assess(
        self,
        objective: FromPath[UUID],
        data: JSONBody[AssessmentIn],
        caller: NamedDependency[SignedIn],
    ) -> AssessmentOut:
        """Assess it for its accountable owner; a partner manager countersigns."""
        new = uuid4()
        await actions.assess(
            objective, data, new=new, caller=caller, now=settings().clock()
        )
        return await _outcome(objective, new, caller)

    @post(
        "/assessments/{assessment:uuid}/countersignature",
        operation_id="countersignAssessment",
        summary="Countersign an assessment",
        security=person(),
        opt={"refuses": (*REFUSES, rules.AssessmentSettled)},
    )
    async def countersign(
        self,
        objective: FromPath[UUID],
        assessment: FromPath[UUID],
        data: JSONBody[CountersignatureIn],
        caller: NamedDependency[SignedIn],
    ) -> AssessmentOut:
        """Countersign it for another organisation: the objective is assessed."""
        await actions.countersign(
            objective,
            assessment,
            comment=data.comment,
            caller=caller,
            now=settings().clock(),
        )
        return await _outcome(objective, assessment, caller)

    @post(
        "/assessments/{assessment:uuid}/objection",
        operation_id="objectToAssessment",
        summary="Refuse to countersign an assessment",
        security=person(),
        opt={"refuses": (NotShared, NotYours, rules.AssessmentSettled)},
    )
    async def object_to(
        self,
        objective: FromPath[UUID],
        assessment: FromPath[UUID],
        data: JSONBody[ReasonIn],
        caller: NamedDependency[SignedIn],
    ) -> AssessmentOut:
        """Send it back to the assessor with the reason, to be assessed anew."""
        await actions.object_to(
            objective,
            assessment,
            reason=data.reason,
            caller=caller,
            now=settings().clock(),
        )
        return await _outcome(objective, assessment, caller)

    @post(
        "/contributions/{contribution:uuid}/assessments",
        operation_id="assessContribution",
        summary="Assess a contribution",
        security=person(),
        opt={"refuses": (*REFUSES, rules.TooEarlyToAssess, StandardIsNotRated)},
    )
    async def assess_contribution(
        self,
        objective: FromPath[UUID],
        contribution: FromPath[UUID],
        data: JSONBody[AssessmentIn],
        caller: NamedDependency[SignedIn],
    ) -> ContributionAssessmentOut:
        """Assess what your own report contributed; again, until it is closed."""
        new = uuid4()
        await actions.assess_contribution(
            objective,
            contribution,
            data,
            new=new,
            caller=caller,
            now=settings().clock(),
        )
        found = (await _all(objective, caller)).contributions
        return next(each for each in found if each.id == new)


async def _all(objective: UUID, caller: Machine | SignedIn) -> AssessmentsOut:
    async with looked_at(objective, caller, "assessments") as (_, _, sight):
        return (await assessments_of([objective], sight))[objective]


async def _outcome(
    objective: UUID, assessment: UUID, caller: SignedIn
) -> AssessmentOut:
    found = (await _all(objective, caller)).outcome
    return next(each for each in found if each.id == assessment)
