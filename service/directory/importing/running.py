"""An import as it runs: alone, in one transaction, and in the audit.

The law: whatever happens, nothing is half-imported.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg

from service.audit.actions import Entry, record, record_many
from service.auth.caller import Caller
from service.db import Connection, transaction
from service.directory.importing.reading import Reading
from service.errors import Conflict, Unavailable

LOCK_KEY: Final = 0x4A_55_41_32
"""Advisory lock of the imports ("JUA2")."""
FAILURES: Final = (
    ConnectionError,
    asyncpg.InsufficientResourcesError,  # Disk full, among others.
    asyncpg.InterfaceError,  # The connection was lost between two statements.
    asyncpg.InternalClientError,  # It was lost within one.
    asyncpg.InternalServerError,  # How a limit on file sizes shows.
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
    asyncpg.PostgresSystemError,
)
"""What tells that the database, and not the input, is at fault."""


class ImportRunning(Conflict):
    """Another import is running."""

    slug = "import-running"


class ImportBroken(Unavailable):
    """The database failed while files were imported."""

    slug = "import-broken"


@asynccontextmanager
async def alone() -> AsyncIterator[Connection]:
    """Open the one transaction in which an import may write."""
    try:
        async with transaction() as connection:
            try:
                await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK_KEY)
                await connection.execute("SELECT FROM import_lock FOR UPDATE")
            except asyncpg.LockNotAvailableError as error:
                raise ImportRunning(
                    "Another import has been running for longer than this one may"
                    " wait; nothing was imported: try again when it has ended."
                ) from error
            yield connection
    except FAILURES as error:
        if isinstance(error, ValueError):  # Of arguments: our own mistake.
            raise
        raise ImportBroken(
            f"The database failed during the import ({type(error).__name__}: {error})"
            " and nothing is half-imported: check that it runs and that its disk has"
            " room, then import the same files again."
        ) from error


async def audit(
    what: str,
    entries: Sequence[Entry],
    reading: Reading,
    caller: Caller,
    now: datetime,
) -> None:
    """Record the import and each change it makes, if it makes any."""
    if not entries:
        return
    counts = {outcome.value: n for outcome, n in reading.findings.outcomes.items()}
    after = {
        "read": reading.findings.read,
        **counts,
        "rejected": len(reading.findings.rejected),
        "files": {Path(name).name: hash_ for name, hash_ in reading.digests.items()},
    }
    await record(caller, f"{what}.imported", "import", uuid4(), now=now, after=after)
    await record_many(caller, entries, now=now)
