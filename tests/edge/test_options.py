"""What an address allows, and what a question means."""

import httpx
import pytest
from litestar import Litestar

from service.auth.caller import Scope
from service.auth.declared import routes
from tests.factories import a_department, a_token


@pytest.fixture
async def headers(client: httpx.AsyncClient) -> dict[str, str]:
    await a_department("hmt")
    return await a_token(client, "hmt", scopes=[*Scope])


async def test_options_names_every_method_of_an_address(
    app: Litestar, client: httpx.AsyncClient
) -> None:
    served: dict[str, set[str]] = {}
    for method, path, _ in routes(app):
        served.setdefault(path, {"OPTIONS"}).add(method)
        if method == "GET":
            served[path].add("HEAD")
    assert any(len(methods) > 2 for methods in served.values())

    for path, methods in served.items():
        answer = await client.options(path.replace("{", "").replace("}", ""))
        if answer.status_code == 204:
            assert {*answer.headers["allow"].split(", ")} >= methods, path


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/records"])
@pytest.mark.parametrize("question", ["limit=null", "cycle=null", "limit=5&limit=null"])
async def test_null_is_not_taken_for_left_out(
    client: httpx.AsyncClient, headers: dict[str, str], path: str, question: str
) -> None:
    answer = await client.get(f"{path}?{question}", headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == question.partition("=")[0]


async def test_a_person_may_be_called_null(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.get("/v1/people?query=null", headers=headers)

    assert answer.status_code == 200, answer.text
