"""The schema as migrations make it, and as the tables say it is."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Iterator
from pkgutil import walk_packages
from uuid import uuid4

import asyncpg
import pytest
from piccolo.columns import Array, Column
from piccolo.table import Table

import service
from service.db import migrations
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import Ahead, Behind, migrate, undo
from service.db.safety import UnsafeDatabase, check_safe
from tests.database import connected

COLUMNS = """
SELECT table_name, column_name,
    CASE WHEN data_type = 'ARRAY' THEN
        CASE e.t WHEN '_uuid' THEN 'uuid[]' ELSE 'character varying[]' END
    ELSE data_type END AS type,
    character_maximum_length AS length, numeric_precision AS precision,
    numeric_scale AS scale, is_nullable = 'YES' AS nullable
FROM information_schema.columns, LATERAL (SELECT udt_name::text AS t) e
WHERE table_schema = 'public' AND table_name NOT IN ('migration', 'migration_lock')
"""


def declared_tables() -> Iterator[type[Table]]:
    for found in walk_packages(service.__path__, "service."):
        if found.name.rsplit(".", 1)[-1] in {"tables", "raters"}:
            module = importlib.import_module(found.name)
            for value in vars(module).values():
                ours = getattr(value, "__module__", None) == found.name
                if ours and isinstance(value, type) and issubclass(value, Table):
                    yield value


@pytest.fixture
async def empty(addresses: Addresses) -> AsyncIterator[tuple[str, str]]:
    """A database with nothing in it, as the owner: its address and its role's."""
    name = f"empty_{uuid4().hex[:12]}"
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        yield (
            addresses.owner.replace("@/joinedup", f"@/{name}"),
            role_of(addresses.application),
        )
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_every_migration_says_why_and_follows_in_number() -> None:
    known = migrations.known()
    numbers = [int(migration.id[1:5]) for migration in known]
    assert numbers == list(range(1, len(known) + 1))
    for migration in known:
        module = importlib.import_module(f"piccolo_migrations.{migration.id}")
        assert module.__doc__
        assert migration.up.strip()
        assert migration.down.strip()


async def test_migrations_give_the_tables_as_declared(migrated: Addresses) -> None:
    async with connected(migrated.owner) as connection:
        rows = await connection.fetch(COLUMNS)
    stored: dict[str, dict[str, tuple[object, ...]]] = {}
    for row in rows:
        precise = row["type"] == "numeric"
        stored.setdefault(row["table_name"], {})[row["column_name"]] = (
            row["type"],
            row["length"],
            (row["precision"], row["scale"]) if precise else None,
            row["nullable"],
        )
    declared = {}
    for table in declared_tables():
        declared[table._meta.tablename] = {
            column._meta.db_column_name: _shape(column)
            for column in table._meta.columns
        }
    assert stored == declared


TYPES = {
    "VARCHAR": "character varying",
    "TIMESTAMPTZ": "timestamp with time zone",
    "BYTEA": "bytea",
    "INTEGER": "integer",
}


def _shape(column: Column) -> tuple[object, ...]:
    null = column._meta.null
    if isinstance(column, Array):
        base = _shape(column.base_column)
        return (f"{base[0]}[]", None, None, null)
    name = column.column_type.split("(")[0]
    length = getattr(column, "length", None)
    digits = getattr(column, "digits", None)
    return (TYPES.get(name, name.lower()), length, digits, null)


async def test_migrations_go_up_and_down_and_up(empty: tuple[str, str]) -> None:
    address, role = empty
    everything = [migration.id for migration in migrations.known()]
    assert await migrate(address, role) == everything
    before = await _schema(address)
    assert await undo(address, to="") == everything[::-1]
    async with connected(address) as connection:
        left = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' UNION ALL SELECT proname FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace ORDER BY 1"
        )
    assert [row[0] for row in left] == ["migration", "migration_lock"]
    assert await migrate(address, role) == everything
    assert await _schema(address) == before


async def _schema(address: str) -> list[tuple[object, ...]]:
    async with connected(address) as connection:
        rows = await connection.fetch(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
            " UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes"
            " WHERE schemaname = 'public' ORDER BY 1, 2, 3"
        )
    return [tuple(row) for row in rows]


async def test_three_processes_at_once_run_each_exactly_once(
    empty: tuple[str, str],
) -> None:
    ran = await asyncio.gather(*(migrate(*empty) for _ in range(3)))
    assert sorted(name for names in ran for name in names) == [
        migration.id for migration in migrations.known()
    ]


async def test_a_database_that_is_behind_is_refused_with_the_remedy(
    empty: tuple[str, str],
) -> None:
    address, role = empty
    await migrate(address, role)
    newest = migrations.known()[-1].id
    await undo(address, to=migrations.known()[-2].id)
    async with connected(address) as connection:
        with pytest.raises(Behind, match=f"{newest}: run `joinedup migrate`"):
            await migrations.check_current(connection)


async def test_a_migration_edited_after_it_ran_is_refused(
    empty: tuple[str, str],
) -> None:
    await migrate(*empty)
    async with connected(empty[0]) as connection:
        await connection.execute(
            "UPDATE migration SET digest = 'x' WHERE id LIKE 'm0001%'"
        )
    with pytest.raises(Ahead, match="m0001_platform was edited"):
        await migrate(*empty)


async def test_the_owner_of_the_tables_may_not_run_the_service(
    migrated: Addresses,
) -> None:
    async with connected(migrated.owner) as connection:
        with pytest.raises(UnsafeDatabase, match="a role of its own"):
            await check_safe(connection)


async def test_every_foreign_key_restricts_and_is_indexed(migrated: Addresses) -> None:
    async with connected(migrated.owner) as connection:
        cascading = await connection.fetch(
            "SELECT conname FROM pg_constraint"
            " WHERE contype = 'f' AND confdeltype <> 'r'"
        )
        unindexed = await connection.fetch(
            "SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint c"
            " WHERE contype = 'f' AND NOT EXISTS (SELECT FROM pg_index i"
            " WHERE i.indrelid = c.conrelid"
            " AND i.indkey[0] = c.conkey[1])"
        )
    assert [row[0] for row in cascading] == []
    assert [row[0] for row in unindexed] == []


@pytest.mark.parametrize(
    "verb", ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}"]
)
@pytest.mark.parametrize("table", ["audit_entry", "disclosure"])
async def test_nobody_changes_what_is_append_only(
    migrated: Addresses, table: str, verb: str
) -> None:
    for address in (migrated.application, migrated.owner):
        async with connected(address) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(verb.format(table))
