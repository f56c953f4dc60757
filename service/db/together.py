"""Several reads in one statement.

The law: what a page needs costs as many round trips however much there is on it.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from service.db.engine import transaction


async def together(
    statements: Mapping[str, str], *arguments: object
) -> dict[str, list[dict[str, Any]]]:
    """Run reads that take the same arguments as one; return the rows of each by name.

    Rows come as PostgreSQL writes them in JSON, in the order of their statement: dates
    and ids are text, and numbers with a fraction are decimals.
    """
    columns = ", ".join(
        f"(SELECT jsonb_agg(to_jsonb(row)) FROM ({sql}) AS row) AS {name}"  # noqa: S608 - statements of our own
        for name, sql in statements.items()
    )
    async with transaction() as connection:
        found = await connection.fetchrow(f"SELECT {columns}", *arguments)
    assert found is not None  # noqa: S101 - a SELECT without FROM has one row
    return {
        name: json.loads(rows or "[]", parse_float=Decimal)
        for name, rows in dict(found).items()
    }
