"""Tokens ended before they expire, and how soon every process knows."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from unittest.mock import AsyncMock

import pytest

from service.audit.actions import record
from service.auth import actions, revocation
from service.auth.caller import Scope
from service.auth.revocation import (
    AFTERLIFE,
    OLDEST_SECONDS,
    POLL_SECONDS,
    Revocations,
    Revoked,
    is_revoked_now,
    revoke,
    revoke_all,
)
from service.auth.spent import spend
from service.auth.tables import IssuedToken, RevokedToken, SpentJti
from service.db import NoConnection, transaction
from service.db.cluster import Addresses
from service.jobs.housekeeping import tidy
from tests.auth.conftest import KNOWN, NOW, SOMEBODY, Clock
from tests.database import connected

LATER = NOW + timedelta(minutes=10)
NOW_S = int(NOW.timestamp())


@pytest.fixture
async def client_id(db: None) -> str:
    made = await actions.create_client(
        ["DEFRA"],
        [Scope.SCORES_READ],
        known=KNOWN,
        caller=SOMEBODY,
        now=NOW,
        record=record,
    )
    return made[0]


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Iterator[AsyncMock]:
    """Counts what is read, and gives none of it."""
    reading = AsyncMock(return_value=Revoked())
    monkeypatch.setattr(revocation, "_stored", reading)
    return reading


async def test_every_process_knows_within_a_minute(client_id: str) -> None:
    """oauth.md: "revocation (RFC 7009, effective within 60 s everywhere …)"."""
    clocks = [Clock(), Clock()]
    instances = [Revocations(clock) for clock in clocks]
    for instance in instances:
        assert not (await instance.current(NOW)).is_revoked("one", client_id, NOW_S)
    await revoke("one", client_id, expires_at=LATER, now=NOW)
    for clock, instance in zip(clocks, instances, strict=True):
        clock.seconds = POLL_SECONDS - 0.1
        assert not (await instance.current(NOW)).is_revoked("one", client_id, NOW_S)
        clock.seconds = POLL_SECONDS
        found = await instance.current(NOW)
        assert found.is_revoked("one", client_id, NOW_S)
        assert not found.is_revoked("two", client_id, NOW_S)
    assert POLL_SECONDS + OLDEST_SECONDS < 60


async def test_a_hint_makes_it_sooner(client_id: str) -> None:
    instance = Revocations(Clock())
    await instance.current(NOW)
    await revoke("one", client_id, expires_at=LATER, now=NOW)
    instance.hint()
    assert (await instance.current(NOW)).is_revoked("one", client_id, NOW_S)


async def test_all_of_a_client_s_tokens_end_at_once(client_id: str) -> None:
    """oauth.md: "short life + per-client not-before + revoked-jti list"."""
    at = NOW + timedelta(seconds=0.5)
    assert await revoke_all(client_id, at)
    found = await Revocations(Clock()).current(at)
    assert found.is_revoked("any", client_id, NOW_S)
    assert not found.is_revoked("any", client_id, NOW_S + 1)
    assert not found.is_revoked("any", "hr-other", NOW_S)
    for issued_at, ended in ((NOW_S, True), (NOW_S + 1, False)):
        assert await is_revoked_now("any", client_id, issued_at) is ended


async def test_an_end_is_never_taken_back(client_id: str) -> None:
    await revoke_all(client_id, NOW)
    await revoke_all(client_id, NOW - timedelta(hours=1))
    assert await is_revoked_now("any", client_id, NOW_S - 1)


async def test_no_client_has_that_id(db: None) -> None:
    assert not await revoke_all("hr-none", NOW)


async def test_a_token_is_ended_once(client_id: str) -> None:
    first, second = [
        await revoke("one", client_id, expires_at=LATER, now=NOW) for _ in range(2)
    ]
    assert (first, second) == (True, False)
    assert await is_revoked_now("one", client_id, NOW_S)
    assert not await is_revoked_now("two", client_id, NOW_S)


async def test_rows_die_with_their_tokens(client_id: str) -> None:
    """A dead token's name is not kept; while a slow clock may take it, it is."""
    await revoke("one", client_id, expires_at=NOW + AFTERLIFE, now=NOW)
    just = NOW + AFTERLIFE * 2 - timedelta(seconds=1)
    assert await revocation.forget_dead_revocations(just) == 0
    assert (await Revocations(Clock()).current(just)).jtis == {"one"}
    gone = NOW + AFTERLIFE * 2
    assert (await Revocations(Clock()).current(gone)).jtis == set()
    assert await revocation.forget_dead_revocations(gone) == 1
    assert not await RevokedToken.exists()


