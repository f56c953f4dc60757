"""The whole API against its own document, by schemathesis, all checks.

With the credentials of two organisations, each being given what the other made.
"""

import json
import subprocess
import sys
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


def token(service: Served, organisation: str) -> str:
    words = [word for scope in Scope for word in ("--scope", scope.value)]
    of = ("clients", "create", "--organisation", organisation)
    made = json_of(service.data, *of, *words)
    answer = httpx.post(
        service.token_endpoint,
        data={"grant_type": "client_credentials"},
        auth=(made["client_id"], made["client_secret"]),
    )
    return str(answer.raise_for_status().json()["access_token"])


def test_the_service_does_what_its_document_says(
    service: Served, tmp_path: Path
) -> None:
    users = [
        {
            "name": code,
            "fixedHeaders": [
                {"name": "Authorization", "value": f"Bearer {token(service, code)}"}
            ],
        }
        for code in ("hmt", "defra")
    ]
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
