"""What the service asks of PostgreSQL before it trusts it with an appraisal."""

from typing import Final

import asyncpg

from service.db.reach import role_for_everyone
from service.errors import Unavailable

DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")
INHERITS: Final = """
SELECT coalesce(pg_has_role(current_user, r.oid, 'USAGE'), false)
FROM pg_roles r WHERE r.rolname = $1
"""
OLDEST: Final = 150000
"""PostgreSQL 15, as `server_version_num` writes it."""


class UnsafeDatabase(Unavailable):
    """The database could lose an acknowledged write, or the role may do too much."""

    slug = "database-unsafe"


async def check_safe(connection: asyncpg.pool.PoolConnectionProxy) -> None:
    """Refuse a database that may lose writes and a role that could bypass the rules."""
    version = int(await connection.fetchval("SHOW server_version_num"))
    if version < OLDEST:
        raise UnsafeDatabase("PostgreSQL 15 or newer is needed: upgrade the server.")
    for name in DURABLE:
        if await connection.fetchval(f"SHOW {name}") == "off":
            raise UnsafeDatabase(
                f"PostgreSQL runs with {name} = off and may lose acknowledged writes:"
                " switch it on."
            )
    role = await connection.fetchrow(
        "SELECT rolname, rolsuper, rolbypassrls, EXISTS (SELECT FROM pg_class"
        " WHERE relowner = r.oid AND relnamespace = 'public'::regnamespace) AS owns"
        " FROM pg_roles r WHERE rolname = current_user"
    )
    if role is None or role["rolsuper"] or role["rolbypassrls"] or role["owns"]:
        raise UnsafeDatabase(
            "The role of JOINEDUP_DATABASE_URL is a superuser, owns the tables or"
            " bypasses row security: give the service a role of its own and let"
            " `joinedup migrate` grant it what it needs."
        )
    if await connection.fetchval(INHERITS, role_for_everyone(role["rolname"])):
        raise UnsafeDatabase(
            "The role of JOINEDUP_DATABASE_URL sees everyone's rows without saying so:"
            " revoke what it inherits and run `joinedup migrate`."
        )
