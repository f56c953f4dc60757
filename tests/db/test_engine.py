"""Transactions: what they undo, and that their connection always comes back."""

import asyncio
import types
from collections.abc import Awaitable, Coroutine, Generator
from itertools import count
from typing import Any

import asyncpg
import pytest

from service.db import DB, transaction
from service.db.cluster import Addresses
from service.db.engine import SafeEngine
from service.db.transactions import Isolation
from service.directory.tables import Organisation
from service.errors import Conflict
from tests.database import connected
from tests.db.asking import ask, is_whole
from tests.factories import an_organisation

FAILS_AT_COMMIT = """
CREATE TEMP TABLE n (n int UNIQUE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO n VALUES (1), (1);
"""


class Refused(Conflict):
    """It was refused."""

    slug = "refused-by-a-test"


# Inside one another.


async def keep(code: str, *, inside: Awaitable[None] | None = None) -> None:
    async with transaction():
        await an_organisation(code)
        if inside is not None:
            await inside


async def refuse(code: str) -> None:
    async with transaction():
        await an_organisation(code)
        raise Refused("No.")


async def codes() -> list[str]:
    return await Organisation.select(Organisation.code).output(as_list=True)


async def test_a_refusal_inside_undoes_only_its_part(db: None) -> None:
    async with transaction():
        await an_organisation("outer")
        with pytest.raises(Refused):
            await refuse("inner")
        await keep("later")

    assert sorted(await codes()) == ["later", "outer"]


async def test_a_refusal_outside_undoes_what_was_kept_inside(db: None) -> None:
    async with transaction():
        with pytest.raises(Refused):
            await keep("outer", inside=refuse("inner"))

    assert await codes() == []


async def test_a_statement_that_fails_inside_leaves_the_rest_usable(db: None) -> None:
    await an_organisation("hmt")
    with pytest.raises(asyncpg.UniqueViolationError):
        await keep("hmt")
    await keep("mod")

    assert sorted(await codes()) == ["hmt", "mod"]


async def test_isolation_and_settings_belong_to_the_outermost(db: None) -> None:
    with pytest.raises(RuntimeError, match="outer transaction"):
        DB.transaction(isolation="serializable")
    with pytest.raises(RuntimeError, match="outer transaction"):
        DB.transaction(local={"statement_timeout": "1s"})


# What a transaction may be asked for.


async def test_local_settings_do_not_outlive_their_transaction(
    engine: SafeEngine,
) -> None:
    async with engine.transaction(local={"statement_timeout": "1234ms"}) as opened:
        inside = await opened.connection.fetchval("SHOW statement_timeout")
    assert (inside, await ask(engine, "SHOW statement_timeout")) == ("1234ms", "30s")

    with pytest.raises(asyncpg.InvalidParameterValueError):
        await engine.transaction(local={"statement_timeout": "soon"}).__aenter__()
    assert await is_whole(engine)


@pytest.mark.parametrize("isolation", ["repeatable_read", "serializable"])
async def test_isolation_is_as_asked(engine: SafeEngine, isolation: Isolation) -> None:
    async with engine.transaction(isolation=isolation) as opened:
        shown = await opened.connection.fetchval("SHOW transaction_isolation")

    assert shown.replace(" ", "_") == isolation


async def test_a_readonly_transaction_refuses_to_write(engine: SafeEngine) -> None:
    async with engine.transaction(readonly=True) as opened:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await opened.connection.execute("DELETE FROM cycle")
    assert await is_whole(engine)


# The connection goes back, whatever failed.


async def run(engine: SafeEngine, sql: str) -> None:
    async with engine.transaction() as opened:
        await opened.connection.execute(sql)


async def test_a_commit_that_fails_is_heard_and_gives_the_connection_back(
    engine: SafeEngine,
) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await run(engine, FAILS_AT_COMMIT)

    assert await is_whole(engine)
    assert await ask(engine, "SELECT to_regclass('n')") is None


async def cut_and_refuse(engine: SafeEngine, addresses: Addresses) -> None:
    async with engine.transaction() as opened:
        await cut(opened.connection, addresses)
        raise Refused("No.")


async def test_a_refusal_is_raised_rather_than_what_its_rollback_met(
    engine: SafeEngine, migrated: Addresses
) -> None:
    with pytest.raises(Refused):
        await cut_and_refuse(engine, migrated)

    assert await is_whole(engine)


async def test_a_connection_that_was_cut_is_replaced(
    engine: SafeEngine, migrated: Addresses
) -> None:
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
        async with engine.transaction() as opened:
            await cut(opened.connection, migrated)

    assert await is_whole(engine)


async def cut(connection: Any, addresses: Addresses) -> None:  # noqa: ANN401 - pooled or not
    pid = await connection.fetchval("SELECT pg_backend_pid()")
    async with connected(addresses.owner) as owner:
        await owner.execute("SELECT pg_terminate_backend($1, 5000)", pid)


@types.coroutine
def cancelled_at(
    wait: int, work: Coroutine[Any, Any, None]
) -> Generator[Any, Any, None]:
    """Do some work, cancelled the given time that it waits for something."""
    thrown: BaseException | None = None
    for waits in count(1):
        try:
            awaited = work.throw(thrown) if thrown else work.send(None)
        except StopIteration:
            return
        if waits == wait and (task := asyncio.current_task()):
            task.cancel()
        thrown = None
        try:
            yield awaited
        except BaseException as error:  # noqa: BLE001 - passed on, whatever it is
            thrown = error


async def test_a_caller_cancelled_at_any_point_leaves_the_pool_whole(
    engine: SafeEngine,
) -> None:
    async def work() -> None:
        async with engine.transaction(local={"statement_timeout": "10s"}) as opened:
            await opened.connection.execute("SELECT 1")
            async with engine.transaction():
                await opened.connection.execute("SELECT 2")

    for wait in count(1):
        task = asyncio.create_task(_awaiting(cancelled_at(wait, work())))
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        assert await is_whole(engine), wait
        if outcome is None:
            break
        assert isinstance(outcome, asyncio.CancelledError), outcome
    assert wait > 6  # BEGIN, statements, savepoint set and released, COMMIT, going back


async def _awaiting(work: Awaitable[None]) -> None:
    await work


async def test_a_caller_cancelled_in_a_long_statement_gives_its_connection_back(
    engine: SafeEngine,
) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        async with engine.transaction() as opened:
            begun.set()
            await opened.connection.execute("SELECT pg_sleep(30)")

    task = asyncio.create_task(work())
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await is_whole(engine)


# Many rows.


async def test_rows_are_read_a_batch_at_a_time(db: None) -> None:
    for code in ("a", "b", "c", "d", "e"):
        await an_organisation(code)
    query = Organisation.select(Organisation.code).order_by(Organisation.code)
    async with await query.batch(batch_size=2) as batches:
        read = [[row["code"] for row in batch] async for batch in batches]

    assert read == [["a", "b"], ["c", "d"], ["e"]]
    assert len(await codes()) == 5


async def test_what_fails_while_rows_are_read_is_heard(db: None) -> None:
    await an_organisation("hmt")
    with pytest.raises(Refused):
        async with await Organisation.select().batch(batch_size=2):
            raise Refused("No.")


async def test_a_batch_outside_a_transaction_is_refused(opened: None) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        await Organisation.select().batch(batch_size=2)
