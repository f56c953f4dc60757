"""Questions to an engine through its pool."""

from typing import Any

from service.db.engine import SafeEngine


async def ask(engine: SafeEngine, sql: str) -> Any:  # noqa: ANN401 - whatever SQL says
    connection = await engine.acquire()
    try:
        return await connection.fetchval(sql)
    finally:
        await engine.release(connection)


async def is_whole(engine: SafeEngine) -> bool:
    """Whether the one connection can be had, and is in no transaction."""
    connection = await engine.acquire()
    begun = connection.is_in_transaction()
    answers = await connection.fetchval("SELECT 1") == 1
    await engine.release(connection)
    return answers and not begun and engine.current_transaction.get(None) is None
