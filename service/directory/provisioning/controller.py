"""HTTP for identity providers: the people whom they look after, over SCIM 2.0."""

from typing import Annotated, Any, Final

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, Parameter

from service.auth.caller import Machine, Scope
from service.auth.guard import machine
from service.directory.provisioning.documented import (
    Finds,
    Searches,
    Shows,
    TakesPatch,
    TakesUser,
    answers,
)
from service.directory.provisioning.speaking import Asked, spoken

READS: Final = machine(Scope.PEOPLE_READ)
WRITES: Final = machine(Scope.PEOPLE_WRITE)

UserId = Annotated[str, Parameter(description="The id that this service gave them.")]
Client = NamedDependency[Machine]


class UserController(Controller):
    """People whom an identity provider looks after."""

    path = "/scim/v2/Users"
    tags = ("Provisioning",)

    @get(
        operation_id="findUsers",
        summary="Find provisioned users",
        security=READS,
        operation_class=Finds,
        responses=answers(200, "A page of users."),
    )
    async def find(self, request: Asked, caller: Client) -> Response[Any]:
        """Return those who fit a filter, in the order in which they came."""
        return await spoken(request, caller)

    @post(
        "/.search",
        status_code=200,
        operation_id="searchUsers",
        summary="Find provisioned users by a body",
        security=READS,
        operation_class=Searches,
        responses=answers(200, "A page of users."),
    )
    async def search(self, request: Asked, caller: Client) -> Response[Any]:
        """Return those who fit a filter that is too long, or too telling, to address.

        What stands in an address may be logged on its way; a body is not.
        """
        return await spoken(request, caller)

    @post(
        operation_id="provisionUser",
        summary="Provision a user",
        security=WRITES,
        operation_class=TakesUser,
        responses=answers(201, "The user."),
    )
    async def provision(self, request: Asked, caller: Client) -> Response[Any]:
        """Have somebody looked after by the identity provider.

        Who is known already by the employee number, the HR system's id or the external
        id is that person; anybody else is new to the directory.
        """
        return await spoken(request, caller)

    @get(
        "/{user:str}",
        operation_id="getUser",
        summary="Get a provisioned user",
        security=READS,
        operation_class=Shows,
        responses=answers(200, "The user."),
    )
    async def one(
        self,
        request: Asked,
        caller: Client,
        user: FromPath[UserId],  # noqa: ARG002 - read from the path by the library
    ) -> Response[Any]:
        """Return what was said of a user last."""
        return await spoken(request, caller)

    @put(
        "/{user:str}",
        operation_id="describeUser",
        summary="Describe a user anew",
        security=WRITES,
        operation_class=TakesUser,
        responses=answers(200, "The user."),
    )
    async def describe(
        self,
        request: Asked,
        caller: Client,
        user: FromPath[UserId],  # noqa: ARG002 - read from the path by the library
    ) -> Response[Any]:
        """Say all that is said of a user; what is left out is taken back."""
        return await spoken(request, caller)

    @patch(
        "/{user:str}",
        operation_id="changeUser",
        summary="Change a user",
        security=WRITES,
        operation_class=TakesPatch,
        responses=answers(200, "The user."),
    )
    async def change(
        self,
        request: Asked,
        caller: Client,
        user: FromPath[UserId],  # noqa: ARG002 - read from the path by the library
    ) -> Response[Any]:
        """Change some of what is said of a user.

        Who is made inactive may not sign in from that moment on, and has left.
        """
        return await spoken(request, caller)

    @delete(
        "/{user:str}",
        operation_id="deprovisionUser",
        summary="Deprovision a user",
        security=WRITES,
        responses=answers(204, "They are looked after no more."),
    )
    async def deprovision(
        self,
        request: Asked,
        caller: Client,
        user: FromPath[UserId],  # noqa: ARG002 - read from the path by the library
    ) -> Response[None]:
        """Let a user go: they have left, and what was said of them is forgotten."""
        return await spoken(request, caller)
