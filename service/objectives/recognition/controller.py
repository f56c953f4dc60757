"""HTTP for thanks between departments: declare, delegate, present."""

from uuid import UUID, uuid4

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from service.access.rules import NotShared
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.objectives.recognition import actions, rules
from service.objectives.recognition.queries import recognitions_of
from service.objectives.recognition.schemas import RecognitionIn, RecognitionOut
from service.objectives.rules import NotYours
from service.objectives.showing import looked_at
from service.objectives.stages import WrongStage
from service.settings import settings


class RecognitionController(Controller):
    """Thanks from one department to a contributor of another."""

    path = "/v1/objectives/{objective:uuid}/recognitions"
    tags = ("Objectives",)

    @get(
        operation_id="listRecognitions",
        summary="List the thanks that contributors got",
        security=[*machine(Scope.OBJECTIVES_READ), *person()],
    )
    async def recognitions(
        self, objective: FromPath[UUID], caller: Anyone
    ) -> list[RecognitionOut]:
        """Return the thanks given to contributors, the first first."""
        return await _all(objective, caller)

    @post(
        operation_id="thankContributor",
        summary="Thank a contributor of another organisation",
        security=person(),
        opt={
            "refuses": (
                NotShared,
                NotYours,
                WrongStage,
                rules.ThanksOwn,
                rules.ThankedAlready,
            )
        },
    )
    async def recognise(
        self,
        objective: FromPath[UUID],
        data: JSONBody[RecognitionIn],
        caller: NamedDependency[SignedIn],
    ) -> RecognitionOut:
        """Thank them for your organisation, once a quarter; it is on their record."""
        new = uuid4()
        await actions.recognise(
            objective,
            data.contribution,
            text=data.text,
            new=new,
            caller=caller,
            now=settings().clock(),
        )
        found = await _all(objective, caller)
        return next(each for each in found if each.id == new)


async def _all(objective: UUID, caller: Machine | SignedIn) -> list[RecognitionOut]:
    async with looked_at(objective, caller, "recognitions") as (_, _, sight):
        return (await recognitions_of([objective], sight))[objective]
