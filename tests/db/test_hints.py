"""PostgreSQL's notifications, heard on a real connection."""

import asyncio

import asyncpg
import pytest

from service.db import DB
from service.db.cluster import Addresses
from service.db.hints import listening
from tests.database import connected


class Hearer:
    """Counts what it hears; the first time is on connecting."""

    def __init__(self) -> None:
        self.times = 0
        self._changed = asyncio.Event()

    def __call__(self) -> None:
        self.times += 1
        self._changed.set()

    async def has_heard(self, times: int) -> int:
        async with asyncio.timeout(20):
            while self.times < times:
                self._changed.clear()
                await self._changed.wait()
        return self.times


async def test_a_notification_is_heard(opened: None, migrated: Addresses) -> None:
    hearer = Hearer()
    async with listening("news", hearer), connected(migrated.application) as speaker:
        await hearer.has_heard(1)
        await speaker.execute("NOTIFY other")
        await speaker.execute("NOTIFY news")
        await hearer.has_heard(2)
    assert hearer.times == 2


async def test_a_lost_connection_is_made_again(
    opened: None, migrated: Addresses
) -> None:
    hearer = Hearer()
    async with listening("news", hearer, again=0), connected(migrated.owner) as owner:
        await hearer.has_heard(1)
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%news%'"
        )
        assert await hearer.has_heard(2) >= 2


async def test_nobody_minds_a_database_that_is_gone(
    opened: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = Hearer()

    async def gone(*_: object, **__: object) -> None:
        tried()
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncpg, "connect", gone)
    hearer = Hearer()
    async with listening("news", hearer, again=0):
        await tried.has_heard(2)
    assert hearer.times == 0
    assert DB.pool is not None
