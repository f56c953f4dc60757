"""The integration guide's programs do what they say, as they stand there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from service.hr.webhooks import signing
from service.hr.webhooks.rules import Event
from service.hr.webhooks.schemas import WebhookChallenge, WebhookEvent
from tests.clients.guide import PUBLIC, blocks, refusals, section
from tests.clients.served import BASIC, Registered, Served
from tests.e2e.running import ROOT, free_port, json_of

pytestmark = pytest.mark.slow

AN_EVENT = WebhookEvent.of(
    Event(
        id=uuid4(),
        organisation="hmt",
        stream="scores",
        sequence=7,
        type="score",
        entity=uuid4(),
        version=1,
        op="upsert",
        at="2026-11-02T09:30:00.000000Z",
    ),
    "https://joinedup.example",
)


def ran(
    program: list[str],
    served: Served,
    client: Registered,
    folder: Path,
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """Run a program of the guide with the variables that it takes."""
    given = {
        "JOINEDUP": served.address,
        "CLIENT_ID": client.client_id,
        "CLIENT_SECRET": client.secret,
        "OAUTHLIB_INSECURE_TRANSPORT": "1",  # http on loopback; the guide has https.
    }
    return subprocess.run(
        program,
        cwd=folder,
        env=os.environ | given | more,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def shell(
    served: Served, client: Registered, folder: Path
) -> subprocess.CompletedProcess[str]:
    (script,) = blocks(section("curl"), "sh")
    return ran(["/bin/sh", "-c", script], served, client, folder)


def follows(
    title: str, served: Served, folder: Path, *scopes: str
) -> subprocess.CompletedProcess[str]:
    """Run a section's first lines for the shell with a token of these scopes."""
    words = ("clients", "create", "--organisation", "hmt", "--scope", " ".join(scopes))
    made = json_of(served.data, *words)
    client = Registered(made["client_id"], made["client_secret"])
    told = httpx.post(
        served.token_endpoint,
        auth=(client.client_id, client.secret),
        data={"grant_type": "client_credentials"},
    )
    script = next(
        block for block in blocks(section(title), "sh") if "joinedup " not in block
    )
    token = told.json()["access_token"]
    strict = ["/bin/sh", "-e", "-c", script]
    return ran(strict, served, client, folder, TOKEN=token)


