"""Two other implementations of SCIM's rules find nothing wrong."""

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import anyio
import httpx
import pytest
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server
from scim_sanity.http_client import (  # type: ignore[import-untyped]  # It has none.
    SCIMClient,
    SCIMResponse,
)
from scim_sanity.probe import runner  # type: ignore[import-untyped]  # As above.

from tests.conftest import ISSUER
from tests.directory.provisioning.an_identity_provider import IdentityProvider

BASE = f"{ISSUER}/scim/v2"


def asking(client: httpx.AsyncClient) -> Callable[..., httpx.Response]:
    """Let a tool in a thread of its own ask the service in the test's loop."""

    def ask(method: str, url: str, **more: Any) -> httpx.Response:
        return anyio.from_thread.run(partial(client.request, method, url, **more))

    return ask


async def test_scim2_tester_finds_no_error_under_any_tag(
    anywhere: IdentityProvider,
) -> None:
    ask = asking(anywhere.client)

    def application(
        environ: dict[str, Any], start: Callable[..., Any]
    ) -> Iterable[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith(("HTTP_", "CONTENT_"))
        }
        path = f"{ISSUER}{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
        body = environ["wsgi.input"].read()
        answer = ask(environ["REQUEST_METHOD"], path, headers=headers, content=body)
        start(f"{answer.status_code} x", list(answer.headers.items()))
        return [answer.content]

    scim = WSGISCIMClient(application, base_url=BASE, headers=anywhere.headers)
    results = await anyio.to_thread.run_sync(check_server, scim)

    wrong = [
        (each.title, each.reason) for each in results if each.status == Status.ERROR
    ]
    assert wrong == []
    good = [each for each in results if each.status == Status.SUCCESS]
    assert len(good) > 70
    skipped = {(e.title, e.reason) for e in results if e.status == Status.SKIPPED}
    assert skipped == set()


async def test_scim_sanity_fails_nothing(
    anywhere: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = asking(anywhere.client)

    def request(
        self: SCIMClient,
        method: str,
        path: str,
        payload: object = None,
        extra_headers: dict[str, str] | None = None,
    ) -> SCIMResponse:
        headers = self._build_headers(extra_headers, method=method)
        content = None if payload is None else json.dumps(payload)
        answer = ask(method, f"{BASE}{path}", headers=headers, content=content)
        return SCIMResponse(answer.status_code, dict(answer.headers), answer.text)

    monkeypatch.setattr(SCIMClient, "_request", request)
    token = anywhere.headers["Authorization"].removeprefix("Bearer ")
    found = await anyio.to_thread.run_sync(
        partial(runner.run_probe_api, BASE, token=token)
    )

    assert found["issues"] == []
    summary = found["summary"]
    assert (summary["failed"], summary["errors"], summary["warnings"]) == (0, 0, 0)
    assert summary["passed"] >= 18
