"""Answers one SCIM request, whole, in one transaction.

The law: what a client is told of people is disclosed in the transaction that reads it.
"""

from typing import Any, Final

from scim2_models import Context, InvalidSyntaxException, Resource, ResponseParameters
from scim2_server.handler import AsyncScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from service.audit.actions import disclose
from service.db import transaction
from service.directory.provisioning.actions import Asking
from service.directory.provisioning.schemas import PROVIDER
from service.directory.provisioning.storage import People
from service.edge.strict_json import check_json

SEARCH: Final = "/.search"
PURPOSE: Final = "provisioning"


class Protocol(ScimService):
    """SCIM's protocol, as identity providers like it best."""

    def patch_response(
        self,
        base_url: str,
        resource: Resource[Any],
        response_parameters: ResponseParameters[Any],
    ) -> ScimResponse:
        """Answer a PATCH with the whole resource; Entra ID and Okta read it."""
        return self.resource_response(
            self.publish(base_url, resource),
            Context.RESOURCE_REPLACEMENT_RESPONSE,
            response_parameters,
        )


PROTOCOL: Final = Protocol(PROVIDER)


async def serve(request: ScimRequest, asking: Asking) -> ScimResponse:
    """Do what is asked, or raise what refuses it and undoes all of it."""
    if request.body:
        check_json(request.body)
    reading = request.method == "GET" or request.path.endswith(SEARCH)
    async with transaction() as connection:
        people = People(connection, asking, writing=not reading)
        try:
            answer = await AsyncScimHandler(PROTOCOL, people).handle(request)
        except RecursionError:
            raise InvalidSyntaxException(detail="It is nested too deeply.") from None
        if people.shown and answer.body is not None:
            await disclose(
                asking.caller,
                "provisioned users",
                people.shown,
                now=asking.now,
                purpose=PURPOSE,
            )
    return answer
