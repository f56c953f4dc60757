from typing import Any

import httpx
import pytest
from litestar import Controller, Litestar, Router, WebSocket, asgi, get, websocket
from litestar.exceptions import ImproperlyConfiguredException
from litestar.types import Receive, Send
from litestar.types import Scope as ASGIScope

from service.auth.caller import Scope
from service.auth.declared import check_declared, routes
from service.auth.guard import PUBLIC, Access, access_to, machine, person
from tests.auth.conftest import Service


@get("/open", security=PUBLIC)
async def is_open() -> None:
    pass


@get("/both", security=machine(Scope.SCORES_READ, Scope.PEOPLE_READ))
async def needs_both() -> None:
    pass


@get("/silent")
async def silent() -> None:
    pass


@get("/unknown", security=[{"oauth2": ["everything"]}])
async def unknown_scope() -> None:
    pass


@get("/empty", security=[{"oauth2": []}])
async def no_scope() -> None:
    pass


@get("/either", security=[*PUBLIC, *machine(Scope.SCORES_READ)])
async def either() -> None:
    pass


@get("/other", security=[{"basic": []}])
async def other_scheme() -> None:
    pass


@get("/more", security=[{"oauth2": ["scores:read"], "basic": []}])
async def two_schemes() -> None:
    pass


@get(
    "/two-machines", security=[*machine(Scope.SCORES_READ), *machine(Scope.PEOPLE_READ)]
)
async def two_machines() -> None:
    pass


@get("/bad-role", security=person("HR administrator"))
async def bad_role() -> None:
    pass


@get("/anyone-or", security=[*person(), *PUBLIC])
async def anyone_or_nobody() -> None:
    pass


@asgi("/asgi", copy_scope=True)
async def bare(scope: ASGIScope, receive: Receive, send: Send) -> None:
    pass


@websocket("/socket")
async def socket(socket: WebSocket[Any, Any, Any]) -> None:
    pass


class AddsUp(Controller):
    security = machine(Scope.PEOPLE_READ)

    @get("/adds-up", security=PUBLIC)
    async def get(self) -> None:
        pass


class OfTwoLayers(Controller):
    """Added up, these two would read as one declaration that serves both."""

    security = machine(Scope.PEOPLE_READ)

    @get("/of-two-layers", security=person())
    async def get(self) -> None:
        pass


class FromAbove(Controller):
    security = person()

    @get("/from-above")
    async def get(self) -> None:
        pass


def app_of(handler: Any) -> Litestar:  # noqa: ANN401 - any kind of handler
    return Litestar([handler], openapi_config=None)


@pytest.mark.parametrize(
    "handler",
    [
        silent,
        unknown_scope,
        no_scope,
        either,
        other_scheme,
        two_schemes,
        two_machines,
        bad_role,
        anyone_or_nobody,
        bare,
        socket,
        AddsUp,
        OfTwoLayers,
        FromAbove,
    ],
)
def test_a_route_without_one_declaration_stops_the_start(handler: object) -> None:
    with pytest.raises(ImproperlyConfiguredException, match="one declaration"):
        check_declared(app_of(handler))


def test_declared_routes_may_start() -> None:
    router = Router("/v1", route_handlers=[is_open, needs_both])
    app = app_of(router)
    check_declared(app)
    assert routes(app) == [
        ("GET", "/v1/both", "people:read scores:read"),
        ("GET", "/v1/open", "public"),
    ]


def test_a_silent_route_is_listed_as_such() -> None:
    assert access_to(silent) is access_to(bare) is None
    assert routes(app_of(silent)) == [("GET", "/silent", "UNDECLARED")]


def test_declarations_reach_the_openapi_document() -> None:
    app = Litestar([needs_both, is_open])
    paths = app.openapi_schema.to_schema()["paths"]
    assert paths["/both"]["get"]["security"] == [
        {"oauth2": ["scores:read", "people:read"]}
    ]
    assert paths["/open"]["get"]["security"] == [{}]
    assert access_to(needs_both) == Access(
        scopes=frozenset({Scope.SCORES_READ, Scope.PEOPLE_READ})
    )


@get("/people", security=person())
async def for_people() -> None:
    pass


@get("/roles", security=person("hr_administrator", "auditor"))
async def for_roles() -> None:
    pass


@get("/everyone", security=[*machine(Scope.SCORES_READ), *person("auditor")])
async def for_both() -> None:
    pass


def test_routes_for_people_and_for_both_are_listed_as_such() -> None:
    router = Router("/v1", route_handlers=[for_people, for_roles, for_both])
    app = app_of(router)
    check_declared(app)
    assert [access for _, _, access in routes(app)] == [
        "scores:read | person:auditor",
        "person",
        "person:auditor:hr_administrator",
    ]
    assert access_to(for_both) == Access(
        scopes=frozenset({Scope.SCORES_READ}), roles=frozenset({"auditor"})
    )


async def test_without_a_token_nobody_enters(service: Service) -> None:
    response = await service.client.get("/v1/probe")
    assert response.status_code == 401
    assert response.json()["slug"] == "not-signed-in"
    assert response.headers["www-authenticate"] == (
        'Bearer realm="joinedup", '
        'DPoP realm="joinedup", algs="ES256 PS256 EdDSA Ed25519"'
    )


async def test_a_token_without_the_scope_is_told_which(service: Service) -> None:
    response = await bearing(service, await service.token(Scope.PEOPLE_READ))
    assert response.status_code == 403
    assert response.json()["slug"] == "insufficient-scope"
    assert response.headers["www-authenticate"] == (
        'Bearer realm="joinedup", error="insufficient_scope", scope="scores:read"'
    )


async def test_a_route_registered_late_without_declaration_serves_nobody(
    service: Service,
) -> None:
    service.app.register(silent)
    response = await bearing(service, await service.token(), "/silent")
    assert response.status_code == 403
    assert ("GET", "/silent", "UNDECLARED") in routes(service.app)


async def test_unknown_routes_and_methods_keep_litestars_answer(
    service: Service,
) -> None:
    assert (await service.client.get("/v1/nothing")).status_code == 404
    refused = await service.client.delete("/v1/probe")
    assert refused.status_code == 405
    options = await service.client.options("/v1/probe")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, OPTIONS")


async def bearing(
    service: Service, token: str, path: str = "/v1/probe"
) -> httpx.Response:
    return await service.client.get(path, headers={"Authorization": f"Bearer {token}"})
