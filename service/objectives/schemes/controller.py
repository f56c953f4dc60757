"""HTTP for public schemes of priorities: declare, delegate, present."""

from litestar import Controller, get
from litestar.params import FromPath

from service.auth.caller import Scope
from service.auth.guard import machine, person
from service.errors import NotFound
from service.objectives.priorities import Scheme, schemes

READ = [*machine(Scope.OBJECTIVES_READ), *person()]


class PriorityController(Controller):
    """What objectives can be linked to."""

    path = "/v1/priority-schemes"
    tags = ("Objectives",)

    @get(
        operation_id="listPrioritySchemes",
        summary="List the public schemes of priorities",
        security=READ,
    )
    async def all(self) -> list[Scheme]:
        """Return every scheme, with its source and how sure we are of it."""
        return [*schemes()]

    @get(
        "/{scheme:str}",
        operation_id="getPriorityScheme",
        summary="Get a public scheme of priorities",
        security=READ,
    )
    async def one(self, scheme: FromPath[str]) -> Scheme:
        """Return one scheme by its code."""
        for each in schemes():
            if each.code == scheme:
                return each
        raise NotFound(f"No scheme {scheme}.")
