"""Several reads in one statement: whole, in order, and exact."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery

from service.db import transaction
from service.db.together import together

TEXTS = {"texts": "SELECT x AS text FROM unnest($1::text[]) AS x"}


async def test_each_has_its_rows_in_its_own_order(db: None) -> None:
    numbers = "SELECT n FROM unnest($1::integer[]) AS n ORDER BY n"
    found = await together(
        {"up": numbers, "down": f"{numbers} DESC", "none": f"{numbers} LIMIT 0"},
        [3, 1, 2],
    )
    assert found == {
        "up": [{"n": 1}, {"n": 2}, {"n": 3}],
        "down": [{"n": 3}, {"n": 2}, {"n": 1}],
        "none": [],
    }


async def test_a_thousand_rows_keep_their_order(db: None) -> None:
    sql = "SELECT n FROM unnest($1::integer[]) AS n ORDER BY n % 7, n DESC"
    found = await together({"found": sql}, [*range(1000)])
    expected = sorted(range(1000), key=lambda n: (n % 7, -n))
    assert [row["n"] for row in found["found"]] == expected


@pytest.mark.parametrize("figure", ["0.1", "1000.50", "123456789012.123456"])
async def test_figures_are_exact(db: None, figure: str) -> None:
    found = await together({"found": "SELECT $1::numeric AS figure"}, Decimal(figure))
    (row,) = found["found"]
    assert isinstance(row["figure"], Decimal)
    assert str(row["figure"]) == figure


async def test_ids_and_instants_are_text_and_nothing_is_null(db: None) -> None:
    id_, at = uuid4(), datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
    sql = "SELECT $1::uuid AS id, $2::timestamptz AS at, NULL::date AS on"
    (row,) = (await together({"found": sql.replace(" AS on", ' AS "on"')}, id_, at))[
        "found"
    ]
    assert (UUID(row["id"]), row["on"]) == (id_, None)
    assert row["at"] == "2026-06-01T09:30:00+00:00"


async def test_every_connection_writes_instants_in_utc(db: None) -> None:
    """Whatever the database or its role is set to: the connection asks for it."""
    async with transaction() as connection:
        row = await connection.fetchrow(
            "SELECT setting, source FROM pg_settings WHERE name = 'TimeZone'"
        )
    assert row is not None
    assert (*row,) == ("UTC", "client")


@pytest.mark.parametrize(
    "text", ['a "quoted" \\ word', "'; DROP TABLE person; --", "é 😀 \u2028", "1.50"]
)
async def test_texts_come_back_as_they_are(db: None, text: str) -> None:
    assert (await together(TEXTS, [text]))["texts"] == [{"text": text}]


async def test_it_is_one_statement_however_many_reads(db: None) -> None:
    logged: list[LoggedQuery] = []
    async with transaction() as connection:
        with connection.query_logger(logged.append):
            await together({f"part{n}": TEXTS["texts"] for n in range(9)}, ["x"])
    asked = [each.query for each in logged if "SAVEPOINT" not in each.query]
    assert len([sql for sql in asked if "unnest" in sql]) == 1


async def test_a_read_that_fails_fails_them_all(db: None) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await together(TEXTS | {"bad": "SELECT 1 / cardinality($1::text[])"}, [])
