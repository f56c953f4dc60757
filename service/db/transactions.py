"""A transaction, or inside another a savepoint, that sees as far as was said.

The law: whatever fails, the connection goes back and the context is cleared; and what
holds for the transaction is set in the message that begins it.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import asyncpg
from piccolo.engine.postgres import PostgresTransaction, Savepoint

from service.db.lending import beginning, set_local
from service.db.reach import NOBODY, SETTING, Reach, reach

if TYPE_CHECKING:
    from service.db.engine import SafeEngine

Isolation = Literal["read_committed", "repeatable_read", "serializable"]


class SafeTransaction(PostgresTransaction):
    """One transaction; inside another it is a savepoint."""

    def __init__(
        self,
        engine: "SafeEngine",
        *,
        isolation: Isolation = "read_committed",
        readonly: bool = False,
        local: Mapping[str, str] | None = None,
    ) -> None:
        """Take `local` as settings that hold for this transaction only (SET LOCAL)."""
        super().__init__(engine)
        self._engine = engine
        self._isolation, self._readonly = isolation, readonly
        self._local = local or {}
        self._savepoint: Savepoint | None = None
        self.sees = NOBODY
        """How far the connection sees now; kept by the outer transaction."""
        self._before = NOBODY
        if self._parent is not None and (self._local or isolation != "read_committed"):
            raise RuntimeError("Isolation and settings belong to the outer transaction")

    async def __aenter__(self) -> PostgresTransaction:
        """Begin, or set a savepoint in the transaction already open."""
        outer = self._parent
        if isinstance(outer, SafeTransaction):
            self._savepoint = await outer.savepoint()
            self._before = outer.sees
            await outer.see(reach())
            return outer
        self.connection = await self._engine.acquire()
        self._end = self.connection.end
        try:
            await self.begin()
        except BaseException:
            await self._engine.release(self.connection)
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        """Commit or roll back, then always give the connection back."""
        if self._parent is not None:
            await self._leave_savepoint(failed=exception is not None)
            return False
        try:
            if exception is None and not self._rolled_back:
                await self.commit()
            elif not self._rolled_back and not self.connection.is_closed():
                await self.rollback()
        except (OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
            if exception is None:  # A failing COMMIT must be heard.
                raise
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._engine.release(self.connection)
        return False

    async def begin(self) -> None:
        """Begin, with what holds for this transaction, in one round trip."""
        wanted = reach()
        begun = beginning(self._isolation, readonly=self._readonly, local=self._local)
        await self.connection.execute(";".join([begun, *self._seeing(wanted)]))
        self.sees = wanted

    async def commit(self) -> None:
        """Commit; the connection is given back next."""
        await self._end("COMMIT")
        self._committed = True

    async def rollback(self) -> None:
        """Undo everything; the connection is given back next."""
        await self._end("ROLLBACK")
        self._rolled_back = True

    async def see(self, wanted: Reach) -> None:
        """Have the connection see as far as `wanted`, until the transaction ends."""
        if changes := self._seeing(wanted):
            await self.connection.execute(";".join(changes))
            self.sees = wanted

    def _seeing(self, wanted: Reach) -> list[str]:
        changes = []
        if wanted.everyone != self.sees.everyone:
            role = self._engine.everyone if wanted.everyone else "none"
            changes.append(set_local("role", role))
        if wanted.organisations != self.sees.organisations:
            changes.append(set_local(SETTING, wanted.codes))
        return changes

    async def _leave_savepoint(self, *, failed: bool) -> None:
        savepoint, outer = self._savepoint, self._parent
        if savepoint is None or not isinstance(outer, SafeTransaction):
            return
        if outer.connection.is_closed():
            return
        if failed:  # What was set since the savepoint is undone with the rest.
            await savepoint.rollback_to()
            outer.sees = self._before
        else:
            await outer.see(self._before)
        await savepoint.release()
