import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from joserfc.jwk import ECKey

from service.auth import keys
from service.auth.keys import (
    RETIRED_FOR,
    RING_SECONDS,
    KeyRing,
    RotationUnderWay,
    WrongSecretKey,
)
from service.auth.rules import KeyState
from service.auth.tables import SigningKey
from service.db import DB
from service.db.embedded import Addresses
from service.db.lending import Lent
from service.db.reach import NOBODY, within_reach
from service.settings import settings
from tests.auth.conftest import NOW, Clock

rolled_back = pytest.mark.usefixtures("no_keys")
HOUR = timedelta(hours=1)


async def states() -> dict[str, str]:
    return {key.kid: key.state for key in await keys.statuses()}


def kids(ring: keys.Ring) -> set[str]:
    return {key["kid"] for key in ring.jwks["keys"]}


@rolled_back
async def test_the_first_keys_are_made_once() -> None:
    await keys.ensure_keys(NOW)
    first = await states()
    await keys.ensure_keys(NOW + HOUR)
    assert await states() == first
    assert sorted(first.values()) == ["active", "next"]


@rolled_back
async def test_a_key_that_lost_the_race_is_not_kept() -> None:
    await keys.ensure_keys(NOW)
    first = await states()
    for state in (KeyState.ACTIVE, KeyState.NEXT):
        late = keys._made(state, NOW)
        await SigningKey.insert(late).on_conflict(action="DO NOTHING")
    assert await states() == first


@rolled_back
async def test_the_first_reader_makes_the_keys() -> None:
    ring = await KeyRing().current(NOW)
    assert kids(ring) == set(await states())
    assert ring.verifying.keys() == kids(ring)


@rolled_back
async def test_the_key_id_is_the_rfc_7638_thumbprint() -> None:
    ring = await KeyRing().current(NOW)
    for key in ring.jwks["keys"]:
        assert ECKey.import_key(key).thumbprint() == key["kid"]


@rolled_back
async def test_rotation_moves_each_key_one_step() -> None:
    await keys.ensure_keys(NOW)
    before = await states()
    await keys.rotate(NOW + HOUR)
    after = await states()
    moved = {before[kid]: state for kid, state in after.items() if kid in before}
    assert moved == {"next": "active", "active": "retired"}
    assert [state for kid, state in after.items() if kid not in before] == ["next"]


@rolled_back
async def test_a_key_is_published_before_it_signs_and_after() -> None:
    clock = Clock()
    ring = KeyRing(clock)
    first = await ring.current(NOW)
    now = NOW
    for _ in range(3):
        now += HOUR
        await keys.rotate(now)
        clock.seconds += 10
        rotated = await ring.current(now)
        assert rotated.signing.thumbprint() in kids(first)
        assert first.signing.thumbprint() in kids(rotated)
        first = rotated


@rolled_back
async def test_a_retired_key_verifies_until_its_last_token_has_died() -> None:
    first = (await KeyRing().current(NOW)).signing.thumbprint()
    await keys.rotate(NOW)
    assert timedelta(seconds=600 + 10) < RETIRED_FOR
    assert first in kids(await KeyRing().current(NOW + RETIRED_FOR))
    later = NOW + RETIRED_FOR + timedelta(seconds=1)
    assert first not in kids(await KeyRing().current(later))


@rolled_back
async def test_a_key_long_retired_is_not_kept() -> None:
    await keys.ensure_keys(NOW)
    for hours in range(4):
        await keys.rotate(NOW + HOUR * hours)
    assert sorted((await states()).values()) == ["active", "next", "retired"]


