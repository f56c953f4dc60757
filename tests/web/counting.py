"""How many statements a page takes of PostgreSQL."""

import re

from asyncpg.connection import LoggedQuery

from service.db import transaction
from tests.web.visiting import Visitor

CONTROL = re.compile(
    r"\s*(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SET|SELECT set_config)\b"
)
MOST = 8
"""Statements that a page may take, its session and roles among them."""


async def asked(visitor: Visitor, path: str) -> list[str]:
    """Look twice; return what read or wrote data the second time.

    By then the pages' own memories are filled.
    """
    first = await visitor.get(path)
    assert first.status_code == 200, first.text
    logged: list[LoggedQuery] = []
    async with transaction() as connection:
        with connection.query_logger(logged.append):
            await visitor.get(path)
    asked = [each.query for each in logged if "pg_catalog" not in each.query]
    return [sql for sql in asked if "'jit'" not in sql and not CONTROL.match(sql)]
