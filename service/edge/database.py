"""What a failing database means for the caller.

The law: what may pass is 503 with Retry-After; what the caller sent is 422; anything
else is our own fault and is not excused here.
"""

from typing import Final

import asyncpg

from service.edge.strict_json import Unstorable
from service.errors import Refusal, Unavailable


class DatabaseInterrupted(Unavailable):
    """The database went away while the service worked."""

    slug = "database-interrupted"


class Contended(Unavailable):
    """Others are changing the same thing; nothing was changed."""

    slug = "contended"


class TookTooLong(Unavailable):
    """The database was stopped because it took too long; nothing was changed."""

    slug = "took-too-long"


INTERRUPTED: Final = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
CONTENDED: Final = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)
TOO_LONG: Final = (TimeoutError, asyncpg.QueryCanceledError)
NOT_TEXT: Final = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
)


def refusal_of(error: Exception) -> Refusal | None:
    """Return how to refuse because of `error`, or None if it is a fault of ours."""
    if isinstance(error, INTERRUPTED) or _is_closed(error):
        return DatabaseInterrupted(
            "Send it again, a POST with the same Idempotency-Key: it may have been"
            " done.",
            headers={"Retry-After": "2"},
        )
    if isinstance(error, CONTENDED):
        return Contended("Send it again.", headers={"Retry-After": "1"})
    if isinstance(error, TOO_LONG):
        return TookTooLong(
            "Ask for less at a time, or send it again later.",
            headers={"Retry-After": "5"},
        )
    if isinstance(error, NOT_TEXT):
        return Unstorable("A text holds a character that cannot be stored: remove it.")
    return None


def _is_closed(error: Exception) -> bool:
    """Tell a connection that was lost from one that our code used wrongly."""
    return isinstance(error, asyncpg.InterfaceError) and "is closed" in str(error)
