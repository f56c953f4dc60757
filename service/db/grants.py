"""What the application's roles may do: read and write rows, never change the schema.

The law: the application's own role sees only the rows of the organisations it says;
to see everyone's it takes a second role for one transaction, and never inherits it.
"""

from typing import Final

import asyncpg

from service.db.reach import role_for_everyone

INHERIT_OPTION: Final = 160000
"""PostgreSQL from which a membership itself says that it is not inherited."""
TABLES: Final = """
SELECT format(
    CASE WHEN obj_description(c.oid) LIKE 'append-only%'
        THEN 'GRANT SELECT, INSERT ON %s TO %I, %I'
        ELSE 'GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I, %I' END,
    c.oid::regclass, $1::text, $2::text)
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND c.relname NOT IN ('migration', 'migration_lock')
ORDER BY c.relname
"""
POLICIES: Final = """
SELECT format(
    'CREATE POLICY everyone ON %s TO %I USING (true) WITH CHECK (true)',
    c.oid::regclass, $1::text)
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
    AND NOT EXISTS (SELECT FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polname = 'everyone')
ORDER BY c.relname
"""


class NotGranted(Exception):
    """The role that migrates may not create or grant the application's roles."""


async def grant(connection: asyncpg.Connection, role: str) -> None:
    """Give the application's role, and the one for everyone's rows, what they need."""
    everyone = role_for_everyone(role)
    statements = await _roles(connection, role, everyone)
    for name in (role, everyone):
        statements.append(f"GRANT USAGE ON SCHEMA public TO {_quoted(name)}")
        statements.append(f"GRANT SELECT ON migration TO {_quoted(name)}")
        statements.append(
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {_quoted(name)}"
        )
    statements += [row[0] for row in await connection.fetch(TABLES, role, everyone)]
    statements += [row[0] for row in await connection.fetch(POLICIES, everyone)]
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError as error:
        raise NotGranted(
            "The tables are up to date, but this role may not create or grant the"
            " application's roles. Run as a superuser:\n" + ";\n".join(statements) + ";"
        ) from error


async def _roles(connection: asyncpg.Connection, role: str, everyone: str) -> list[str]:
    """Return what creates the roles that are missing, and lets one take the other."""
    known = await connection.fetch(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)", [role, everyone]
    )
    there = {row["rolname"] for row in known}
    statements = [
        f"CREATE ROLE {_quoted(name)} {kind}"
        for name, kind in ((role, "LOGIN"), (everyone, "NOLOGIN"))
        if name not in there
    ]
    member = there == {role, everyone} and await connection.fetchval(
        "SELECT pg_has_role($1, $2, 'MEMBER')", role, everyone
    )
    if member:
        return statements
    version = int(await connection.fetchval("SHOW server_version_num"))
    if version >= INHERIT_OPTION:
        options = " WITH INHERIT FALSE, SET TRUE"
    else:
        options = ""
        statements.append(f"ALTER ROLE {_quoted(role)} NOINHERIT")
    statements.append(f"GRANT {_quoted(everyone)} TO {_quoted(role)}{options}")
    return statements


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
