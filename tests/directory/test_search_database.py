"""How PostgreSQL searches: by its indexes, with rights that any database grants."""

from collections.abc import AsyncIterator
from secrets import token_hex
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from asyncpg.connection import LoggedQuery

from service.db import DB, transaction
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import known, migrate, undo
from service.directory import searching
from service.directory.searching import search
from tests.database import connected
from tests.directory.searched import DAY, sight, somebody
from tests.factories import an_organisation

MANY = 7_000
SIGHT = sight("hmt", partners=["defra"])
ORGANISATIONS = """
INSERT INTO organisation (code, hr_system, valid_from)
SELECT code, 'workday', '2020-01-01' FROM unnest(ARRAY['hmt', 'defra', 'mod']) AS code
"""
PEOPLE = """
INSERT INTO person (id, discoverable) SELECT md5(n::text)::uuid, n % 50 <> 0
FROM generate_series(1, $1) AS n
"""
DETAILS = """
INSERT INTO person_details (organisation, id, person, given_name, family_name, email,
    valid_from)
SELECT (ARRAY['hmt', 'defra', 'mod'])[1 + n % 3], md5(n::text)::uuid,
    md5(n::text)::uuid, (ARRAY['Megan', 'Gwen', 'Peter', 'Ruth', 'Joan'])[1 + n % 5],
    initcap(translate(md5(n::text), '0123456789', 'ghijklmnop')), n || '@x.example',
    '2020-01-01'
FROM generate_series(1, $1) AS n
"""
POSTINGS = """
INSERT INTO posting (organisation, id, person, grade, title, unit, fte, kind,
    started_on, valid_from)
SELECT (ARRAY['hmt', 'defra', 'mod'])[1 + n % 3], md5(n::text)::uuid,
    md5(n::text)::uuid, 'SCS1', CASE n % 3 WHEN 0 THEN 'Deputy Director'
        WHEN 1 THEN 'Director' ELSE 'Head of Function' END,
    CASE WHEN n % 100 = 1 THEN 'Flood Risk' ELSE 'Strategy and Policy ' || n % 40 END,
    1, 'substantive', '2020-01-01', '2020-01-01'
FROM generate_series(1, $1) AS n
"""


@pytest.fixture
async def many(addresses: Addresses, opened: None) -> AsyncIterator[None]:
    """A database with as many people as there are senior civil servants."""
    name, kept = f"many_{uuid4().hex[:12]}", DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        there = addresses.owner.replace("@/joinedup", f"@/{name}")
        await migrate(there, role_of(addresses.application))
        async with connected(there) as filling:
            await filling.execute(ORGANISATIONS)
            for statement in (PEOPLE, DETAILS, POSTINGS):
                await filling.execute(statement, MANY)
            await filling.execute("ANALYZE")
        await DB.close()
        await DB.open(kept.replace("@/joinedup", f"@/{name}"), size=2)
        yield
        await DB.close()
        await DB.open(kept, size=4)
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.slow
async def test_seven_thousand_people_are_searched_by_indexes(
    many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(await search("flood risk", SIGHT, DAY, limit=100)) == 47
    monkeypatch.setattr(searching, "SEARCH", f"EXPLAIN {searching.SEARCH}")
    monkeypatch.setattr(searching, "Found", lambda **row: row["QUERY PLAN"])

    for query in ("flood risk", "flod", "director", "gwen strategy", "the", "megn hed"):
        plan = "\n".join(map(str, await search(query, SIGHT, DAY, limit=100)))

        assert "Bitmap Index Scan on person_search_words" in plan, query
        assert "Bitmap Index Scan on person_search_lexemes" in plan, query
        assert "Seq Scan on person_search" not in plan, query


async def test_row_security_would_keep_a_search_off_its_index(db: None) -> None:
    """Why a search reaches everyone's rows and names its organisations itself."""
    plans = []
    async with transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        for role in (DB.everyone, "none"):
            await connection.execute("SELECT set_config('role', $1, true)", role)
            rows = await connection.fetch(
                "EXPLAIN SELECT FROM person_search WHERE words %>> 'flood'"
            )
            plans.append("person_search_words" in "".join(row[0] for row in rows))
        await connection.execute("SELECT set_config('role', $1, true)", DB.everyone)

    assert plans == [True, False]


async def test_however_many_words_a_search_is_as_many_statements(db: None) -> None:
    await an_organisation("hmt")
    for number in range(5):
        await somebody("hmt", f"Gwen Ashdown{number}")
    counts = set()
    for query in ("gwen", "gwen policy deputy director", "nobody at all", "gwne"):
        said: list[LoggedQuery] = []
        async with transaction() as connection:
            with connection.query_logger(said.append):
                await search(query, SIGHT, DAY, limit=3)
        counts.add(len([each for each in said if "SAVEPOINT" not in each.query]))

    assert counts == {2}


async def test_an_owner_who_is_no_superuser_may_have_it_and_finds_everybody(
    migrated: Addresses,
) -> None:
    """Row security is forced on the owner too, and `pg_trgm` is trusted."""
    name, word = f"plain_{token_hex(6)}", token_hex(16)
    async with connected(migrated.owner) as superuser:
        await superuser.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{word}'")
        await superuser.execute(f"CREATE DATABASE {name} OWNER {name}")
    owner = urlsplit(migrated.owner)
    plain = owner._replace(
        netloc=owner.netloc.replace(
            f"{owner.username}:{owner.password}", f"{name}:{word}"
        ),
        path=f"/{name}",
    ).geturl()
    whole = owner._replace(path=f"/{name}").geturl()
    role = role_of(migrated.application)
    ids = [migration.id for migration in known()]
    try:
        await migrate(plain, role)
        await undo(plain, to=ids[ids.index("m0015_people_search") - 1])
        async with connected(whole) as filling:
            await filling.execute(ORGANISATIONS)
            for statement in (PEOPLE, DETAILS, POSTINGS):
                await filling.execute(statement, 30)
        await migrate(plain, role)
        async with connected(whole) as reading:
            assert await reading.fetchval("SELECT count(*) FROM person_search") == 30
        await undo(plain, to="")
    finally:
        async with connected(migrated.owner) as superuser:
            await superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")
            await superuser.execute(f"DROP ROLE {name}")
