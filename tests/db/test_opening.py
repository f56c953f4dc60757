"""The database is trusted only once it is reachable, up to date and safe."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from service.db import engine, migrations, opening
from service.db.cluster import APPLICATION, Addresses
from service.db.embedded import EmbeddedPostgres
from service.db.engine import NoConnection, SafeEngine, transaction
from service.db.migrations import Behind, migrate, undo
from service.db.opening import database
from service.db.safety import UnsafeDatabase
from service.settings import Settings
from tests.database import connected
from tests.db.running import passable_folder


@pytest.fixture(autouse=True)
def own_engine(monkeypatch: pytest.MonkeyPatch) -> SafeEngine:
    """Open another engine than the one that all other tests share."""
    made = SafeEngine()
    monkeypatch.setattr(engine, "DB", made)
    monkeypatch.setattr(opening, "DB", made)
    return made


@pytest.fixture
async def external(addresses: Addresses) -> AsyncIterator[Addresses]:
    """A database of this test's own, up to date, that the settings name."""
    name = f"external_{uuid4().hex[:12]}"
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        own = Addresses(
            *(_named(a, name) for a in (addresses.owner, addresses.application))
        )
        await migrate(own.owner, APPLICATION)
        yield own
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _named(address: str, name: str) -> str:
    return address.replace("@/joinedup", f"@/{name}")


def settings_for(address: str) -> Settings:
    return Settings(database_url=SecretStr(address), pool_size=2, pool_timeout=5)


async def opened(settings: Settings) -> bool:
    """Whether the service opens the database and can ask it something."""
    async with database(settings), transaction() as connection:
        answer = await connection.fetchval("SELECT 1")
    return bool(answer == 1)


async def test_a_database_that_is_well_is_opened_and_closed_again(
    external: Addresses, own_engine: SafeEngine
) -> None:
    assert await opened(settings_for(external.application))
    assert own_engine.pool is None


async def test_one_that_may_lose_writes_is_refused(
    external: Addresses, own_engine: SafeEngine
) -> None:
    name = external.owner.partition("@/")[2].partition("?")[0]
    async with connected(external.owner) as owner:
        await owner.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")

    with pytest.raises(UnsafeDatabase, match=r"synchronous_commit = off.*switch it on"):
        await opened(settings_for(external.application))
    assert own_engine.pool is None


async def test_a_role_that_may_do_too_much_is_refused(
    external: Addresses, own_engine: SafeEngine
) -> None:
    with pytest.raises(UnsafeDatabase, match="a role of its own"):
        await opened(settings_for(external.owner))
    assert own_engine.pool is None


async def test_one_that_is_behind_is_refused_and_left_as_it_is(
    external: Addresses, own_engine: SafeEngine
) -> None:
    *_, before, newest = [migration.id for migration in migrations.known()]
    await undo(external.owner, to=before)

    for _ in range(2):
        with pytest.raises(Behind, match=f"{newest}: run `joinedup migrate`"):
            await opened(settings_for(external.application))
    assert own_engine.pool is None
    await migrate(external.owner, APPLICATION)
    assert await opened(settings_for(external.application))


async def test_one_that_does_not_answer_is_refused(own_engine: SafeEngine) -> None:
    nobody = "postgresql://joinedup_app:canary@127.0.0.1:1/joinedup"
    with pytest.raises(
        NoConnection, match="check that PostgreSQL is running"
    ) as refused:
        await opened(settings_for(nobody))

    assert "canary" not in str(refused.value)
    assert own_engine.pool is None


async def test_what_fails_while_it_is_open_is_heard_and_closes_it(
    external: Addresses, own_engine: SafeEngine
) -> None:
    async def fail() -> None:
        async with database(settings_for(external.application)):
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert own_engine.pool is None


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with passable_folder() as folder:
        yield folder


@pytest.mark.slow
async def test_the_embedded_database_brings_itself_up_to_date(home: Path) -> None:
    settings = Settings(data_dir=home)

    assert await opened(settings)
    assert await opened(settings)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
async def test_an_embedded_one_that_may_lose_writes_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    unsafe = partial(EmbeddedPostgres, settings={setting: "off"})
    monkeypatch.setattr(opening, "EmbeddedPostgres", unsafe)

    with pytest.raises(UnsafeDatabase, match=f"{setting} = off"):
        await opened(Settings(data_dir=home))
