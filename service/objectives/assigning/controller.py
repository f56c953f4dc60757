"""HTTP for assigning to many, and for copies: declare, delegate, present."""

from typing import Final
from uuid import UUID, uuid4

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, SkipValidation

from service.access.rules import NotShared
from service.auth.caller import Scope
from service.auth.guard import Anyone, machine, person
from service.directory.rules import AmbiguousIdentifier
from service.errors import NotFound
from service.objectives.assigning import copying
from service.objectives.assigning.actions import RecordsRefused, assign
from service.objectives.assigning.copying import (
    CarryRaters,
    ContinuedAlready,
    DoesNotContinue,
    NoRecord,
    PeopleLeft,
)
from service.objectives.assigning.schemas import (
    AssignedOut,
    BulkIn,
    BulkOut,
    CopyIn,
)
from service.objectives.drafting import BadAlignment
from service.objectives.presenting import ObjectiveOut
from service.objectives.rules import BadContributors, NotYours
from service.objectives.showing import done
from service.objectives.stages import Stage, WrongStage
from service.records.whose import organisations_of
from service.settings import settings

WRITE: Final = [*machine(Scope.OBJECTIVES_WRITE), *person()]
LARGEST: Final = 5_000_000
"""Bytes of a body that assigns to many."""


class AssigningController(Controller):
    """Objectives assigned to many records, and copied to others."""

    path = "/v1/objectives"
    tags = ("Objectives",)

    @post(
        "/bulk",
        operation_id="assignObjective",
        summary="Assign an objective to many records",
        security=WRITE,
        request_max_body_size=LARGEST,
        opt={
            "idempotency_required": True,
            "refuses": (NotFound, RecordsRefused, BadContributors, BadAlignment),
        },
    )
    async def assign(self, data: JSONBody[BulkIn], caller: Anyone) -> BulkOut:
        """Set one objective on each record, all of them or none.

        A refusal names every record that is wrong, with what to do. A line manager
        names the records of their own reports; an HR system those of its organisations.
        """
        template, cases = await assign(
            data,
            call=uuid4(),
            organisations=organisations_of(caller),
            caller=caller,
            now=settings().clock(),
        )
        stage = Stage(data.stage)
        return BulkOut(
            template=template,
            items=[
                AssignedOut(
                    record=case.wanted.on.id, objective=case.wanted.id, stage=stage
                )
                for case in cases
            ],
        )

    @post(
        "/{objective:uuid}/copies",
        operation_id="copyObjective",
        summary="Copy an objective to another record, or go on with it",
        security=WRITE,
        responses={
            201: ResponseSpec(
                ObjectiveOut, generate_examples=False, description="The copy."
            )
        },
        opt={
            "refuses": (
                NotShared,
                NotYours,
                WrongStage,
                ContinuedAlready,
                AmbiguousIdentifier,
                NoRecord,
                PeopleLeft,
                DoesNotContinue,
            )
        },
    )
    async def copy(
        self,
        objective: FromPath[UUID],
        data: JSONBody[CopyIn],
        caller: Anyone,
        carry_raters: NamedDependency[SkipValidation[CarryRaters]],
    ) -> Response[bytes]:
        """Set an objective on another record that says the same as this one.

        What continues keeps its lineage, with what is not yet met. On a record of the
        same person their proposals for raters go with it. What it is aligned to does
        not.
        """
        copied = await copying.copy(
            objective,
            data,
            new_id=uuid4(),
            organisations=organisations_of(caller),
            carry_raters=carry_raters,
            caller=caller,
            now=settings().clock(),
        )
        return await done(copied, caller)
