"""The service as operators run it, over the demo's data on a real port."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.e2e.demos import SMALL, Demo
from tests.e2e.running import (
    joinedup,
    json_of,
    pulled,
    serving,
    token,
)

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Served:
    """A service that runs: where, and over which demo."""

    address: str
    demo: Demo


@pytest.fixture(scope="module")
def served(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    said = tmp_path_factory.mktemp("serve") / "said"
    with serving(demo.data, said=said) as (_, address):
        yield Served(address, demo)


def test_it_lives_and_is_ready(served: Served) -> None:
    assert httpx.get(f"{served.address}/livez").json() == {"status": "ok"}
    ready = httpx.get(f"{served.address}/readyz")
    assert ready.status_code == 200
    assert set(ready.json()["checks"].values()) == {"ok"}


def test_it_says_who_it_is_by_the_address_it_listens_on(served: Served) -> None:
    metadata = httpx.get(
        f"{served.address}/.well-known/oauth-authorization-server"
    ).json()
    assert metadata["issuer"] == served.address
    assert metadata["token_endpoint"] == f"{served.address}/oauth/token"
    (key, *_) = httpx.get(metadata["jwks_uri"]).json()["keys"]
    assert key["kty"] == "EC"
    assert "d" not in key
    document = httpx.get(f"{served.address}/openapi.json").json()
    assert [server["url"] for server in document["servers"]] == [served.address]


def test_its_hr_system_pulls_the_scores(served: Served) -> None:
    rows = pulled(served.address, served.demo.data)
    assert len(rows) == served.demo.said["pulled"]
    assert {row["organisation"] for row in rows} == {served.demo.said["organisation"]}


def test_without_a_token_nobody_reads_a_score(served: Served) -> None:
    answer = httpx.get(f"{served.address}/v1/scores")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    forged = token(served.address, served.demo.data)[:-4] + "AAAA"
    headers = {"Authorization": f"Bearer {forged}"}
    assert httpx.get(f"{served.address}/v1/scores", headers=headers).status_code == 401


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_lines_that_the_demo_prints_do_what_they_say(served: Served) -> None:
    said = joinedup(served.demo.data, *SMALL).stdout
    last = "/v1/scores?limit=5'"
    lines = said[said.index("  TOKEN=") : said.index(last) + len(last)]
    script = lines.replace("http://127.0.0.1:8000", served.address)
    assert script.count(served.address) == 2
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.count('"state"') == 5
    assert served.demo.said["organisation"] in done.stdout


def test_commands_work_while_it_serves(served: Served) -> None:
    data = served.demo.data
    cycle = served.demo.said["cycle"]
    assert cycle in [each["id"] for each in json_of(data, "cycles", "list")]
    assert (
        len(json_of(data, "organisations", "list"))
        == (served.demo.said["organisations"])
    )
    again = joinedup(data, "scores", "compute", "--cycle", cycle)
    assert again.returncode == 2  # It is published.
    code = served.demo.said["organisation"]
    made = json_of(
        data, "clients", "create", "--organisation", code, "--scope", "scores:read"
    )
    given = httpx.post(
        f"{served.address}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(made["client_id"], made["client_secret"]),
    )
    assert given.is_success
    assert joinedup(data, "clients", "disable", made["client_id"]).returncode == 0
    assert httpx.get(f"{served.address}/readyz").is_success


def test_a_second_service_on_the_port_is_refused(served: Served) -> None:
    port = served.address.rpartition(":")[2]
    done = joinedup(served.demo.data, "serve", "--port", port)
    assert done.returncode == 3
    assert port in done.stderr
    assert "--port" in done.stderr
    assert "make" not in done.stderr
    made = joinedup(served.demo.data, "serve", "--port", port, given={"MAKELEVEL": "1"})
    assert made.returncode == 3
    assert f"make run PORT={int(port) + 1}" in made.stderr
    assert httpx.get(f"{served.address}/readyz").is_success
