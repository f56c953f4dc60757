"""HTTP for shared objectives: declare, delegate, present."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Controller, Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from service.auth.caller import Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.edge.conditional import require_match
from service.errors import PreconditionRequired, Stale
from service.objectives import actions, history
from service.objectives.audience import of_person, of_record, sight_of
from service.objectives.history import StepOut, VersionOut
from service.objectives.naming import WRONG_STATEMENTS
from service.objectives.presenting import ContributionOut, ObjectiveOut
from service.objectives.rules import NotYours
from service.objectives.schemas import ChangeIn, NewObjectiveIn, ReasonIn
from service.objectives.showing import (
    done,
    looked_at,
    shown,
    told_of,
)
from service.objectives.stages import WrongStage
from service.records.whose import record_for
from service.settings import settings

Asked = Request[Any, Any, Any]
READ = [*machine(Scope.OBJECTIVES_READ), *person()]
WRITE = [*machine(Scope.OBJECTIVES_WRITE), *person()]
Organisation = Annotated[
    str | None,
    Parameter(description="Code of one of the caller's organisations."),
]
RecordName = Annotated[
    str,
    Parameter(description="The record's id, or source:external_record_id."),
]
ONE = {
    200: ResponseSpec(
        ObjectiveOut, generate_examples=False, description="The objective."
    )
}
SET = {
    201: ResponseSpec(
        ObjectiveOut, generate_examples=False, description="The objective, as set."
    )
}
MOVES = {"refuses": (NotYours, WrongStage)}
PROPOSES = {"refuses": (NotYours, WrongStage, *WRONG_STATEMENTS)}
CHANGES = {
    "refuses": (NotYours, WrongStage, Stale, PreconditionRequired, *WRONG_STATEMENTS)
}


class ObjectiveController(Controller):
    """Objectives that departments own together."""

    path = "/v1"
    tags = ("Objectives",)

    @get(
        "/records/{record:str}/objectives",
        operation_id="listObjectivesOfRecord",
        summary="List a record's shared objectives",
        security=READ,
    )
    async def of_record(
        self,
        record: FromPath[RecordName],
        caller: Anyone,
        organisation: FromQuery[Organisation] = None,
    ) -> list[ObjectiveOut]:
        """Return the record's own objectives and those its person contributes to.

        A person is shown those they are party to.
        """
        day = settings().clock().date()
        async with transaction():
            on = await record_for(record, caller, organisation, day)
            with within_reach(EVERYONE):
                facts, standing = await of_record(on, caller, day)
                sight = await sight_of(facts, standing, caller, day)
                await told_of(facts, caller, "objectives")
        return [ObjectiveOut.of(fact, sight) for fact in facts]

    @get(
        "/objectives",
        operation_id="listOwnObjectives",
        summary="List the objectives you have to do with",
        security=person(),
    )
    async def own(
        self,
        caller: NamedDependency[SignedIn],
        waiting: FromQuery[  # noqa: FBT002 - a parameter of the query, always named
            Annotated[
                bool, Parameter(description="Only those that wait for your agreement.")
            ]
        ] = False,
    ) -> list[ObjectiveOut]:
        """Return those you are party to, as yourself or for whom you answer."""
        day = settings().clock().date()
        with within_reach(EVERYONE):
            async with transaction():
                facts, standing = await of_person(caller, day)
                if waiting:
                    facts = await history.waiting_for(caller, facts, standing)
                sight = await sight_of(facts, standing, caller, day)
        return [ObjectiveOut.of(fact, sight) for fact in facts]

    @get(
        "/objectives/{objective:uuid}",
        operation_id="getObjective",
        summary="Get a shared objective",
        security=READ,
        responses=ONE,
    )
    async def one(
        self, request: Asked, objective: FromPath[UUID], caller: Anyone
    ) -> Response[bytes]:
        """Return an objective that the caller is party to."""
        async with looked_at(objective, caller, "objectives") as (fact, _, sight):
            return shown(request, fact, sight)

    @post(
        "/records/{record:str}/objectives",
        operation_id="proposeObjective",
        summary="Set a shared objective",
        security=WRITE,
        responses=SET,
        opt={"refuses": WRONG_STATEMENTS},
    )
    async def share(
        self,
        record: FromPath[RecordName],
        data: JSONBody[NewObjectiveIn],
        caller: Anyone,
        organisation: FromQuery[Organisation] = None,
    ) -> Response[bytes]:
        """Draft an objective on the record; unless it stays one, put it to everyone."""
        async with transaction():
            now = settings().clock()
            on = await record_for(record, caller, organisation, now.date())
            made = await actions.set_objective(
                on, data, id_=uuid4(), caller=caller, now=now
            )
            return await done(made, caller)

    @put(
        "/objectives/{objective:uuid}",
        operation_id="changeObjective",
        summary="Change a shared objective",
        security=WRITE,
        responses=ONE,
        opt=CHANGES,
    )
    async def change(
        self,
        request: Asked,
        objective: FromPath[UUID],
        data: JSONBody[ChangeIn],
        caller: Anyone,
    ) -> Response[bytes]:
        """Say something else; what others agreed to is then theirs to agree to again.

        Send If-Match. The same again changes nothing.
        """
        changed = await actions.change(
            objective,
            data,
            reason=data.reason,
            caller=caller,
            now=settings().clock(),
            checked=lambda revision: require_match(request, revision),
        )
        return await done(changed, caller, status=200)

    @post(
        "/objectives/{objective:uuid}/proposals",
        operation_id="putObjectiveToOthers",
        summary="Put a draft to everyone whose agreement it needs",
        security=WRITE,
        responses=SET,
        opt=PROPOSES,
    )
    async def propose(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> Response[bytes]:
        """Put a draft, or what was sent back, to everyone who must agree."""
        now = settings().clock()
        return await done(
            await actions.propose(objective, caller=caller, now=now), caller
        )

    @post(
        "/objectives/{objective:uuid}/withdrawal",
        operation_id="withdrawObjective",
        summary="Withdraw a shared objective",
        security=WRITE,
        responses=SET,
        opt=MOVES,
    )
    async def withdraw(
        self, objective: FromPath[UUID], data: JSONBody[ReasonIn], caller: Anyone
    ) -> Response[bytes]:
        """Take it back for good; its parties may still read what it said."""
        withdrawn = await actions.withdraw(
            objective, reason=data.reason, caller=caller, now=settings().clock()
        )
        return await done(withdrawn, caller)

    @post(
        "/objectives/{objective:uuid}/closure",
        operation_id="closeObjective",
        summary="Close an assessed objective",
        security=WRITE,
        responses=SET,
        opt=MOVES,
    )
    async def close(self, objective: FromPath[UUID], caller: Anyone) -> Response[bytes]:
        """Close it: nothing of it changes any more."""
        now = settings().clock()
        return await done(
            await actions.close(objective, caller=caller, now=now), caller
        )

    @get(
        "/objectives/{objective:uuid}/contributions",
        operation_id="listContributions",
        summary="List who contributes what",
        security=READ,
    )
    async def contributions(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> list[ContributionOut]:
        """Return every contribution, the largest share first."""
        async with looked_at(objective, caller, "contributions") as (fact, _, sight):
            return [ContributionOut.of(part, sight) for part in fact.contributions]

    @get(
        "/objectives/{objective:uuid}/versions",
        operation_id="listVersions",
        summary="List what an objective has said",
        security=READ,
    )
    async def versions(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> list[VersionOut]:
        """Return every version: who stated it, when, and what changed."""
        day = settings().clock().date()
        async with looked_at(objective, caller, "versions") as seen:
            return await history.versions(*seen, caller, day)

    @get(
        "/objectives/{objective:uuid}/versions/{version:int}",
        operation_id="getVersion",
        summary="Get one version of an objective",
        security=READ,
    )
    async def version(
        self, objective: FromPath[UUID], version: FromPath[int], caller: Anyone
    ) -> VersionOut:
        """Return what the objective said in one version."""
        day = settings().clock().date()
        async with looked_at(objective, caller, "versions") as seen:
            found = await history.versions(*seen, caller, day)
            return history.version(found, version)

    @get(
        "/objectives/{objective:uuid}/steps",
        operation_id="listSteps",
        summary="List how an objective moved on",
        security=READ,
    )
    async def steps(self, objective: FromPath[UUID], caller: Anyone) -> list[StepOut]:
        """Return every step of the objective and its contributions, with reasons."""
        async with looked_at(objective, caller, "steps") as seen:
            return await history.steps(*seen, caller)
