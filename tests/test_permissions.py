"""Every guarded route against everyone it must not serve, from the app's own list."""

from typing import Any

import httpx
import pytest
from litestar import Controller, Litestar, get
from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers.base import BaseRouteHandler

import service.app
from service.app import create_app
from service.auth.caller import Scope
from service.auth.dpop import CHALLENGE
from service.settings import Settings
from tests.conftest import ISSUER
from tests.factories import a_token
from tests.world import World, a_world

NOT_SERVED = {401, 403, 404, 405, 500}
"""What a caller is told whom a route does not serve, or who may not see the thing."""
WRITES_WITHOUT_A_NAME = {
    ("POST", "/v1/objectives/bulk"),
    ("POST", "/v1/objective-templates"),
    ("POST", "/scim/v2/Users"),
    ("POST", "/v1/webhooks"),
    ("POST", "/v1/exports"),
    ("GET", "/v1/changes/digest"),
}
"""What they write is the caller's own, or named in the body; or it is but a number."""
NOT_READY = {"GET /v1/exports/{export}/file"}
"""No worker has made it."""
COUNTS_ONES_OWN = {("GET", "/v1/changes/digest")}
NAMED_BY_A_PARAMETER = {
    "/v1/changes": [Scope.SCORES_READ],
    "/v1/changes/digest": [Scope.SCORES_READ],
}
"""What is asked for in `tests.world.QUERIES` needs its own scope as well."""


@pytest.fixture
async def world(app: Litestar, client: httpx.AsyncClient) -> World:
    return await a_world(app, client)


async def test_each_route_serves_whom_it_names(world: World) -> None:
    """Without this, what is refused below might be refused for another reason."""
    answers = await world.answers(world.insider)

    assert {
        route: status
        for route, status in answers.items()
        if status in NOT_SERVED
        or (route.startswith("GET") and status != 200 and route not in NOT_READY)
    } == {}
    assert len(answers) == len(world.guarded) >= 12


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({}, f'Bearer realm="joinedup", {CHALLENGE}'),
        (
            {"Authorization": "Basic bWU6eW91"},
            f'Bearer realm="joinedup", {CHALLENGE}',
        ),
        (
            {"Authorization": "Bearer garbage"},
            'Bearer realm="joinedup", error="invalid_token"',
        ),
        (
            {"Authorization": "Bearer a.b.c"},
            'Bearer realm="joinedup", error="invalid_token"',
        ),
    ],
    ids=["no token", "another scheme", "garbage", "three pieces of garbage"],
)
async def test_without_a_token_of_ours_no_route_serves(
    world: World, headers: dict[str, str], challenge: str
) -> None:
    for route in [*world.guarded, *world.personal]:
        answer = await world.ask(route, headers)

        assert (answer.status_code, answer.headers.get("www-authenticate")) == (
            401,
            challenge,
        ), route


async def test_a_token_that_was_tampered_with_is_garbage(world: World) -> None:
    scheme, token = world.insider["Authorization"].split()
    header, payload, signature = token.split(".")
    wider = payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB")
    headers = {"Authorization": f"{scheme} {header}.{wider}.{signature}"}

    assert set((await world.answers(headers)).values()) == {401}


async def test_a_token_without_the_scope_is_refused_by_name(world: World) -> None:
    for route, needed in world.guarded.items():
        others = [scope for scope in Scope if scope not in needed]
        headers = await a_token(world.client, "hmt", scopes=others)
        answer = await world.ask(route, headers)

        assert answer.status_code == 403, route
        if not route[1].startswith("/scim/"):
            assert answer.json()["type"].endswith("/problems/insufficient-scope")
        challenge = answer.headers["www-authenticate"]
        assert f'scope="{" ".join(sorted(needed))}"' in challenge


async def test_a_machine_is_refused_where_only_people_are_served(world: World) -> None:
    for route in world.personal:
        assert (await world.ask(route, world.insider)).status_code == 403, route