@rolled_back
async def test_a_rotation_that_finds_no_active_key_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the second of two rotations at once sees, once the first commits."""
    await keys.ensure_keys(NOW)
    await SigningKey.delete().where(SigningKey.state == "active")
    before = await states()

    async def no_ring(*_: object) -> None:
        """Make no key in its place."""

    monkeypatch.setattr(KeyRing, "current", no_ring)
    with pytest.raises(RotationUnderWay):
        await keys.rotate(NOW)
    assert await states() == before


@rolled_back
async def test_other_processes_see_a_rotation_within_seconds() -> None:
    clock = Clock()
    ring = KeyRing(clock)
    before = await ring.current(NOW)
    await keys.rotate(NOW)
    clock.seconds = 2.9
    assert await ring.current(NOW) is before
    clock.seconds = 3.0
    assert (await ring.current(NOW)).signing != before.signing


@rolled_back
async def test_every_worker_of_every_instance_agrees_on_the_keys_within_seconds() -> (
    None
):
    """ "Several workers and two instances agree on keys within seconds"."""
    clocks = [Clock() for _ in range(4)]
    rings = [KeyRing(clock) for clock in clocks]
    assert len({(await ring.current(NOW)).signing.thumbprint() for ring in rings}) == 1
    now = NOW
    for _ in range(3):
        before = [await ring.current(now) for ring in rings]
        now += HOUR
        await keys.rotate(now)
        for clock, ring, old in zip(clocks, rings, before, strict=True):
            # Until it knows, what it signs is known to all, and what others sign to it.
            clock.seconds += RING_SECONDS - 0.1
            assert await ring.current(now) is old
            clock.seconds += 0.1
        after = [await ring.current(now) for ring in rings]
        assert len({ring.signing.thumbprint() for ring in after}) == 1
        assert {ring.signing.thumbprint() for ring in after} <= kids(before[0])
        assert {ring.signing.thumbprint() for ring in before} <= kids(after[0])
        assert all(kids(ring) == kids(after[0]) for ring in after)


@rolled_back
async def test_an_unknown_key_id_causes_one_reading_a_second() -> None:
    clock = Clock()
    ring = KeyRing(clock)
    before = await ring.current(NOW)
    await keys.discard(NOW)
    (new,) = (kid for kid, state in (await states()).items() if state == "active")
    clock.seconds = 0.9
    assert await ring.holding(new, NOW) is before
    clock.seconds = 1.0
    after = await ring.holding(new, NOW)
    assert new in after.verifying
    clock.seconds = 1.5
    assert await ring.holding("nonsense", NOW) is after


@rolled_back
async def test_discarding_leaves_no_key_behind() -> None:
    await keys.ensure_keys(NOW)
    before = set(await states())
    await keys.discard(NOW)
    after = await states()
    assert not before & after.keys()
    assert sorted(after.values()) == ["active", "next"]


@rolled_back
async def test_a_private_key_lies_in_the_database_sealed() -> None:
    ring = await KeyRing().current(NOW)
    private = ring.signing.as_der(private=True)
    rows = await SigningKey.select(SigningKey.sealed).output(as_list=True)
    secret = private[-100:]
    assert all(secret[:20] not in sealed for sealed in rows)


@rolled_back
async def test_a_key_does_not_open_in_anothers_place() -> None:
    await keys.ensure_keys(NOW)
    (one, other) = await SigningKey.select(SigningKey.kid, SigningKey.sealed)
    assert keys.unseal(one["sealed"], one["kid"])
    with pytest.raises(WrongSecretKey):
        keys.unseal(other["sealed"], one["kid"])


@rolled_back
async def test_another_secret_is_refused_and_says_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await keys.ensure_keys(NOW)
    before = await states()
    monkeypatch.setenv("JOINEDUP_SECRET_KEY", "another secret " * 3)
    settings.cache_clear()
    for attempt in (KeyRing().current, keys.rotate):
        with pytest.raises(WrongSecretKey, match=r"JOINEDUP_SECRET_KEY.*--discard"):
            await attempt(NOW)
    assert await states() == before
    await keys.discard(NOW)
    assert await KeyRing().current(NOW)


@rolled_back
async def test_a_key_list_tells_when_each_was_retired() -> None:
    await keys.ensure_keys(NOW)
    await keys.rotate(NOW + HOUR)
    listed = {key.state: key for key in await keys.statuses()}
    assert listed["retired"].retired_at == NOW + HOUR
    assert listed["next"].created_at == NOW + HOUR
    assert listed["active"].retired_at is None


@pytest.fixture
async def committing(
    migrated: Addresses, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """Several connections that see each other's commits, to a table of their own."""
    owner = await asyncpg.connect(migrated.owner)
    await owner.execute("CREATE SCHEMA race")
    await owner.execute(
        "CREATE TABLE race.signing_key (LIKE signing_key INCLUDING ALL)"
    )
    pool = await asyncpg.create_pool(
        migrated.owner,
        min_size=8,
        max_size=8,
        server_settings={"search_path": "race"},
        connection_class=Lent,
    )
    for name in ("pool", "_lender"):
        monkeypatch.setattr(DB, name, pool)
    with within_reach(NOBODY):
        yield
    await pool.close()
    await owner.execute("DROP SCHEMA race CASCADE")
    await owner.close()


async def test_whoever_races_there_is_one_active_and_one_next_key(
    committing: None,
) -> None:
    await asyncio.gather(*(keys.ensure_keys(NOW) for _ in range(8)))
    assert sorted((await states()).values()) == ["active", "next"]

    results = await asyncio.gather(
        *(keys.rotate(NOW) for _ in range(8)), return_exceptions=True
    )
    failed = [result for result in results if result is not None]
    assert {type(failure) for failure in failed} <= {RotationUnderWay}
    assert len(failed) < 8
    after = [*(await states()).values()]
    assert (after.count("active"), after.count("next")) == (1, 1)
    assert after.count("retired") == 8 - len(failed)
