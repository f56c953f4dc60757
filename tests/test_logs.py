import errno
import io
import json
import logging
import sys
from typing import Any

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from service import logs
from service.settings import Settings


def said(capsys: pytest.CaptureFixture[str], **settings: Any) -> Any:  # noqa: ANN401 - JSON
    """Log what a careless colleague might; return the lines written."""
    logs.set_up(Settings(**settings))
    log = structlog.get_logger("careless")
    with bound_contextvars(request_id="request-1"):
        log.info("hello", token="t-secret", route="/v1/scores")  # noqa: S106 - not one
        log.debug("details")
    return capsys.readouterr().err


def test_a_line_is_one_json_object_with_the_request_s_id(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (line,) = said(capsys).splitlines()
    event = json.loads(line)

    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "hello",
        "level": "info",
        "request_id": "request-1",
        "route": "/v1/scores",
        "token": "[redacted]",
    }


def test_another_library_s_lines_look_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.set_up(Settings())
    with bound_contextvars(request_id="request-1"):
        logging.getLogger("somebody.else").warning("slow: %s", "disk")
    event = json.loads(capsys.readouterr().err)

    assert (event["event"], event["level"]) == ("slow: disk", "warning")
    assert event["request_id"] == "request-1"


@pytest.mark.parametrize(
    "key",
    [
        "token",
        "access_token",
        "Authorization",
        "client_secret",
        "password",
        "Set-Cookie",
        "client_assertion",
        "work_email",
        "comment",
    ],
)
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_secret_is_redacted_by_its_key_at_any_depth(
    capsys: pytest.CaptureFixture[str], key: str, log_format: str
) -> None:
    logs.set_up(Settings(log_format=log_format))
    structlog.get_logger().info("x", **{key: "canary"}, headers={"in": {key: "canary"}})
    written = capsys.readouterr().err

    assert written.count("[redacted]") == 2
    assert "canary" not in written


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_where_and_no_local_value(
    capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    logs.set_up(Settings(log_format=log_format))
    _fail(bytes([99, 97, 110, 97, 114, 121]).decode())
    written = capsys.readouterr().err

    assert "ZeroDivisionError" in written
    assert "_fail" in written
    assert "canary" not in written


def _fail(secret: str) -> None:
    try:
        assert 1 / (len(secret) - 6)
    except ZeroDivisionError:
        structlog.get_logger().exception("failed")
        logging.getLogger("somebody.else").exception("failed too")


@pytest.mark.parametrize(
    ("level", "shown"),
    [("debug", 2), ("info", 1), ("warning", 0), ("error", 0)],
)
def test_lines_below_the_level_are_dropped(
    capsys: pytest.CaptureFixture[str], level: str, shown: int
) -> None:
    assert len(said(capsys, log_level=level).splitlines()) == shown


class Full(io.StringIO):
    """Standard error on a disk that is full."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_line_that_cannot_be_written_stops_nobody(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.set_up(Settings())
    log = structlog.get_logger()
    closed = io.StringIO()
    closed.close()
    for broken in (Full(), closed):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", broken)
            log.error("lost")
    log.error("kept")

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "kept"


def test_a_command_is_quiet_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    for chosen in (Settings(), Settings(log_level="info")):
        logs.set_up(chosen, quiet=True)
        structlog.get_logger().info("hello")
        structlog.get_logger().warning("mind")

    assert [
        json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()
    ] == [
        "mind",
        "hello",
        "mind",
    ]


@pytest.mark.parametrize("library", ["authlib", "joserfc", "asyncpg", "httpx"])
def test_libraries_that_would_log_tokens_never_debug(
    capsys: pytest.CaptureFixture[str], library: str
) -> None:
    logs.set_up(Settings(log_level="debug"))
    logging.getLogger(library).debug("canary")

    assert capsys.readouterr().err == ""


def test_outside_a_request_there_is_no_request_id() -> None:
    assert logs.request_id() is None
    with bound_contextvars(request_id="request-1"):
        assert logs.request_id() == "request-1"