def python(code: str, served: Served, client: Registered, folder: Path) -> str:
    done = ran([sys.executable, "-c", code], served, client, folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


ASKED: dict[str, dict[str, Any]] = {
    "invalid_client": {"auth": ("nobody", "secret")},
    "invalid_scope": {"data": {"scope": "records:write"}},
    "invalid_request": {"headers": {"Content-Type": "application/json"}},
    "unsupported_grant_type": {"data": {"grant_type": "password"}},
}
"""What a token request has different, by what it is then told."""
PULLED: dict[str, tuple[str, dict[str, str]]] = {
    "not-signed-in": ("/v1/cycles", {"Authorization": ""}),
    "token-invalid": ("/v1/cycles", {"Authorization": "Bearer a.b.c"}),
    "token-ambiguous": ("/v1/cycles?access_token=a.b.c", {}),
    "insufficient-scope": ("/v1/records", {}),
    "not-found": (f"/v1/cycles/{uuid4()}", {}),
    "bad-cursor": ("/v1/scores?cursor=one", {}),
    "invalid": ("/v1/scores?limit=many", {}),
}
"""What is pulled, with which headers, by what it is then told."""


def token_of(served: Served, **changed: Any) -> httpx.Response:
    client = served.client(BASIC)
    usual: dict[str, Any] = {
        "auth": (client.client_id, client.secret),
        "data": {"grant_type": "client_credentials"},
    }
    usual["data"] |= changed.pop("data", {})
    return httpx.post(served.token_endpoint, **usual | changed)


@pytest.mark.parametrize("error", ASKED)
def test_the_token_endpoint_refuses_as_it_says(served: Served, error: str) -> None:
    answer = token_of(served, **ASKED[error])
    said = {answer.json()["error"]: answer.status_code}
    assert said.items() <= refusals().items()
    assert error in said
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("slug", PULLED)
def test_the_api_refuses_as_it_says(served: Served, slug: str) -> None:
    path, headers = PULLED[slug]
    bearer = f"Bearer {token_of(served).json()['access_token']}"
    answer = httpx.get(
        f"{served.address}{path}", headers={"Authorization": bearer} | headers
    )
    said = {answer.json()["type"].rpartition("/")[2]: answer.status_code}
    assert said.items() <= refusals().items()
    assert slug in said
    assert answer.json()["request_id"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_its_curl_pulls_the_scores(served: Served, tmp_path: Path) -> None:
    done = shell(served, served.client(BASIC), tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items"] == []


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_its_curl_says_why_it_does_not(served: Served, tmp_path: Path) -> None:
    wrong = Registered(served.client(BASIC).client_id, "wrong")
    done = shell(served, wrong, tmp_path)
    assert done.returncode == 22
    of_token, of_scores = done.stdout.splitlines()
    assert json.loads(of_token)["error"] == "invalid_client"
    assert json.loads(of_scores)["status"] == 401


def test_its_python_pulls_the_scores_with_a_secret(
    served: Served, tmp_path: Path
) -> None:
    secretly, *_ = blocks(section("Python"), "python")
    assert python(secretly, served, served.client(BASIC), tmp_path) == ""


def test_its_python_makes_a_key_and_pulls_the_scores_with_it(
    served: Served, tmp_path: Path
) -> None:
    _, making, signing = blocks(section("Python"), "python")
    python(making, served, Registered(""), tmp_path)
    assert (tmp_path / "private.jwk.json").stat().st_mode & 0o077 == 0
    words = "clients create --organisation hmt --scope scores:read"
    how = ("--auth", "private_key_jwt", "--jwks", tmp_path / PUBLIC)
    made = json_of(served.data, *words.split(), *how)
    said = python(signing, served, Registered(made["client_id"]), tmp_path)
    assert "'items': []" in said


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_its_curl_asks_for_a_file_and_downloads_it(
    served: Served, tmp_path: Path
) -> None:
    title = "Files for an HR system"
    done = follows(title, served, tmp_path, "exports:write", "scores:read")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("scores.csv is there\n")
    assert "curl:" not in done.stderr
    assert (tmp_path / "scores.csv").read_text().startswith("Employee_ID,")
    asked = json.loads((tmp_path / "asked.json").read_text())
    assert (asked["state"], asked["organisation"]) == ("waiting", "hmt")


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_its_curl_says_why_there_is_no_file_and_waits_for_none(
    served: Served, tmp_path: Path
) -> None:
    done = follows("Files for an HR system", served, tmp_path, "scores:read")
    assert "insufficient-scope" in done.stdout
    assert "not made yet" not in done.stdout
    assert not (tmp_path / "scores.csv").exists()


def test_the_reference_connector_runs_as_it_says(
    served: Served, tmp_path: Path
) -> None:
    (tmp_path / "openapi").symlink_to(ROOT / "openapi")
    scopes = ("changes:read", "scores:read")
    done = follows("The change feed", served, tmp_path, *scopes)
    assert (done.returncode, done.stdout) == (0, "scores: 0 came, equal\n"), done.stderr
    assert (tmp_path / "copy.sqlite").exists()


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_its_curl_keeps_the_public_keys(served: Served, tmp_path: Path) -> None:
    done = follows("Signatures", served, tmp_path, "scores:read")
    assert done.returncode == 0, done.stderr
    kept = json.loads((tmp_path / "jwks.json").read_text())
    assert {key["kty"] for key in kept["keys"]} >= {"EC"}


@contextmanager
def receiving(folder: Path, secret: str) -> Iterator[httpx.Client]:
    """Run the guide's receiver of webhooks; give who can ask it."""
    (code,) = blocks(section("Webhooks"), "python")
    port = free_port()
    given = os.environ | {"WEBHOOK_SECRET": secret, "PORT": str(port)}
    heard = folder / "heard"
    with (
        heard.open("w") as out,
        subprocess.Popen(
            [sys.executable, "-c", code], env=given, stdout=out, stderr=out
        ) as process,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            transport=httpx.HTTPTransport(retries=10),
        ) as client,
    ):
        try:
            yield client
        finally:
            process.terminate()


def told(
    client: httpx.Client, event: WebhookEvent | WebhookChallenge, *secrets: str
) -> httpx.Response:
    """Send an event as the service does."""
    body = event.model_dump_json().encode()
    signed = signing.headers(event.id, body, secrets, datetime.now(UTC))
    return client.post("/", content=body, headers=signed)


def test_its_receiver_takes_what_the_service_sends_and_nothing_else(
    tmp_path: Path,
) -> None:
    ours, new, theirs = (signing.new_secret() for _ in range(3))
    challenge = WebhookChallenge.of(
        uuid4(), uuid4(), "what", "https://joinedup.example", datetime.now(UTC)
    )
    with receiving(tmp_path, ours) as receiver:
        answer = told(receiver, challenge, ours)
        assert answer.status_code == 200
        assert answer.json() == {"proof": signing.proof("what", ours)}
        assert told(receiver, AN_EVENT, ours).status_code == 204
        assert told(receiver, AN_EVENT, new, ours).status_code == 204
        assert told(receiver, AN_EVENT, theirs).status_code == 401
    heard = (tmp_path / "heard").read_text()
    assert heard.count(f"{AN_EVENT.id} scores 7\n") == 2
