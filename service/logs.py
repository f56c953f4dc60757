"""structlog, set up once: one line an event, with the request's id, never a body.

The law: no personal data, token or secret reaches a log line.
"""

import logging
import re
import sys
from contextlib import suppress
from functools import lru_cache
from typing import Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from service.settings import Settings

SECRET: Final = re.compile(
    r"authorization|cookie|token|secret|password|assertion|comment|example|email",
    re.IGNORECASE,
)


def set_up(settings: Settings, *, quiet: bool = False) -> None:
    """Send every logger of this process through structlog to standard error.

    `quiet`, for commands: only warnings, unless JOINEDUP_LOG_LEVEL says otherwise.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        _redact,
    ]
    level = _level(settings, quiet=quiet)
    structlog.configure(
        processors=[*shared, *_written(settings)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=Lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_written(settings),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("authlib", "joserfc", "asyncpg"):
        # DEBUG would show tokens.
        logging.getLogger(noisy).setLevel(max(level, logging.INFO))
    for noisy in ("httpx", "httpcore"):
        # INFO would show whole addresses, and what in them lets in whoever knows it.
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))


class Lines:
    """Writes our own lines, which need nothing of what other libraries' go through.

    A line that cannot be written is lost: whatever it is of goes on.
    """

    def __init__(self, *_names: object) -> None:
        """Write to whatever standard error is when there is something to write."""

    def write(self, line: str) -> None:
        """Write one line at once."""
        with suppress(OSError, ValueError):  # It is full, or closed.
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = write


def _redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: _without_secrets(key, value) for key, value in event.items()}


def _without_secrets(key: object, value: object) -> object:
    if _is_secret(str(key)):
        return "[redacted]"
    if isinstance(value, dict):
        return {inner: _without_secrets(inner, each) for inner, each in value.items()}
    return value


@lru_cache(maxsize=1_000)
def _is_secret(key: str) -> bool:
    return SECRET.search(key) is not None


def _level(settings: Settings, *, quiet: bool) -> int:
    hushed = quiet and "log_level" not in settings.model_fields_set
    name = "WARNING" if hushed else settings.log_level.upper()
    return logging.getLevelNamesMapping()[name]


def _written(settings: Settings) -> list[Processor]:
    """Return what turns an event into a line; neither shows a traceback's locals."""
    if settings.log_format == "console":
        return [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    return [
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
        structlog.processors.JSONRenderer(),
    ]


def request_id() -> str | None:
    """Return the id of the request being served, if one is."""
    found = structlog.contextvars.get_contextvars().get("request_id")
    return found if isinstance(found, str) else None
