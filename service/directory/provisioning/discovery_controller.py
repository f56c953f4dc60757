"""HTTP for what a SCIM client may find out about the service before it begins."""

import json
from typing import Annotated, Any, Final

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, Parameter

from service.auth.caller import Machine, Scope
from service.auth.guard import machine
from service.directory.provisioning.documented import Finds, Searches, answers
from service.directory.provisioning.failures import MEDIA_TYPE
from service.directory.provisioning.speaking import Asked, spoken

NO_GROUPS: Final = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    "totalResults": 0,
    "itemsPerPage": 0,
    "startIndex": 1,
    "Resources": [],
}
READS: Final = machine(Scope.PEOPLE_READ)

Name = Annotated[str, Parameter(description="Its id.")]
Client = NamedDependency[Machine]


class DiscoveryController(Controller):
    """What a SCIM client may find out about the service."""

    path = "/scim/v2"
    tags = ("Provisioning",)

    @get(
        "/ServiceProviderConfig",
        operation_id="getProvisioningConfig",
        summary="Get what provisioning offers",
        security=READS,
        responses=answers(200, "What is supported."),
    )
    async def config(self, request: Asked, caller: Client) -> Response[Any]:
        """Return which of SCIM's options there are."""
        return await spoken(request, caller)

    @get(
        "/ResourceTypes",
        operation_id="getResourceTypes",
        summary="List the kinds of resources",
        security=READS,
        responses=answers(200, "The kinds."),
    )
    async def types(self, request: Asked, caller: Client) -> Response[Any]:
        """Return the kinds of resources, with their addresses and schemas."""
        return await spoken(request, caller)

    @get(
        "/ResourceTypes/{resource_type:str}",
        operation_id="getResourceType",
        summary="Get a kind of resource",
        security=READS,
        responses=answers(200, "The kind."),
    )
    async def type(
        self,
        request: Asked,
        caller: Client,
        resource_type: FromPath[Name],  # noqa: ARG002 - read from the path by the library
    ) -> Response[Any]:
        """Return one kind of resource."""
        return await spoken(request, caller)

    @get(
        "/Schemas",
        operation_id="getSchemas",
        summary="List the schemas",
        security=READS,
        responses=answers(200, "The schemas."),
    )
    async def schemas(self, request: Asked, caller: Client) -> Response[Any]:
        """Return every attribute that is kept; all others are passed over."""
        return await spoken(request, caller)

    @get(
        "/Schemas/{schema:str}",
        operation_id="getSchema",
        summary="Get a schema",
        security=READS,
        responses=answers(200, "The schema."),
    )
    async def schema(
        self,
        request: Asked,
        caller: Client,
        schema: FromPath[Name],  # noqa: ARG002 - read from the path by the library
    ) -> Response[Any]:
        """Return one schema."""
        return await spoken(request, caller)

    @post(
        "/.search",
        status_code=200,
        operation_id="searchResources",
        summary="Find resources of any kind by a body",
        security=READS,
        operation_class=Searches,
        responses=answers(200, "A page of resources."),
    )
    async def search(self, request: Asked, caller: Client) -> Response[Any]:
        """Return what fits a filter; there are only users."""
        return await spoken(request, caller)

    @get(
        "/Groups",
        operation_id="findGroups",
        summary="Find groups, of which there are none",
        security=READS,
        operation_class=Finds,
        responses=answers(200, "An empty list."),
    )
    async def groups(self) -> Response[Any]:
        """Return an empty list, for those who test a connection by it."""
        return Response(json.dumps(NO_GROUPS).encode(), media_type=MEDIA_TYPE)
