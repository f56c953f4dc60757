import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from litestar.types import Message

from service.edge.bodies import LIMIT
from tests.edge.small_app import ISSUER, small_app

JSON = {"content-type": "application/json"}


async def in_parts(size: int, part: bytes = b" " * 50_000) -> AsyncIterator[bytes]:
    """Send without Content-Length."""
    for _ in range(size // len(part)):
        yield part


async def test_the_handler_sees_the_very_bytes(caller: httpx.AsyncClient) -> None:
    body = '{ "é": [1.0, "\\u00e9"] }\n'.encode()

    response = await caller.post("/v1/echo", content=body, headers=JSON)

    assert (response.status_code, response.content) == (200, body)


async def test_bytes_that_come_in_parts_are_one_body(caller: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b'{"a": '
        yield b""
        yield b'"b"}'

    response = await caller.post("/v1/echo", content=parts(), headers=JSON)

    assert response.content == b'{"a": "b"}'


@pytest.mark.parametrize(
    ("size", "status"), [(LIMIT, 200), (LIMIT + 1, 413), (2 * LIMIT, 413)]
)
async def test_a_body_has_a_limit(
    caller: httpx.AsyncClient, size: int, status: int
) -> None:
    body = b'"' + b"x" * (size - 2) + b'"'

    response = await caller.post("/v1/echo", content=body, headers=JSON)

    assert response.status_code == status


async def test_the_limit_holds_whatever_the_length_says(
    caller: httpx.AsyncClient,
) -> None:
    for said in ({}, {"content-length": "10"}, {"content-length": "-1"}):
        response = await caller.post(
            "/v1/echo", content=in_parts(2 * LIMIT), headers={**JSON, **said}
        )
        assert response.status_code == 413
        assert response.json()["type"] == f"{ISSUER}/problems/too-large"


async def test_what_says_it_is_too_long_is_not_read(caller: httpx.AsyncClient) -> None:
    read = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"{}"

    headers = {**JSON, "content-length": str(LIMIT + 1)}
    response = await caller.post("/v1/echo", content=parts(), headers=headers)

    assert (response.status_code, read) == (413, 0)


async def test_a_route_may_state_a_limit_of_its_own(caller: httpx.AsyncClient) -> None:
    body = b"[" + b" " * (4 * LIMIT) + b"1]"

    response = await caller.post("/v1/things/bulk", content=body, headers=JSON)
    longer = await caller.post(
        "/v1/things/bulk", content=body + b" " * LIMIT, headers=JSON
    )

    assert response.status_code == 400  # It got as far as the missing key.
    assert longer.status_code == 413


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON", 200),
        ("application/json; charset=utf-8", 200),
        ('application/json;charset="UTF-8"', 200),
        ("application/json; charset=latin-1", 415),
        ("application/problem+json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/msgpack", 415),
        ("text/plain", 415),
        ("", 415),
        (";;;=", 415),
    ],
)
async def test_a_body_is_json_and_says_so(
    caller: httpx.AsyncClient, content_type: str, status: int
) -> None:
    response = await caller.post(
        "/v1/echo", content=b"{}", headers={"content-type": content_type}
    )

    assert response.status_code == status
    if status == 415:
        assert response.headers["accept"] == "application/json"
        assert response.json()["type"] == f"{ISSUER}/problems/unsupported-media-type"


async def test_a_compressed_body_is_not_read(caller: httpx.AsyncClient) -> None:
    headers = {**JSON, "content-encoding": "gzip"}
    response = await caller.post("/v1/echo", content=b"\x1f\x8b", headers=headers)

    assert response.status_code == 415


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"{", 400, "not-json"),
        (b"[" * 1_000 + b"]" * 1_000, 400, "too-deep"),
        (b'{"a":1,"a":1}', 400, "repeated-member"),
        (b'["\\u0000"]', 422, "unstorable-text"),
        (b"[1e999]", 422, "number-too-large"),
    ],
)
async def test_json_that_is_not_strict_is_a_problem(
    caller: httpx.AsyncClient, body: bytes, status: int, slug: str
) -> None:
    response = await caller.post("/v1/echo", content=body, headers=JSON)

    assert response.status_code == status
    assert response.json()["type"] == f"{ISSUER}/problems/{slug}"


@pytest.mark.parametrize("path", ["/v1/things/a%00b", "/v1/things/%00"])
async def test_nul_in_a_path_is_refused(caller: httpx.AsyncClient, path: str) -> None:
    response = await caller.get(path)

    assert response.status_code == 422
    assert response.json()["type"] == f"{ISSUER}/problems/unstorable-text"


@pytest.mark.parametrize("query", ["name=%00", "name=a&x=b%00", "%00=1", "limit=1%00"])
async def test_nul_in_a_query_is_refused(caller: httpx.AsyncClient, query: str) -> None:
    response = await caller.get(f"/v1/things?{query}")

    assert response.status_code == 422
    assert response.json()["type"] == f"{ISSUER}/problems/unstorable-text"


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"{", JSON), (b"{}", {}), (b" " * (LIMIT + 1), JSON), (b'"\\u0000"', JSON)],
)
async def test_the_guard_answers_before_the_body_is_looked_at(
    stranger: httpx.AsyncClient, body: bytes, headers: dict[str, str]
) -> None:
    response = await stranger.post("/v1/things", content=body, headers=headers)

    assert response.status_code == 401


TEXT_JSON = st.text(st.sampled_from('{}[]":,\\u0dD8e1-.tfnas "\0é'), max_size=60)
APP = small_app()


async def raw(path: str, query: bytes, content_type: bytes, body: bytes) -> Any:  # noqa: ANN401 - a problem's JSON
    """Ask past httpx, which would encode what a rough client does not."""
    scope: Any = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [(b"content-type", content_type), (b"x-test-user", b"hr")],
    }
    sent: list[Any] = []

    async def receive() -> Any:  # noqa: ANN401 - any message of ASGI
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await APP(scope, receive, send)
    if sent[0]["status"] < 400:
        return {"status": sent[0]["status"]}
    problem = json.loads(b"".join(part["body"] for part in sent[1:]))
    assert problem["status"] == sent[0]["status"]
    return problem


@pytest.mark.parametrize("query", [b"name=\xff", b"name=%ff", "name=é".encode()])
async def test_a_query_is_encoded_text(query: bytes) -> None:
    problem = await raw("/v1/echo", query, b"application/json", b"{}")

    assert problem["type"] == f"{ISSUER}/problems/malformed"


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    path=st.sampled_from(["/v1/echo", "/v1/things", "/v1/things/bulk"]),
    query=st.binary(max_size=30),
    content_type=st.just(b"application/json") | st.binary(max_size=30),
    body=st.binary(max_size=100) | TEXT_JSON.map(str.encode),
)
@example("/v1/echo", b"a=%ed%a0%80", b"application/json; charset=\xff", b"[1]")
async def test_whatever_the_bytes_the_fault_is_never_ours(
    path: str, query: bytes, content_type: bytes, body: bytes
) -> None:
    problem = await raw(path, query, content_type, body)

    assert problem["status"] < 500
