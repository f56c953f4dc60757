"""HTTP for the clients of an HR administrator's organisation."""

from typing import Annotated, Final

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, Parameter

from service.access import client_actions
from service.access.rules import Role
from service.access.schemas import ClientIn, ClientOut, CredentialsOut, RotationIn
from service.auth.caller import SignedIn
from service.auth.credentials import AnotherMethod, ClientIsDisabled, TooManySecrets
from service.auth.guard import person
from service.auth.rules import ClientUnacceptable
from service.edge.idempotency import UNKEPT, AnswerNotKept
from service.edge.outbound import AddressRefused
from service.settings import settings

Caller = NamedDependency[SignedIn]
ClientId = Annotated[
    str, Parameter(min_length=1, max_length=64, description="The client's id.")
]
ADMINISTRATOR: Final = person(Role.HR_ADMINISTRATOR)


class ClientController(Controller):
    """HR systems that may ask for tokens of one organisation."""

    path = "/v1/clients"
    tags = ("Clients",)

    @get(
        operation_id="listClients",
        summary="List the organisation's clients",
        security=ADMINISTRATOR,
    )
    async def all(self, caller: Caller) -> list[ClientOut]:
        """Return the clients that serve the administrator's organisation alone."""
        found = await client_actions.clients_of(caller, settings().clock())
        return [ClientOut.of(one) for one in found]

    @post(
        operation_id="createClient",
        summary="Register a client",
        security=ADMINISTRATOR,
        opt={
            UNKEPT: True,
            "refuses": (ClientUnacceptable, AddressRefused, AnswerNotKept),
        },
        responses={
            201: ResponseSpec(
                CredentialsOut,
                generate_examples=False,
                description="It is registered; its secret is told only here.",
            )
        },
    )
    async def create(
        self, caller: Caller, data: JSONBody[ClientIn]
    ) -> Response[CredentialsOut]:
        """Register a client for the administrator's organisation.

        Sent again under the same Idempotency-Key, it registers no other; but as the
        secret is kept nowhere, it is answered 409 with the client's Location.
        """
        made = await client_actions.create(data, caller, settings().clock())
        return Response(
            made,
            status_code=201,
            headers={"Location": f"/v1/clients/{made.client_id}"},
        )

    @get(
        "/{client:str}",
        operation_id="getClient",
        summary="Get a client",
        security=ADMINISTRATOR,
    )
    async def one(self, caller: Caller, client: FromPath[ClientId]) -> ClientOut:
        """Return one of the organisation's clients; never a secret."""
        found = await client_actions.client_of(client, caller, settings().clock())
        return ClientOut.of(found)

    @post(
        "/{client:str}/secrets",
        operation_id="rotateClientSecret",
        summary="Give a client a new secret",
        security=ADMINISTRATOR,
        opt={
            UNKEPT: True,
            "refuses": (
                AnotherMethod,
                ClientIsDisabled,
                TooManySecrets,
                AnswerNotKept,
            ),
        },
        responses={
            201: ResponseSpec(
                CredentialsOut,
                generate_examples=False,
                description="The new secret, told only here.",
            )
        },
    )
    async def rotate(
        self, caller: Caller, client: FromPath[ClientId], data: JSONBody[RotationIn]
    ) -> Response[CredentialsOut]:
        """Make a new secret; those it has go on working for as long as you say."""
        made = await client_actions.rotate(
            client, data.keep_days, caller, settings().clock()
        )
        return Response(
            made, status_code=201, headers={"Location": f"/v1/clients/{client}"}
        )

    @delete(
        "/{client:str}",
        operation_id="disableClient",
        summary="Disable a client",
        security=ADMINISTRATOR,
    )
    async def disable(self, caller: Caller, client: FromPath[ClientId]) -> None:
        """Refuse it new tokens now, and those it has within seconds."""
        await client_actions.disable(client, caller, settings().clock())
