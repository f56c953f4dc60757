"""The whole API against its own document, by schemathesis, all checks.

With the credentials of two organisations, each being given what the other made.
"""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.auth.caller import Scope
from tests.clients.served import Served, a_service, stop
from tests.e2e.running import json_of, serving
from tests.sizes import SIZES
from tests.sources import ROOT

CONFIG = ROOT / "tests" / "openapi" / "schemathesis.toml"
PATIENT = {"JOINEDUP_RATE_LIMIT": "100000"}
"""What is asked here is not to be counted."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def service() -> Iterator[Served]:
    """A service that counts nobody's requests, over data of its own."""
    with a_service() as first:
        said = first.data / "patient"
        with serving(first.data, said=said, given=PATIENT) as (process, address):
            yield Served(address, first.data, first.cycle)
            stop(process)


def user(service: Served, organisation: str) -> dict[str, object]:
    """A client that may do everything, and how it gets a token.

    A token lives for ten minutes, and a run may take longer: without another, all that
    comes after would be refused, and be called right.
    """
    words = [word for scope in Scope for word in ("--scope", scope.value)]
    of = ("clients", "create", "--organisation", organisation)
    made = json_of(service.data, *of, *words)
    basic = b64encode(f"{made['client_id']}:{made['client_secret']}".encode()).decode()
    login = {
        "endpoint": "/oauth/token",
        "verb": "POST",
        "contentType": "application/x-www-form-urlencoded",
        "payloadRaw": "grant_type=client_credentials",
        "headers": [{"name": "Authorization", "value": f"Basic {basic}"}],
        "token": {
            "extractFrom": "body",
            "extractSelector": "/access_token",
            "sendIn": "header",
            "sendName": "Authorization",
            "sendTemplate": "Bearer {token}",
        },
    }
    return {"name": organisation, "loginEndpointAuth": login}


def test_the_service_does_what_its_document_says(
    service: Served, tmp_path: Path
) -> None:
    users = [user(service, code) for code in ("hmt", "defra")]
    known = tmp_path / "users.json"
    known.write_text(json.dumps({"auth": users}))

    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG),
            *("run", f"{service.address}/openapi.json", "--checks", "all"),
            *("--auth-wfc", known, "--phases", SIZES.contract_phases),
            *("--max-examples", str(SIZES.contract_examples), "--seed", "1"),
            *("--suppress-health-check", "all", "--continue-on-failure"),
            *("--warnings", "off", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=1700,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    tested = httpx.get(f"{service.address}/openapi.json").json()["paths"]
    assert "Test cases:" in done.stdout
    assert len(tested) > 60
