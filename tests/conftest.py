"""Fixtures for every test. A test that asks for `db` or `client` needs PostgreSQL."""

import logging
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import hypothesis
import pytest
import structlog
from litestar import Litestar

from service.app import create_app
from service.auth.authentication import remember_nothing
from service.db import DB
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.embedded import EmbeddedPostgres
from service.db.migrations import migrate
from service.db.reach import EVERYONE, within_reach
from service.settings import Settings, settings
from tests.quick import by_chance, is_quick, touched

ISSUER = "https://joinedup.example"

# On a machine that others use too, how long an example took says nothing about it.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="leave out what git says is not touched"
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Keep, for a quick run, what needs no database, and the rooms in hand.

    Raises UsageError for names drawn by chance, whether kept or not: workers that
    collect different names run nothing at all.
    """
    if drawn := [item.nodeid for item in items if by_chance(item)]:
        raise pytest.UsageError(f"Give these tests names that stay: {drawn}")
    if config.getoption("--quick"):
        left_out = [item for item in items if not is_quick(item, touched())]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in {*left_out}]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """Keep the settings of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as home:
        for name in os.environ:
            if name.startswith("JOINEDUP_") and name != "JOINEDUP_REAL_DATA":
                patch.delenv(name)
        patch.setenv("JOINEDUP_DATA_DIR", home)
        settings.cache_clear()
        yield
        settings.cache_clear()


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Leave logging as it was: the level and handlers belong to the process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that the database's own user can reach, whoever runs the tests."""
    with tempfile.TemporaryDirectory(prefix="joinedup-test-") as folder:
        path = Path(folder)
        path.chmod(0o711)
        yield path


@pytest.fixture(scope="session")
def addresses(open_folder: Path) -> Iterator[Addresses]:
    """A real PostgreSQL of this test process's own."""
    with EmbeddedPostgres(open_folder / "postgres") as found:
        yield found


@pytest.fixture(scope="session")
async def migrated(addresses: Addresses) -> Addresses:
    await migrate(addresses.owner, role_of(addresses.application))
    return addresses


@pytest.fixture(scope="session")
async def opened(migrated: Addresses) -> AsyncIterator[None]:
    """The pool, open; what is written stays. Tests see everyone's rows, as commands do.

    A request sees what its caller may.
    """
    with within_reach(EVERYONE):
        await DB.open(migrated.application, size=4)
        yield
        await DB.close()


@pytest.fixture
async def db(opened: None) -> AsyncIterator[None]:
    """A transaction that the service joins, rolled back when the test ends."""
    transaction = DB.transaction()
    await transaction.__aenter__()
    try:
        yield
    finally:
        await transaction.rollback()
        await transaction.__aexit__(None, None, None)


@pytest.fixture(scope="session")
def app() -> Litestar:
    """The service, built once: it keeps nothing between requests."""
    return create_app(Settings(), ISSUER)


@pytest.fixture
async def client(app: Litestar, db: None) -> AsyncIterator[httpx.AsyncClient]:
    """The service in this event loop, so that it joins the test's transaction.

    What the app remembers of the database for a few seconds is forgotten between tests.
    """
    remember_nothing(app.state)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # ASGI by another name
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield client
