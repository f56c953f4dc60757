from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from service.auth.keys import KeyRing, ensure_keys
from service.db import DB, migrations
from service.db.migrations import Migration
from service.settings import settings
from tests.conftest import ISSUER
from tests.factories import IN_THE_YEAR

WELL = {"database": "ok", "migrations": "ok", "keys": "ok"}


@pytest.fixture
async def outside(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is in no transaction of a test's."""
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type] # Litestar's own
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DB, "pool", None)


async def test_it_is_ready_when_all_is_well(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "checks": WELL},
    )


async def test_it_is_not_ready_without_a_database(
    no_database: None, outside: httpx.AsyncClient
) -> None:
    answer = await outside.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "checks": WELL | {"database": "NoConnection"},
    }


async def test_it_is_not_ready_when_a_migration_is_missing(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = [*migrations.known(), Migration("m9999_later", "", "")]
    monkeypatch.setattr(migrations, "known", lambda: newer)
    answer = await client.get("/readyz")

    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert "m9999_later: run `joinedup migrate`" in checks.pop("migrations")
    assert set(checks.values()) == {"ok"}


async def test_it_is_not_ready_when_its_keys_do_not_open(
    app: Litestar, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ensure_keys(IN_THE_YEAR)
    monkeypatch.setenv("JOINEDUP_SECRET_KEY", "another secret " * 3)
    settings.cache_clear()
    app.state.key_ring = KeyRing()
    answer = await client.get("/readyz")
    settings.cache_clear()

    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert "does not open with this secret key" in checks.pop("keys")
    assert set(checks.values()) == {"ok"}
    assert "another secret" not in answer.text


async def test_it_is_alive_without_a_database(
    no_database: None, outside: httpx.AsyncClient
) -> None:
    answer = await outside.get("/livez")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_being_alive_never_asks_the_database(
    outside: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def acquire() -> None:
        asked.append("acquire")
        raise ConnectionRefusedError

    monkeypatch.setattr(DB, "acquire", acquire)
    assert (await outside.get("/livez")).status_code == 200
    assert asked == []

    assert (await outside.get("/readyz")).status_code == 503  # It would have been seen.
    assert asked == ["acquire"]


async def test_neither_is_kept_by_a_cache(client: httpx.AsyncClient) -> None:
    for path in ("/livez", "/readyz"):
        assert (await client.get(path)).headers["cache-control"] == "no-store"