async def test_the_scopes_a_route_names_are_enough(world: World) -> None:
    for route, needed in world.guarded.items():
        if route[1].startswith(("/v1/webhooks", "/v1/exports/{export}")):
            continue  # They are no other client's; and a stream needs its own scope.
        scopes = {*needed, *NAMED_BY_A_PARAMETER.get(route[1], ())}
        headers = await a_token(world.client, "hmt", scopes=[*scopes])

        assert (await world.ask(route, headers)).status_code not in NOT_SERVED, route


async def test_another_department_is_told_that_nothing_is_there(world: World) -> None:
    answers = {route: await world.ask(route, world.outsider) for route in world.naming}

    assert {
        route: answer.status_code
        for route, answer in answers.items()
        if answer.status_code != 404
    } == {}


async def test_what_is_another_s_looks_as_what_does_not_exist(world: World) -> None:
    nothing = {
        name: value[:-1] + ("0" if value[-1] != "0" else "1")
        for name, value in world.things.items()
    }
    for route in world.naming:
        theirs = await world.ask(route, world.outsider)
        absent = await world.ask(route, world.outsider, nothing)

        assert _without_its_own(theirs) == _without_its_own(absent), route


def _without_its_own(answer: httpx.Response) -> tuple[Any, ...]:
    body = answer.json()
    for own in ("instance", "request_id"):
        body.pop(own, None)
    unlike = {"x-request-id", "content-length", "ratelimit"}
    headers = {k: v for k, v in answer.headers.items() if k not in unlike}
    return answer.status_code, body, headers


async def test_lists_hold_nothing_of_another_department(world: World) -> None:
    lists = world.guarded.keys() - {*world.naming, *world.everyones}
    for method, path in lists - WRITES_WITHOUT_A_NAME - COUNTS_ONES_OWN:
        theirs = (await world.ask((method, path), world.outsider)).json()

        ours = (await world.ask((method, path), world.insider)).json()

        items = "Resources" if path.startswith("/scim/") else "items"
        searched = method == "GET" or path.endswith("/.search")
        assert (searched, theirs[items]) == (True, []), path
        assert ours[items]


async def test_what_a_body_names_of_another_department_is_not_there(
    world: World,
) -> None:
    theirs = await world.ask(("POST", "/v1/objectives/bulk"), world.outsider)

    assert theirs.status_code == 422
    assert world.things["record"] not in theirs.text


async def test_naming_the_department_does_not_open_it(world: World) -> None:
    for path in ("/v1/scores", "/v1/records"):
        answer = await world.client.get(
            path, params={"organisation": "hmt"}, headers=world.outsider
        )

        assert answer.status_code == 404, path


# The same attacks on a service that is broken on purpose: they must then succeed.


async def test_without_the_guard_the_attacks_would_be_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lets_everyone_in(
        _: ASGIConnection[Any, Any, Any, Any], __: BaseRouteHandler
    ) -> None:
        pass

    monkeypatch.setattr(service.app, "enforce", lets_everyone_in)
    unguarded = create_app(Settings(), ISSUER)
    no_scope = await a_token(world.client, "hmt", scopes=[Scope.WEBHOOKS_WRITE])
    transport = httpx.ASGITransport(app=unguarded)  # type: ignore[arg-type] # Litestar's own
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as attacker:
        answers = {
            path: (await attacker.get(path, headers=no_scope)).status_code
            for path in ("/v1/scores", "/v1/records", "/v1/cycles")
        }

    assert set(answers.values()) == {200}


class Undeclared(Controller):
    path = "/v1/forgotten"

    @get()
    async def read(self) -> str:
        return "everything"


def test_a_service_with_an_undeclared_route_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service.app, "CONTROLLERS", (Undeclared,))

    with pytest.raises(ImproperlyConfiguredException, match="GET /v1/forgotten"):
        create_app(Settings(), ISSUER)
