"""The pool: nobody waits for a connection without limit, and no database is a 503."""

import asyncio
import time

import pytest

from service.db.cluster import Addresses
from service.db.engine import WAITERS_PER_CONNECTION, NoConnection, SafeEngine
from tests.db.asking import ask, is_whole


async def test_with_no_connection_free_in_time_it_is_503(migrated: Addresses) -> None:
    engine = SafeEngine()
    await engine.open(migrated.application, size=1, timeout=0.05)
    held = await engine.acquire()
    began = time.monotonic()
    with pytest.raises(NoConnection, match="in time") as refused:
        await engine.acquire()
    waited = time.monotonic() - began
    await engine.release(held)

    assert await is_whole(engine)
    assert waited < 3
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "2"})
    await engine.close()


async def test_no_more_wait_than_the_bound(engine: SafeEngine) -> None:
    held = await engine.acquire()
    callers = [
        asyncio.create_task(ask(engine, f"SELECT {number}"))
        for number in range(WAITERS_PER_CONNECTION + 3)
    ]
    done, waiting = await asyncio.wait(
        callers, return_when=asyncio.FIRST_COMPLETED, timeout=5
    )
    refusals = [task.exception() for task in done]
    await engine.release(held)

    assert len(waiting) == WAITERS_PER_CONNECTION
    assert [str(r) for r in refusals] == [
        "Too many requests wait for the database; try again."
    ] * 3
    assert {type(refusal) for refusal in refusals} == {NoConnection}
    assert sorted(await asyncio.gather(*waiting)) == [*range(WAITERS_PER_CONNECTION)]
    assert await is_whole(engine)


async def test_those_who_gave_up_waiting_no_longer_count(engine: SafeEngine) -> None:
    held = await engine.acquire()
    for _ in range(3 * WAITERS_PER_CONNECTION):
        waiter = asyncio.create_task(engine.acquire())
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
    last = asyncio.create_task(ask(engine, "SELECT 1"))
    await asyncio.sleep(0)
    await engine.release(held)

    assert await last == 1


# No database.


async def test_a_database_that_is_not_open_is_503() -> None:
    engine = SafeEngine()
    for use in (
        engine.acquire(),
        engine.transaction().__aenter__(),
        engine.get_new_connection(),
        engine._run_in_pool("SELECT 1"),
    ):
        with pytest.raises(NoConnection, match="not open"):
            await use
    assert (NoConnection.status, NoConnection.slug) == (503, "database-unavailable")


async def test_closed_twice_it_is_closed(migrated: Addresses) -> None:
    engine = SafeEngine()
    await engine.open(migrated.application, size=1)
    await engine.close()
    await engine.close()
    with pytest.raises(NoConnection, match="not open"):
        await engine.acquire()


async def test_closing_waits_for_whoever_is_being_served(engine: SafeEngine) -> None:
    held = await engine.acquire()
    waiter = asyncio.create_task(ask(engine, "SELECT 1"))
    await asyncio.sleep(0)
    closing = asyncio.create_task(engine.close())
    await asyncio.sleep(0)
    with pytest.raises(NoConnection, match="not open"):
        await engine.acquire()
    await engine.release(held)

    assert await waiter == 1
    async with asyncio.timeout(5):  # Cut off by force, it would take ten.
        await closing


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://joinedup:{word}@127.0.0.1:1/joinedup",
        "postgresql://joinedup:{word}@nowhere.invalid/joinedup",
        "postgresql://joinedup:{word}@127.0.0.1:port/joinedup",
        "mysql://joinedup:{word}@127.0.0.1/joinedup",
    ],
)
async def test_an_unreachable_database_is_refused_and_its_password_kept(
    address: str,
) -> None:
    engine = SafeEngine()
    with pytest.raises(NoConnection, match="JOINEDUP_DATABASE_URL") as refused:
        await engine.open(address.format(word="canary"), size=1, timeout=5)

    assert "canary" not in str(refused.value)
    assert engine.pool is None


async def test_a_wrong_password_is_refused_and_kept(migrated: Addresses) -> None:
    scheme, _, rest = migrated.application.partition("://")
    role, _, place = rest.partition(":")
    wrong = f"{scheme}://{role}:canary@{place.partition('@')[2]}"
    with pytest.raises(NoConnection, match="InvalidPasswordError") as refused:
        await SafeEngine().open(wrong, size=1, timeout=5)

    assert "canary" not in str(refused.value)
