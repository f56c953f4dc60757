"""Opens the database that the settings name, and trusts it only once it is safe."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from service.db.address import role_of
from service.db.embedded import EmbeddedPostgres
from service.db.engine import DB, transaction
from service.db.migrations import check_current, migrate
from service.db.reach import NOBODY, within_reach
from service.db.safety import check_safe
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Where:
    """How to reach the database: as the service, and as the schema's owner if known."""

    application: str
    owner: str | None


@contextmanager
def server(settings: Settings) -> Iterator[Where]:
    """Have the database run; the embedded one is started, or joined if it runs."""
    if settings.database_url is not None:
        owner = settings.migration_database_url
        yield Where(
            settings.database_url.get_secret_value(),
            None if owner is None else owner.get_secret_value(),
        )
        return
    home = settings.data_dir / "postgres"
    with EmbeddedPostgres(home, pg_bin=settings.pg_bin) as addresses:
        yield Where(addresses.application, addresses.owner)


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[None]:
    """Open the pool; the embedded database brings itself up to date first."""
    with server(settings) as where:
        if settings.embedded and where.owner is not None:
            await migrate(where.owner, role_of(where.application))
        await DB.open(
            where.application, size=settings.pool_size, timeout=settings.pool_timeout
        )
        try:
            # The role that sees everyone comes with the migrations: not yet assumed.
            with within_reach(NOBODY):
                async with transaction() as connection:
                    await check_current(connection)
                    await check_safe(connection)
            yield
        finally:
            await DB.close()
