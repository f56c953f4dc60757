"""HTTP for shared objectives: declare, delegate, present."""

from typing import Annotated
from uuid import UUID, uuid4

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from service.access.rules import NotShared, within
from service.audit.actions import disclose
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.guard import machine, person
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.objectives import actions, queries
from service.objectives.rules import WrongStage
from service.objectives.schemas import AgreementIn, ObjectiveIn, ObjectiveOut
from service.records.queries import record_named
from service.settings import settings

Organisation = Annotated[
    str | None,
    Parameter(description="Code of one of the client's organisations."),
]
RecordName = Annotated[
    str,
    Parameter(description="The record's id, or source:external_record_id."),
]


class ObjectiveController(Controller):
    """Objectives that departments own together."""

    path = "/v1"
    tags = ("Objectives",)

    @get(
        "/records/{record:str}/objectives",
        operation_id="listObjectivesOfRecord",
        summary="List a record's shared objectives",
        security=machine(Scope.OBJECTIVES_READ),
    )
    async def of_record(
        self,
        record: FromPath[RecordName],
        caller: NamedDependency[Machine],
        organisation: FromQuery[Organisation] = None,
    ) -> list[ObjectiveOut]:
        """Return the record's own objectives and those its person contributes to."""
        scope = within(caller.organisations, organisation)
        async with transaction():
            on = await record_named(record, scope)
            facts = await queries.objectives(await queries.ids_on_record(on.id), scope)
            await disclose(
                caller,
                "objectives",
                [on.person],
                now=settings().clock(),
                purpose="appraisal record",
            )
        return [ObjectiveOut.of(fact) for fact in facts]

    @get(
        "/objectives/{objective:uuid}",
        operation_id="getObjective",
        summary="Get a shared objective",
        security=machine(Scope.OBJECTIVES_READ),
    )
    async def one(
        self,
        objective: FromPath[UUID],
        caller: NamedDependency[Machine],
    ) -> ObjectiveOut:
        """Return an objective that the client's organisations are party to."""
        return ObjectiveOut.of(await queries.objective(objective, caller.organisations))

    @post(
        "/records/{record:str}/objectives",
        operation_id="proposeObjective",
        summary="Propose a shared objective",
        security=machine(Scope.OBJECTIVES_WRITE),
    )
    async def share(
        self,
        record: FromPath[RecordName],
        data: JSONBody[ObjectiveIn],
        caller: NamedDependency[Machine],
        organisation: FromQuery[Organisation] = None,
    ) -> ObjectiveOut:
        """Draft an objective on the record and send it for everyone's agreement."""
        now = settings().clock()
        async with transaction():
            on = await record_named(record, within(caller.organisations, organisation))
            with within_reach(EVERYONE):  # Partners' people are found and checked.
                proposed = await actions.draft_and_propose(
                    on, data, id_=uuid4(), caller=caller, now=now
                )
        return ObjectiveOut.of(proposed)

    @post(
        "/objectives/{objective:uuid}/agreements",
        operation_id="agreeToObjective",
        summary="Agree to a shared objective",
        security=person(),
        opt={"refuses": (NotShared, WrongStage)},
    )
    async def agree(
        self,
        objective: FromPath[UUID],
        data: JSONBody[AgreementIn],
        caller: NamedDependency[SignedIn],
    ) -> ObjectiveOut:
        """Agree in every capacity you hold; the last agreement makes it agreed."""
        with within_reach(EVERYONE):  # Partners' people and managers are looked up.
            agreed = await actions.agree(
                objective,
                comment=data.comment,
                caller=caller,
                now=settings().clock(),
            )
        return ObjectiveOut.of(agreed)
