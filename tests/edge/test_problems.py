import asyncio
from typing import Any

import httpx
import pytest
import structlog
from litestar.types import Message
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from service.edge import problems
from service.errors import Fault, NotFound, Refusal, Unprocessable
from tests.edge.small_app import FAILURES, ISSUER, UNSAID, calling, small_app

UNAVAILABLE = {
    "lock": ("contended", "1"),
    "deadlock": ("contended", "1"),
    "serialization": ("contended", "1"),
    "shutdown": ("database-interrupted", "2"),
    "crash": ("database-interrupted", "2"),
    "starting": ("database-interrupted", "2"),
    "full": ("database-interrupted", "2"),
    "lost": ("database-interrupted", "2"),
    "closed": ("database-interrupted", "2"),
    "reset": ("database-interrupted", "2"),
    "cancelled": ("took-too-long", "5"),
    "timeout": ("took-too-long", "5"),
    "pool": ("database-unavailable", "2"),
}
OUR_FAULT = ["bug", "unique", "misused", "teapot"]


def but_for_the_request(response: httpx.Response) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert problem.pop("instance") == response.url.path
    assert problem.pop("request_id") == response.headers["x-request-id"]
    return problem


async def test_a_refusal_is_a_problem(caller: httpx.AsyncClient) -> None:
    response = await caller.get("/v1/failures/refusal")

    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-why"] == "stage"
    assert but_for_the_request(response) == {
        "type": f"{ISSUER}/problems/conflict",
        "title": "It is valid, but not now.",
        "status": 409,
        "detail": "Not now.",
    }


async def test_an_unknown_route_and_an_unknown_thing_answer_alike(
    caller: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    answers = [
        await caller.get("/v1/things/none"),
        await caller.get("/v1/no-such-route"),
        await stranger.get("/schema/openapi.json"),
        await stranger.get("/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    told = [but_for_the_request(answer) for answer in answers]
    assert told == [told[0]] * 4
    kept = {"content-length", "x-request-id"}
    headers = [{k: v for k, v in a.headers.items() if k not in kept} for a in answers]
    assert headers == [headers[0]] * 4


async def test_an_unknown_method_is_told_the_known_ones(
    caller: httpx.AsyncClient,
) -> None:
    response = await caller.patch("/v1/things")

    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {
        "GET",
        "HEAD",
        "POST",
        "OPTIONS",
    }
    assert response.json()["type"] == f"{ISSUER}/problems/method-not-allowed"


async def test_a_strange_host_is_refused_without_its_name(
    caller: httpx.AsyncClient,
) -> None:
    response = await caller.get("/livez", headers={"host": "a<b>"})

    assert response.status_code == 400
    assert response.json()["type"] == f"{ISSUER}/problems/malformed"
    assert "a<b>" not in response.text


@pytest.mark.parametrize("name", UNAVAILABLE)
async def test_what_may_pass_says_when_to_try_again(
    caller: httpx.AsyncClient, name: str
) -> None:
    slug, seconds = UNAVAILABLE[name]
    with capture_logs() as logs:
        response = await caller.get(f"/v1/failures/{name}")

    assert response.status_code == 503
    assert response.headers["retry-after"] == seconds
    assert response.json()["type"] == f"{ISSUER}/problems/{slug}"
    assert UNSAID not in response.text
    assert [log["event"] for log in logs] == ["unavailable", "request"]


async def test_a_character_that_the_database_refuses_is_the_callers_to_mend(
    caller: httpx.AsyncClient,
) -> None:
    response = await caller.get("/v1/failures/nul")

    assert response.status_code == 422
    assert response.json()["type"] == f"{ISSUER}/problems/unstorable-text"


@pytest.mark.parametrize("name", OUR_FAULT)
async def test_our_fault_is_logged_once_and_tells_only_the_request_id(
    caller: httpx.AsyncClient, name: str
) -> None:
    with capture_logs(processors=[merge_contextvars]) as logs:
        response = await caller.get(f"/v1/failures/{name}")

    assert response.status_code == 500
    assert but_for_the_request(response) == {
        "type": f"{ISSUER}/problems/unexpected",
        "title": "The service failed; the fault is not in what was sent.",
        "status": 500,
        "detail": "Tell whoever runs the service the request_id.",
    }
    fault, _ = logs
    assert fault["request_id"] == response.headers["x-request-id"]
    assert fault["log_level"] == "error"
    assert ", in fail" in fault["traceback"]
    assert fault["errors"][0].endswith(type(FAILURES[name]()).__name__)
    assert UNSAID not in str(logs)


async def test_a_cause_is_logged_with_what_it_caused(
    caller: httpx.AsyncClient,
) -> None:
    with capture_logs() as logs:
        await caller.get("/v1/failures/caused")

    assert logs[0]["errors"] == ["builtins.ValueError", "builtins.KeyError"]
    assert UNSAID not in str(logs)


async def test_a_failure_outside_every_handler_is_a_problem_too(
    caller: httpx.AsyncClient,
) -> None:
    with capture_logs() as logs:
        response = await caller.get("/page", headers={"x-break": "1"})

    assert response.status_code == 500
    assert but_for_the_request(response)["type"] == f"{ISSUER}/problems/unexpected"
    assert response.headers["cache-control"] == "no-store"
    assert [log["event"] for log in logs] == ["unexpected", "request"]


async def test_half_an_answer_is_cut_off_and_logged_without_words() -> None:
    sent: list[Message] = []

    async def receive() -> Any:  # noqa: ANN401 - any message of ASGI
        await asyncio.Event().wait()  # The caller stays.

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": "/v1/half",
        "raw_path": b"/v1/half",
        "query_string": b"",
        "headers": [],
    }
    with capture_logs() as logs:
        await small_app()(scope, receive, send)

    assert sent[0]["type"] == "http.response.start"
    assert all(message.get("more_body", True) for message in sent)
    assert [log["event"] for log in logs] == ["unexpected", "request"]
    assert "builtins.RuntimeError" in logs[0]["errors"]
    assert ", in parts" in logs[0]["traceback"]
    assert UNSAID not in str(logs)


async def test_without_an_issuer_types_are_relative() -> None:
    async with calling(small_app(issuer="")) as client:
        response = await client.get("/nope")

    assert response.json()["type"] == "/problems/not-found"


def test_faults_say_where() -> None:
    refusal = Unprocessable(
        "Mend both.",
        faults=[
            Fault("Too much.", pointer="#/shares/0"),
            Fault("Unknown.", parameter="cycle"),
            Fault("Neither."),
        ],
    )

    told = problems.describe(refusal, instance="/a b\n<ü>", issuer="https://a/")

    assert told["instance"] == "/a%20b%0A%3C%C3%BC%3E"
    assert told["errors"] == [
        {"detail": "Too much.", "pointer": "#/shares/0"},
        {"detail": "Unknown.", "parameter": "cycle"},
        {"detail": "Neither."},
    ]
    assert "request_id" not in told


def test_not_found_never_says_more_than_another() -> None:
    class NobodyKnown(NotFound):
        """Nobody is known by this identifier."""

        slug = "test-nobody"

    one = NotFound("No person 1.", faults=[Fault("Not yours.")])
    two = NobodyKnown("Nobody is known as oracle:1 in your organisations.")

    told = [problems.describe(each, instance="/x", issuer="") for each in (one, two)]

    assert told[0] == told[1]


def test_every_refusal_passes_unchanged() -> None:
    refusal: Refusal = Unprocessable("No.")

    assert problems.refusal_of(refusal) is refusal
    assert structlog.contextvars.get_contextvars() == {}
