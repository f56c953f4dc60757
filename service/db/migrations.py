"""Runs the numbered migrations, up and down, each exactly once however many try.

The law: a migration and its record commit together, on a connection of its own, under
an advisory lock and a lock row, and nothing waits for a lock without limit.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

import asyncpg

import piccolo_migrations
from service.db.engine import UNREACHABLE
from service.db.grants import NotGranted, grant
from service.errors import Conflict, Unavailable

LOCK_KEY: Final = 0x4A_55_41_31
"""Advisory lock of the migration runner ("JUA1")."""
LOCK_TIMEOUT: Final = "30s"

BOOK: Final = """
CREATE TABLE IF NOT EXISTS migration (
    id text PRIMARY KEY,
    digest text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS migration_lock (one boolean PRIMARY KEY CHECK (one));
INSERT INTO migration_lock VALUES (true) ON CONFLICT DO NOTHING;
"""


class Behind(Unavailable):
    """The database has not had every migration."""

    slug = "database-behind"


class Ahead(Conflict):
    """The database has had migrations that this version does not know."""

    slug = "database-ahead"


class CannotMigrate(Unavailable):
    """The migrations cannot run."""

    slug = "cannot-migrate"


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step: SQL that makes it and SQL that undoes it."""

    id: str
    up: str
    down: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the SQL, to notice one edited after it ran."""
        return hashlib.sha256(f"{self.up}\0{self.down}".encode()).hexdigest()


def known() -> list[Migration]:
    """Return every migration, in order of its number."""
    names = sorted(m.name for m in iter_modules(piccolo_migrations.__path__))
    modules = [import_module(f"piccolo_migrations.{name}") for name in names]
    return [
        Migration(id=name, up=module.UP, down=module.DOWN)
        for name, module in zip(names, modules, strict=True)
    ]


async def migrate(
    dsn: str, application_role: str, *, said: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Bring the database at `dsn` (the owner's) up to date; return what ran.

    `said` hears each migration's name as it starts.
    """
    async with _alone(dsn) as connection:
        done = await _applied(connection)
        _check_history(done)
        ran = []
        for migration in known():
            if migration.id in done:
                continue
            said(migration.id)
            async with connection.transaction():
                if await _ran_meanwhile(connection, migration):
                    continue
                await connection.execute(migration.up)
                await connection.execute(
                    "INSERT INTO migration (id, digest) VALUES ($1, $2)",
                    migration.id,
                    migration.digest,
                )
            ran.append(migration.id)
        try:
            await grant(connection, application_role)
        except NotGranted as refused:
            raise CannotMigrate(str(refused)) from refused
        return ran


async def _ran_meanwhile(connection: asyncpg.Connection, migration: Migration) -> bool:
    """Hold the lock row, for engines without advisory locks, and look again."""
    await connection.execute("SELECT FROM migration_lock FOR UPDATE")
    return bool(
        await connection.fetchval("SELECT 1 FROM migration WHERE id = $1", migration.id)
    )


async def undo(dsn: str, *, to: str) -> list[str]:
    """Undo, newest first, every migration after `to` ("" undoes all)."""
    async with _alone(dsn) as connection:
        done = await _applied(connection)
        undone = []
        for migration in reversed(known()):
            if migration.id <= to or migration.id not in done:
                continue
            async with connection.transaction():
                await connection.execute(migration.down)
                await connection.execute(
                    "DELETE FROM migration WHERE id = $1", migration.id
                )
            undone.append(migration.id)
        return undone


async def check_current(connection: asyncpg.pool.PoolConnectionProxy) -> None:
    """Refuse a database that is behind or ahead of this version."""
    there = await connection.fetchval("SELECT to_regclass('migration') IS NOT NULL")
    done = await _applied(connection) if there else {}
    _check_history(done)
    missing = [m.id for m in known() if m.id not in done]
    if missing:
        raise Behind(
            f"The database lacks {len(missing)} migrations, first {missing[0]}:"
            " run `joinedup migrate`."
        )


@asynccontextmanager
async def _alone(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect directly, as the only migration runner."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except UNREACHABLE as error:
        raise CannotMigrate(
            f"The database cannot be reached ({type(error).__name__}): check what"
            " JOINEDUP_MIGRATION_DATABASE_URL says and that PostgreSQL is running."
        ) from error
    try:
        await connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        await connection.execute("SET client_min_messages = warning")
        await connection.execute(BOOK)
        yield connection
    except asyncpg.LockNotAvailableError as error:
        raise CannotMigrate(
            "Another process migrates this database, or holds a table that a"
            f" migration needs, for longer than {LOCK_TIMEOUT}: try again when it ends."
        ) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise CannotMigrate(
            f"The role may not do this ({error}): JOINEDUP_MIGRATION_DATABASE_URL must"
            " name the role that owns the schema."
        ) from error
    finally:
        await connection.close()


async def _applied(
    connection: "asyncpg.Connection | asyncpg.pool.PoolConnectionProxy",
) -> dict[str, str]:
    rows = await connection.fetch("SELECT id, digest FROM migration ORDER BY id")
    return {row["id"]: row["digest"] for row in rows}


def _check_history(done: dict[str, str]) -> None:
    ours = {migration.id: migration.digest for migration in known()}
    unknown = sorted(set(done) - set(ours))
    if unknown:
        raise Ahead(
            f"The database has had {unknown[-1]}, which this version does not know:"
            " run the newer version, or undo it with that version."
        )
    edited = [id_ for id_, digest in done.items() if ours[id_] != digest]
    if edited:
        raise Ahead(
            f"{edited[0]} was edited after it ran here: a change needs a migration of"
            " its own."
        )
