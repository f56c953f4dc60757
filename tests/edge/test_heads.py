"""HEAD is answered as GET is, wherever that is, without the body."""

from typing import Any

import httpx
import pytest
from litestar import Litestar
from structlog.testing import capture_logs

from service.auth.declared import routes
from service.edge.heads import as_get, method_of
from tests.world import QUERIES, World, a_world

OWN = {"set-cookie", "ratelimit", "x-request-id"}
"""What differs from one answer to the next; that there is one is held all the same."""


@pytest.fixture
async def world(app: Litestar, client: httpx.AsyncClient) -> World:
    return await a_world(app, client)


def told(answer: httpx.Response) -> tuple[int, dict[str, str]]:
    """The status and headers of an answer, but for the values that are its own."""
    return answer.status_code, {
        name: "" if name in OWN else value for name, value in answer.headers.items()
    }


async def test_every_route_of_the_api_answers_head_as_it_answers_get(
    world: World,
) -> None:
    asked = [path for method, path in world.guarded if method == "GET"]
    assert len(asked) > 20
    for path in asked:
        got = await world.ask(("GET", path), world.insider)
        head = await world.ask(("HEAD", path), world.insider)

        assert told(head) == told(got), path
        assert got.content, path
        assert head.content == b"", path


async def test_every_open_address_answers_head_as_it_answers_get(
    app: Litestar, client: httpx.AsyncClient
) -> None:
    asked = {path for method, path, _ in routes(app) if method == "GET"}
    asked = {path for path in asked if "{" not in path}
    assert {"/", "/docs", "/livez", "/openapi.json", "/hr/clients"} <= asked
    for path in sorted(asked):
        client.cookies.clear()
        got = await client.get(path, params=QUERIES.get(path))
        client.cookies.clear()
        head = await client.head(path, params=QUERIES.get(path))

        assert told(head) == told(got), path
        assert head.content == b"", path


async def test_a_stream_has_no_byte_after_its_headers(world: World) -> None:
    lines = {**world.insider, "Accept": "application/x-ndjson"}
    head = await world.client.head("/v1/scores", headers=lines)

    assert head.status_code == 200
    assert head.headers["content-type"].startswith("application/x-ndjson")
    assert head.content == b""


async def test_what_answers_no_get_answers_no_head(client: httpx.AsyncClient) -> None:
    head = await client.head("/oauth/token")

    assert (head.status_code, head.content) == (405, b"")
    assert "HEAD" not in head.headers["allow"]


async def test_the_log_names_the_method_that_was_sent(
    client: httpx.AsyncClient,
) -> None:
    with capture_logs() as logs:
        await client.head("/openapi.json")

    assert [(line["method"], line["route"]) for line in logs] == [
        ("HEAD", "/openapi.json")
    ]


def test_so_does_a_proof_of_possession() -> None:
    scope: Any = {"type": "http", "method": "HEAD", "path": "/v1/scores", "state": {}}
    got: Any = {**scope, "method": "GET", "state": {}}
    served = as_get(scope)

    assert (served["method"], method_of(served)) == ("GET", "HEAD")
    assert method_of(got) == "GET"
