"""openid-client and oauth4webapi, run by node as the HR system's own program."""

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.clients.served import BASIC, WAYS, Served, Way
from tests.e2e.running import ROOT

NODE = ROOT / "tests" / "node"
READY = shutil.which("node") and (NODE / "node_modules/.ready").exists()
Flows = Callable[[str, Way], dict[str, Any]]
LIBRARIES = ["openid-client", "oauth4webapi"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not READY,
        reason="openid-client and oauth4webapi need node and its packages: `make node`",
    ),
]


def ran(library: str, served: Served, way: Way, **changed: object) -> dict[str, Any]:
    """Let the library do its whole flow; return what it saw."""
    client = served.client(way)
    task = {
        "issuer": served.address,
        "client_id": client.client_id,
        "client_secret": client.secret,
        "auth": way.auth,
        "jwk": client.key and client.key.as_dict(private=True),
        "dpop": way.dpop,
        "scope": "cycles:read",
        **changed,
    }
    done = subprocess.run(
        ["node", f"{library}.mjs"],  # noqa: S607 - wherever node is
        cwd=NODE,
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    saw: dict[str, Any] = json.loads(done.stdout)
    return saw


@pytest.fixture(scope="module")
def flows(served: Served) -> Flows:
    """Each flow that ends well, run once for all that look at it."""

    @cache
    def saw(library: str, way: Way) -> dict[str, Any]:
        return ran(library, served, way)

    return saw


@pytest.fixture(scope="module", params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_it_gets_a_token_pulls_asks_about_it_and_ends_it(
    served: Served, flows: Flows, library: str, way: Way
) -> None:
    saw = flows(library, way)
    client_id = served.client(way).client_id

    assert saw["granted"] == {
        "scope": "cycles:read",
        "token_type": "dpop" if way.dpop else "bearer",
        "expires_in": 600,
    }
    assert served.own_cycle(saw["cycles"])
    assert saw["introspected"]["active"] is True
    assert saw["introspected"]["client_id"] == client_id
    assert saw["introspected"]["organisations"] == ["hmt"]
    assert ("cnf" in saw["introspected"]) == way.dpop
    assert saw["introspected_after_revocation"] == {"active": False}


@pytest.mark.parametrize("way", [way for way in WAYS if way.dpop], ids=str)
def test_the_server_asks_for_its_nonce_once_at_the_token_endpoint_and_once_at_the_api(
    flows: Flows, library: str, way: Way
) -> None:
    """RFC 9449 sections 8 and 9: the client tries again with the nonce it was given."""
    requests = flows(library, way)["requests"]

    assert [it for it in requests if it[0] in {"/oauth/token", "/v1/cycles"}] == [
        ["/oauth/token", 400],
        ["/oauth/token", 200],
        ["/v1/cycles", 401],
        ["/v1/cycles", 200],
    ]


def test_it_finds_the_server_at_both_well_known_paths(
    served: Served, flows: Flows, library: str
) -> None:
    saw = flows(library, BASIC)

    assert [path for path, status in saw["requests"] if status == 200][:2] == [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ]
    assert saw["issuers"] == [served.address, served.address]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_oauth4webapi_validates_the_token_as_rfc_9068_says(
    served: Served, flows: Flows, way: Way
) -> None:
    claims = flows("oauth4webapi", way)["validated"]
    client_id = served.client(way).client_id

    assert claims["iss"] == claims["aud"] == served.address
    assert claims["sub"] == claims["client_id"] == client_id
    assert ("cnf" in claims) == way.dpop


def test_oauth4webapi_refuses_the_token_for_another_audience(served: Served) -> None:
    saw = ran("oauth4webapi", served, BASIC, audience="https://other.example")

    assert saw["validated"] == {"refused": "OAUTH_JWT_CLAIM_COMPARISON_FAILED"}


@pytest.mark.parametrize(
    ("changed", "error", "status"),
    [
        ({"client_secret": "wrong"}, "invalid_client", 401),
        ({"client_id": "nobody"}, "invalid_client", 401),
        ({"auth": "client_secret_post"}, "invalid_client", 401),
        ({"scope": "records:write"}, "invalid_scope", 400),
    ],
    ids=["wrong secret", "unknown client", "another method", "scope not registered"],
)
def test_it_understands_why_there_is_no_token(
    served: Served, library: str, changed: dict[str, str], error: str, status: int
) -> None:
    saw = ran(library, served, BASIC, **changed)

    assert saw["refused"] == {"error": error, "status": status}
