"""Piccolo's PostgreSQL engine with its sharp edges removed.

The law: a connection always goes back to the pool, whatever failed, and no caller waits
for one without limit.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from piccolo.engine.postgres import AsyncBatch, PostgresEngine
from piccolo.query.base import Query

from service.db.address import role_of
from service.db.lending import Lent
from service.db.reach import reach, role_for_everyone
from service.db.transactions import Isolation, SafeTransaction
from service.errors import Unavailable

UNREACHABLE: Final = (
    OSError,
    TimeoutError,
    ValueError,  # An address that cannot be read.
    asyncpg.InterfaceError,
    asyncpg.PostgresError,
)
"""What connecting may raise."""
Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

WAITERS_PER_CONNECTION: Final = 4
"""Callers who may queue for each connection; beyond it they are refused at once."""
TIMEOUTS: Final = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "application_name": "joinedup",
    "timezone": "UTC",  # Instants that PostgreSQL writes into JSON are in it.
}


class NoConnection(Unavailable):
    """The database cannot be reached, or has no connection free."""

    slug = "database-unavailable"

    def __init__(self, detail: str) -> None:
        """Say why, and when to try again."""
        super().__init__(detail, headers={"Retry-After": "2"})


class SafeBatch(AsyncBatch):
    """Rows a batch at a time, on the transaction that is open."""

    async def __aenter__(self) -> Self:
        """Open the cursor; no exception is swallowed when it closes."""
        sql, arguments = self.query.querystrings[0].compile_string()
        self._cursor = await self.connection.cursor(sql, *arguments)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        """Leave the transaction as it is; it belongs to whoever opened it."""
        return False


class SafeEngine(PostgresEngine):
    """PostgreSQL through one bounded pool, opened when the process says so."""

    def __init__(self) -> None:
        """Connect to nothing; `open` says where."""
        super().__init__(config={})
        self.everyone = ""
        """The role that sees everyone's rows."""
        self._timeout = 5.0
        self._waiting = 0
        self._nobody_waits: asyncio.Event
        self._lender: asyncpg.Pool | None = None

    async def check_version(self) -> None:
        """Do nothing: Piccolo would connect while modules are imported."""

    async def prep_database(self) -> None:
        """Do nothing: extensions belong to migrations."""

    async def open(self, dsn: str, *, size: int = 10, timeout: float = 5.0) -> None:  # noqa: ASYNC109 - the pool's, not this call's
        """Hold up to `size` connections to `dsn`; wait `timeout` seconds for one."""
        self.config = {"dsn": dsn}
        self.everyone = role_for_everyone(role_of(dsn))
        self._timeout = timeout
        self._nobody_waits = asyncio.Event()
        self._nobody_waits.set()
        try:
            self.pool = self._lender = await asyncpg.create_pool(
                dsn,
                min_size=min(2, size),
                max_size=size,
                timeout=timeout,
                command_timeout=35,
                server_settings=TIMEOUTS,
                connection_class=Lent,
            )
        except UNREACHABLE as error:
            raise NoConnection(
                f"The database cannot be reached ({type(error).__name__}): check that"
                " PostgreSQL is running and what JOINEDUP_DATABASE_URL says."
            ) from error

    async def close(self) -> None:
        """Give every connection back; those that hang are cut after 10 s."""
        pool, self.pool = self.pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(10):
                # asyncpg would close a connection that a waiter has just been given.
                await self._nobody_waits.wait()
                await pool.close()
        except TimeoutError:
            pool.terminate()

    async def acquire(self) -> Connection:
        """Take a connection, or refuse with 503 rather than wait without limit."""
        pool = self.pool
        if pool is None:
            raise NoConnection("The database is not open in this process.")
        if self._waiting >= WAITERS_PER_CONNECTION * pool.get_max_size():
            raise NoConnection("Too many requests wait for the database; try again.")
        self._waiting += 1
        self._nobody_waits.clear()
        try:
            return await pool.acquire(timeout=self._timeout)
        except TimeoutError as error:
            raise NoConnection("No database connection came free in time.") from error
        except (OSError, asyncpg.PostgresConnectionError) as error:
            raise NoConnection("The database cannot be reached.") from error
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._nobody_waits.set()

    async def release(self, connection: Connection) -> None:
        """Give a connection back, even while the caller or the pool is ended."""
        if self._lender is not None:
            # It goes on by itself, whatever becomes of who waits for it.
            await self._lender.release(connection)

    async def get_new_connection(self) -> asyncpg.Connection:
        """Refuse: outside `open` and `close` there is no database."""
        raise NoConnection("The database is not open in this process.")

    async def _run_in_pool(
        self, query: str, args: Sequence[Any] | None = None
    ) -> list[Any]:
        """Run a query by itself, in a transaction: only there it has a reach."""
        async with self.transaction() as opened:
            rows: list[Any] = await opened.connection.fetch(query, *(args or ()))
        return rows

    def transaction(self, allow_nested: bool = True, **options: Any) -> SafeTransaction:  # noqa: ARG002, FBT001, FBT002 - Piccolo's signature
        """Return a transaction; `options` are those of `SafeTransaction`."""
        return SafeTransaction(self, **options)

    async def batch(
        self,
        query: Query[Any, Any],
        batch_size: int = 100,
        node: str | None = None,  # noqa: ARG002 - Piccolo's signature
    ) -> SafeBatch:
        """Read a query a batch at a time, inside the transaction that is open."""
        current = self.current_transaction.get()
        if current is None:
            raise RuntimeError("A batch is read inside a transaction")
        return SafeBatch(
            connection=current.connection, query=query, batch_size=batch_size
        )


DB: Final = SafeEngine()


@asynccontextmanager
async def transaction(
    *,
    isolation: Isolation = "read_committed",
    readonly: bool = False,
    local: Mapping[str, str] | None = None,
) -> AsyncIterator[Connection]:
    """Open a transaction and give its asyncpg connection; inside one, a savepoint."""
    async with DB.transaction(
        isolation=isolation, readonly=readonly, local=local
    ) as opened:
        yield opened.connection


async def alone(statement: str, *arguments: Any) -> list[asyncpg.Record]:
    """Run one statement as a transaction by itself, in a single round trip.

    It is of `reaching`; its last parameter, which is given here, says how far it sees.
    It leaves nothing in the session. Inside a transaction it is a part of that.
    """
    wanted = reach()
    if wanted.everyone or DB.transaction_exists():  # That takes a role, beforehand.
        async with transaction() as connection:
            return await connection.fetch(statement, *arguments, wanted.codes)
    lent: Any = await DB.acquire()  # A `Lent`, behind the pool's proxy.
    try:
        rows: list[asyncpg.Record] = await lent.alone(
            statement, *arguments, wanted.codes
        )
    finally:
        await DB.release(lent)
    return rows
