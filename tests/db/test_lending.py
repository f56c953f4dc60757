"""The session of a connection: what one holder did to it, the next does not find."""

import pytest

from service.db.engine import SafeEngine
from service.db.lending import Lent, literal
from service.db.reach import SETTING, only, within_reach

HELD = """
SELECT current_setting('work_mem') AS memory,
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
        AND pid = pg_backend_pid()) AS locks,
    (SELECT count(*) FROM pg_cursors WHERE name <> '') AS cursors,
    (SELECT count(*) FROM pg_listening_channels()) AS channels,
    coalesce(current_setting('joinedup.organisations', true), '') AS organisations,
    current_user AS who
"""
LEFT_BEHIND = """
SET work_mem = '12MB'; SET joinedup.organisations = 'hmt';
SELECT pg_advisory_lock(4711); LISTEN hearsay;
DECLARE kept CURSOR WITH HOLD FOR SELECT 1
"""


async def held(engine: SafeEngine) -> dict[str, object]:
    connection = await engine.acquire()
    try:
        row = await connection.fetchrow(HELD)
    finally:
        await engine.release(connection)
    assert row is not None
    return dict(row)


@pytest.mark.parametrize("how", ["commits", "rolls back", "is given back"])
async def test_nothing_of_a_session_outlives_its_transaction(
    engine: SafeEngine, how: str
) -> None:
    before = await held(engine)
    if how == "is given back":
        connection = await engine.acquire()
        await connection.execute(LEFT_BEHIND)
        await engine.release(connection)
    else:
        opened = engine.transaction()
        await opened.__aenter__()
        await opened.connection.execute(LEFT_BEHIND)
        failure = None if how == "commits" else ValueError()
        await opened.__aexit__(None, failure, None)

    assert await held(engine) == before


async def test_what_a_later_holder_does_to_the_session_is_undone_too(
    engine: SafeEngine,
) -> None:
    """What was put in order by a COMMIT is so for one return and no more."""
    before = await held(engine)
    async with engine.transaction():
        pass
    connection = await engine.acquire()
    await connection.execute(LEFT_BEHIND)
    await engine.release(connection)

    assert await held(engine) == before


async def test_a_transaction_is_begun_and_ended_in_one_message_each(
    engine: SafeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    execute = Lent.execute

    async def heard(self: Lent, query: str, *arguments: object) -> str:
        said.append(query)
        return await execute(self, query, *arguments)

    monkeypatch.setattr(Lent, "execute", heard)
    with within_reach(only(["hmt", "dft"])):
        async with engine.transaction(local={"lock_timeout": "1s"}) as opened:
            assert await opened.connection.fetchval(f"SHOW {SETTING}") == "dft,hmt"
            assert await opened.connection.fetchval("SHOW lock_timeout") == "1s"
    # The pool's own way of putting it in order is not asked for.
    assert [query.split(";")[0].split()[0] for query in said] == ["BEGIN", "COMMIT"]


@pytest.mark.parametrize("strings", ["on", "off"])
@pytest.mark.parametrize("text", ["it's", "a\\b", "\\'; DROP TABLE post; --", "", "é"])
async def test_a_text_in_sql_is_that_text(
    engine: SafeEngine, text: str, strings: str
) -> None:
    async with engine.transaction() as opened:
        await opened.connection.execute(
            f"SET LOCAL standard_conforming_strings = {strings}"
        )
        assert await opened.connection.fetchval(f"SELECT {literal(text)}") == text