async def test_a_client_s_end_is_not_remembered_longer_than_its_tokens(
    client_id: str,
) -> None:
    await revoke_all(client_id, NOW)
    for minutes, known in ((11, True), (12, False)):
        at = NOW + timedelta(minutes=minutes)
        found = await Revocations(Clock()).current(at)
        assert (client_id in (found.not_before or {})) is known


async def test_housekeeping_forgets_all_that_is_over(client_id: str) -> None:
    """Tokens, the proofs that have served, and revocations die together."""
    for jti, minutes in (("dead", -5), ("alive", 5)):
        ends = NOW + timedelta(minutes=minutes)
        made = ends - timedelta(minutes=10)
        await IssuedToken.insert(
            IssuedToken(jti=jti, client=client_id, issued_at=made, expires_at=ends)
        )
        await spend("dpop", "key", jti, ends)
        await revoke(jti, client_id, expires_at=ends, now=made)
    forgotten = await tidy(NOW)
    assert [forgotten[what] for what in ("tokens", "proofs", "revocations")] == [1] * 3
    for table in (IssuedToken, SpentJti, RevokedToken):
        assert await table.select(table._meta.get_column_by_name("jti")) == [
            {"jti": "alive"}
        ]


async def test_a_thousand_requests_read_it_once(readings: AsyncMock) -> None:
    clock = Clock()
    instance = Revocations(clock)
    for _ in range(1000):
        await instance.current(NOW)
        clock.seconds += POLL_SECONDS / 1001
    assert readings.await_count == 1


async def test_one_reads_while_the_others_go_on(
    readings: AsyncMock,
) -> None:
    clock = Clock()
    instance = Revocations(clock)
    await instance.current(NOW)
    held = asyncio.Event()

    async def slow(_: datetime) -> Revoked:
        await held.wait()
        return Revoked(frozenset({"one"}))

    readings.side_effect = slow
    clock.seconds = POLL_SECONDS
    reading = asyncio.create_task(instance.current(NOW))
    await asyncio.sleep(0)
    assert not (await instance.current(NOW)).jtis

    clock.seconds = OLDEST_SECONDS  # Now they wait for it: the copy is too old.
    waiting = [asyncio.create_task(instance.current(NOW)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    clock.seconds = POLL_SECONDS  # The reading began then, so it is fresh.
    held.set()
    found = await asyncio.gather(reading, *waiting)
    assert [revoked.jtis for revoked in found] == [{"one"}] * 4
    assert readings.await_count == 2


async def test_a_hint_during_a_reading_is_not_lost(readings: AsyncMock) -> None:
    instance = Revocations(Clock())

    async def overtaken(_: datetime) -> Revoked:
        instance.hint()
        return Revoked()

    readings.side_effect = overtaken
    await instance.current(NOW)
    readings.side_effect = None
    await instance.current(NOW)
    await instance.current(NOW)
    assert readings.await_count == 2


async def test_who_cannot_learn_it_lets_nobody_in(readings: AsyncMock) -> None:
    """The copy is never trusted for want of a newer one; a failed hint counts still."""
    instance = Revocations(Clock())
    await instance.current(NOW)
    instance.hint()
    readings.side_effect = NoConnection("The database cannot be reached.")
    for _ in range(2):
        with pytest.raises(NoConnection):
            await instance.current(NOW)
    readings.side_effect = None
    assert await instance.current(NOW)


async def test_to_revoke_says_so_to_every_process(
    opened: None, migrated: Addresses
) -> None:
    """LISTEN and NOTIFY: heard as soon as it is committed."""
    heard = asyncio.Event()

    def hear(*_: object) -> None:
        heard.set()

    async with connected(migrated.application) as listener:
        await listener.add_listener(revocation.CHANNEL, hear)
        async with transaction():
            assert not await revoke_all("hr-none", NOW)
        await asyncio.wait_for(heard.wait(), 10)
        await listener.remove_listener(revocation.CHANNEL, hear)
