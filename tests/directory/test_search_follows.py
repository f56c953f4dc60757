"""What is searched follows what is true, whoever writes it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from service.db import DB, transaction
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import known, migrate, undo
from service.db.reach import only, within_reach
from service.directory.actions import import_organisations
from service.directory.searching import LONGEST_TOPIC, Topic, search, works_on
from service.directory.tables import Posting
from tests.database import connected
from tests.directory.files import CALLER, ORGANISATION, person, write
from tests.directory.people import LATER, importing, who
from tests.directory.searched import about, names, sight, somebody
from tests.directory.stored import rows
from tests.factories import an_organisation

DEFRA = sight("defra")
DFID = sight("dfid")
LATE = LATER.date()
SEARCHED = "SELECT count(*) FROM person_search"
WRITTEN = "SELECT id FROM person_search ORDER BY id"
"""Whoever writes a row anew gives it another id."""
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
TOPICS = (
    "SELECT organisation, person, objective, seen_by, words FROM person_topic"
    " ORDER BY person, seen_by, objective"
)


# Imports.


async def test_who_is_imported_is_found(folder: Path) -> None:
    assert await names("wright1", DEFRA, day=LATE) == []

    await importing(folder, person(1, unit="Flood Risk"))

    assert await names("flood risk", DEFRA, day=LATE) == ["Megan Wright1"]
    assert await names("food rural affairs", DEFRA, day=LATE) == ["Megan Wright1"]


async def test_a_new_name_is_found_and_the_old_no_more(folder: Path) -> None:
    await importing(folder, person(1, last_name="Quillfeather"))
    await importing(folder, person(1, last_name="Ostrander"), now=LATER)

    assert await names("ostrander", DEFRA, day=LATE) == ["Megan Ostrander"]
    assert await names("quillfeather", DEFRA, day=LATE) == []


async def test_a_move_is_found_from_its_day_on(folder: Path) -> None:
    await importing(folder, person(1, unit="Water"))
    moved = {"post_reference": "P3", "start_date": "2026-05-20", "unit": "Farming"}
    await importing(folder, person(1, **moved), now=LATER)

    for day, unit in ((date(2026, 5, 19), "Water"), (date(2026, 5, 20), "Farming")):
        [found] = await search("megan", DEFRA, day, limit=9)
        assert found.unit == unit
    assert await names("water", DEFRA, day=LATE) == []


async def test_a_correction_on_the_same_day_leaves_nothing(folder: Path) -> None:
    await importing(folder, person(1))
    await importing(folder, person(1, unit="Air"), now=LATER)
    await importing(folder, person(1, unit="Soil"), now=LATER)

    assert await names("air", DEFRA, day=LATE) == []
    assert await names("soil", DEFRA, day=LATE) == ["Megan Wright1"]
    assert await rows(SEARCHED) == [(2,)]


async def test_who_has_left_is_not_found(folder: Path) -> None:
    await importing(folder, person(1), person(2))
    await importing(folder, person(2), now=LATER, complete=["defra"])

    assert await names("megan", DEFRA, day=LATE) == ["Megan Wright2"]


async def test_who_comes_to_another_organisation_is_found_there(folder: Path) -> None:
    await importing(folder, person(1), person(2))
    there = {"organisation": "dfid", "work_email": "m@dfid.example"}
    await importing(folder, person(2), now=LATER, complete=["defra"])
    await importing(folder, person(1, post_reference="", **there), now=LATER)

    assert await names("megan", DFID, day=LATE) == ["Megan Wright1"]
    assert await names("megan", DEFRA, day=LATE) == ["Megan Wright2"]


async def test_an_organisation_goes_by_its_new_name(folder: Path) -> None:
    await importing(folder, person(1))
    file = write(folder, ORGANISATION | {"name": "Department for Meadows"})
    await import_organisations([file], caller=CALLER, now=LATER)

    assert await names("meadows", DEFRA, day=LATE) == ["Megan Wright1"]
    assert await names("rural", DEFRA, day=LATE) == []


async def test_an_import_that_changes_nothing_writes_nothing(folder: Path) -> None:
    await importing(folder, person(1), person(2))
    before = await rows(WRITTEN)
    await importing(folder, person(2), person(1), now=LATER)

    assert len(before) == 2
    assert await rows(WRITTEN) == before


async def test_what_is_erased_is_not_searched(folder: Path) -> None:
    await importing(folder, person(1), person(2))
    await Posting.delete().where(Posting.person == await who(1))

    assert await names("megan", DEFRA, day=LATE) == ["Megan Wright2"]


# What people work on.


@pytest.fixture
async def two(db: None) -> tuple[UUID, UUID]:
    """Somebody of Defra, and somebody of DFID."""
    for code in ("defra", "dfid"):
        await an_organisation(code)
    return await somebody("defra", "Gwen Ashdown"), await somebody("dfid", "Ruth Dean")


async def test_stating_it_again_changes_nothing(two: tuple[UUID, UUID]) -> None:
    of = [("defra", two[0]), ("dfid", two[1])]
    objective = await about("Tidal barrier", ["defra", "dfid"], *of)
    before = await rows(WRITTEN), await rows(TOPICS)

    await about("Tidal barrier", ["defra", "dfid"], *of, objective=objective)

    assert len(before[1]) == 4
    assert (await rows(WRITTEN), await rows(TOPICS)) == before


async def test_new_words_parties_and_people_replace_the_old(
    two: tuple[UUID, UUID],
) -> None:
    gwen, ruth = two
    one = await about("Tidal barrier", ["defra", "dfid"], ("defra", gwen))
    other = await about("Harvest", ["defra", "dfid"], ("defra", gwen))

    await about("Coastal path", ["dfid"], ("dfid", ruth), objective=one)

    assert await rows(TOPICS) == sorted(
        [
            ("defra", gwen, other, "defra", "Harvest"),
            ("defra", gwen, other, "dfid", "Harvest"),
            ("dfid", ruth, one, "dfid", "Coastal path"),
        ],
        key=lambda row: (row[1], row[3]),
    )
    assert await names("tidal", DEFRA) == []
    assert await names("coastal path", DFID) == ["Ruth Dean"]
    assert await names("harvest", DEFRA) == ["Gwen Ashdown"]


async def test_without_contributors_it_is_searched_no_more(
    two: tuple[UUID, UUID],
) -> None:
    objective = await about("Tidal barrier", ["defra"], ("defra", two[0]))
    await about("Tidal barrier", ["defra"], objective=objective)

    assert await rows(TOPICS) == []
    assert await names("tidal", DEFRA) == []
    assert await names("gwen", DEFRA) == ["Gwen Ashdown"]


async def test_several_objectives_of_one_person_are_searched_together(
    two: tuple[UUID, UUID],
) -> None:
    await about("Tidal barrier", ["defra", "dfid"], ("defra", two[0]))
    await about("Harvest", ["defra"], ("defra", two[0]))

    assert await names("tidal harvest", DEFRA) == ["Gwen Ashdown"]
    assert await names("tidal harvest", sight("dfid", partners=["defra"])) == []


async def test_a_new_post_takes_what_they_work_on_along(
    two: tuple[UUID, UUID],
) -> None:
    await about("Tidal barrier", ["defra"], ("defra", two[0]))
    await Posting.update({"title": "Chief"}).where(Posting.person == two[0])

    assert await names("chief tidal", DEFRA) == ["Gwen Ashdown"]


async def test_a_longer_text_is_searched_in_part(two: tuple[UUID, UUID]) -> None:
    await about(
        "Tidal " + "x" * LONGEST_TOPIC + " barrier", ["defra"], ("defra", two[0])
    )

    assert await names("tidal", DEFRA) == ["Gwen Ashdown"]
    assert await names("barrier", DEFRA) == []


async def test_many_objectives_of_many_people_are_one_statement(
    two: tuple[UUID, UUID],
) -> None:
    people = [("defra", await somebody("defra", f"Gwen B{n}")) for n in range(20)]
    topics = [
        Topic(uuid4(), f"Barrier{n}", frozenset({"defra", "dfid"}), frozenset(people))
        for n in range(10)
    ]
    said: list[str] = []
    async with transaction() as connection:
        connection.add_query_logger(lambda record: said.append(record.query))
        await works_on(topics)

    assert [sql for sql in said if "INSERT" in sql or "DELETE" in sql] == [
        sql for sql in said if "person_topic" in sql
    ]
    assert sum("person_topic" in sql for sql in said) == 1
    assert len(await names("barrier3", DEFRA)) == 20


# Whoever writes, and however many at once.


async def test_an_hr_system_that_reaches_its_own_alone_keeps_what_partners_see(
    two: tuple[UUID, UUID],
) -> None:
    await about("Tidal barrier", ["defra", "dfid"], ("defra", two[0]))

    with within_reach(only(["defra"])):
        await Posting.update({"title": "Chief"}).where(Posting.person == two[0])

    partner = sight("dfid", partners=["defra"])
    assert await names("chief tidal", partner) == ["Gwen Ashdown"]


@pytest.fixture
async def elsewhere(addresses: Addresses, opened: None) -> AsyncIterator[str]:
    """A database of its own, for what must be committed; its owner's address."""
    name, kept = f"search_{uuid4().hex[:12]}", DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        there = addresses.owner.replace("@/joinedup", f"@/{name}")
        await migrate(there, role_of(addresses.application))
        await DB.close()
        await DB.open(kept.replace("@/joinedup", f"@/{name}"), size=3)
        yield there
        await DB.close()
        await DB.open(kept, size=4)
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_two_who_change_one_person_at_once_are_both_followed(
    elsewhere: str,
) -> None:
    await an_organisation("defra")
    gwen = await somebody("defra", "Gwen Ashdown")
    began = asyncio.Event()

    async def first() -> None:
        async with transaction():
            await Posting.update({"title": "Chief"}).where(Posting.person == gwen)
            began.set()
            await until_somebody_waits(elsewhere)

    async def second() -> None:
        await began.wait()
        await about("Tidal barrier", ["defra"], ("defra", gwen))

    await asyncio.gather(first(), second())

    assert await names("chief tidal", DEFRA) == ["Gwen Ashdown"]


async def until_somebody_waits(address: str) -> None:
    async with connected(address) as owner:
        waiting = 0
        while not waiting:
            waiting = await owner.fetchval(WAITING)


async def test_people_who_were_there_before_are_searched_too(elsewhere: str) -> None:
    for code in ("defra", "dfid"):
        await an_organisation(code)
    await somebody("defra", "Gwen Ashdown")
    await somebody("dfid", "Ruth Dean")
    ids = [migration.id for migration in known()]
    before = ids[ids.index("m0015_people_search") - 1]
    await undo(elsewhere, to=before)

    await migrate(elsewhere, role_of(DB.config["dsn"]))

    both = sight("defra", partners=["dfid"])
    assert set(await names("director", both)) == {"Gwen Ashdown", "Ruth Dean"}
