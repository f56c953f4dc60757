import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.edge.openapi import document
from tests.edge.small_app import ABOUT, ISSUER, small_app

NODE = Path(__file__).parents[1] / "node"
LINTERS = {
    "redocly": ["lint", "--config", str(NODE / "redocly.yaml")],
    "spectral": [
        "lint",
        "--ruleset",
        str(NODE / "spectral.yaml"),
        "--fail-severity",
        "warn",
    ],
}


@pytest.fixture(scope="module")
def drawn() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document(small_app(), ABOUT))
    return found


def test_the_same_code_gives_the_same_bytes() -> None:
    one, two = (document(small_app(), ABOUT) for _ in range(2))

    assert one == two
    assert one.endswith(b"}\n")
    assert json.dumps(json.loads(one), indent=1, sort_keys=True) == one.decode().strip()


def test_it_says_who_may_ask(drawn: dict[str, Any]) -> None:
    paths = drawn["paths"]

    assert paths["/livez"]["get"]["security"] == []
    assert paths["/v1/things"]["post"]["security"] == [{"oauth2": ["things:write"]}]
    flow = drawn["components"]["securitySchemes"]["oauth2"]["flows"]
    assert flow == {
        "clientCredentials": {
            "tokenUrl": f"{ISSUER}/oauth/token",
            "scopes": ABOUT.scopes,
        }
    }


def test_it_says_how_each_route_refuses(drawn: dict[str, Any]) -> None:
    paths = drawn["paths"]

    assert set(paths["/livez"]["get"]["responses"]) == {*("200", "400", "500", "503")}
    assert set(paths["/v1/things/{name}"]["put"]["responses"]) == (
        {*["200", "400", "401", "403", "404", "413", "415", "422", "429", "500", "503"]}
    )
    shared = paths["/v1/things"]["post"]["responses"]["422"]["$ref"]
    response = drawn["components"]["responses"][shared.rsplit("/", 1)[1]]
    problem = response["content"]["application/problem+json"]
    assert set(problem["examples"]) == {
        "invalid",
        "idempotency-mismatch",
        "test-too-much",
    }
    assert problem["examples"]["test-too-much"]["value"]["type"] == (
        f"{ISSUER}/problems/test-too-much"
    )


def test_every_post_takes_a_key(drawn: dict[str, Any]) -> None:
    required = {
        path: parameter["required"]
        for path, item in drawn["paths"].items()
        for parameter in item.get("post", {}).get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
    }

    assert required == {"/v1/things": False, "/v1/things/bulk": True}


def test_an_optional_parameter_is_not_null_and_nothing_is_noise(
    drawn: dict[str, Any],
) -> None:
    parameters = drawn["paths"]["/v1/things"]["get"]["parameters"]
    since = next(each for each in parameters if each["name"] == "since")

    assert since["schema"] == {
        "type": "string",
        "format": "date-time",
        "description": "Only what is newer.",
    }
    assert "allowEmptyValue" not in json.dumps(drawn)


def test_the_problem_schema_is_what_problems_have(drawn: dict[str, Any]) -> None:
    problem = drawn["components"]["schemas"]["Problem"]

    assert set(problem["required"]) <= set(problem["properties"])
    assert set(problem["properties"]) == {
        *("type", "title", "status", "detail", "instance", "request_id", "errors")
    }


async def test_it_is_served_to_anyone(stranger: httpx.AsyncClient) -> None:
    response = await stranger.get("/openapi.json")

    assert response.content == document(small_app(), ABOUT)
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "public, max-age=300"


@pytest.mark.slow
@pytest.mark.parametrize("linter", LINTERS)
def test_it_lints_clean(linter: str, tmp_path: Path) -> None:
    program = NODE / "node_modules" / ".bin" / linter
    if not program.exists():
        pytest.skip(f"{linter} is not installed: `make node` installs it")
    target = tmp_path / "openapi.json"
    target.write_bytes(document(small_app(), ABOUT))

    done = subprocess.run(
        [program, *LINTERS[linter], target],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "REDOCLY_TELEMETRY": "off",
            "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
        },
    )

    assert done.returncode == 0, done.stdout + done.stderr
