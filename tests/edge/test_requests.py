import re

import httpx
import pytest
import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.edge.small_app import calling, small_app

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
EVERY_ANSWER = [
    ("GET", "/livez", 200),
    ("GET", "/v1/things", 200),
    ("OPTIONS", "/v1/things", 204),
    ("GET", "/nope", 404),
    ("PATCH", "/v1/things", 405),
    ("POST", "/v1/things", 422),
    ("GET", "/v1/failures/bug", 500),
    ("GET", "/v1/failures/lock", 503),
]


@pytest.mark.parametrize(("method", "path", "status"), EVERY_ANSWER)
async def test_every_answer_carries_the_headers(
    caller: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await caller.request(method, path)

    assert response.status_code == status
    assert {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
        "x-content-type-options": "nosniff",
        "x-handling": "OFFICIAL-SENSITIVE PERSONAL",
    }.items() <= dict(response.headers).items()
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["x-request-id"])


async def test_a_handler_may_set_its_own(caller: httpx.AsyncClient) -> None:
    response = await caller.get("/page")

    assert response.headers.get_list("cache-control") == ["max-age=60"]
    assert response.headers.get_list("content-security-policy") == [
        "default-src 'self'"
    ]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_strict_transport_is_not_asked_of_plain_http() -> None:
    async with calling(small_app(issuer="http://127.0.0.1:8000")) as client:
        response = await client.get("/livez")

    assert "strict-transport-security" not in response.headers


async def test_a_request_id_comes_back(caller: httpx.AsyncClient) -> None:
    response = await caller.get("/nope", headers={"x-request-id": "oic.2026-11_7"})

    assert response.headers.get_list("x-request-id") == ["oic.2026-11_7"]
    assert response.json()["request_id"] == "oic.2026-11_7"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "has space", "line\\n", "é"])
async def test_a_request_id_that_could_confuse_a_log_is_replaced(
    caller: httpx.AsyncClient, given: str
) -> None:
    headers = {b"x-request-id": given.encode()}
    response = await caller.get("/livez", headers=headers)

    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["x-request-id"])


async def test_one_line_a_request_without_path_or_query(
    caller: httpx.AsyncClient,
) -> None:
    with capture_logs(processors=[merge_contextvars]) as logs:
        response = await caller.get(
            "/v1/things/jane.doe?name=jane",
            headers={"traceparent": f"00-{TRACE}-{SPAN}-01"},
        )

    (line,) = logs
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "route": "/v1/things/{name}",
        "status": 200,
        "request_id": response.headers["x-request-id"],
        "trace_id": TRACE,
    }


@pytest.mark.parametrize(
    ("path", "routes"),
    [("/livez", []), ("/readyz", ["unmatched"]), ("/jane.doe", ["unmatched"])],
)
async def test_health_is_not_logged_and_unknown_routes_are_not_named(
    caller: httpx.AsyncClient, path: str, routes: list[str]
) -> None:
    with capture_logs() as logs:
        await caller.get(path)

    assert [log["route"] for log in logs] == routes


@pytest.mark.parametrize(
    "traceparent",
    [
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-extra",
        f"00-{TRACE}",
    ],
)
async def test_an_invalid_trace_is_left_out(
    caller: httpx.AsyncClient, traceparent: str
) -> None:
    with capture_logs(processors=[merge_contextvars]) as logs:
        await caller.get("/page", headers={"traceparent": traceparent})

    assert "trace_id" not in logs[0]


async def test_nothing_of_a_request_stays_for_the_next(
    caller: httpx.AsyncClient,
) -> None:
    first = await caller.get("/page")
    second = await caller.get("/page")

    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert structlog.contextvars.get_contextvars() == {}
