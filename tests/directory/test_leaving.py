from datetime import date, timedelta
from pathlib import Path

import pytest

from service.directory.actions import NobodyThere
from service.directory.queries import details_of, postings_between
from service.directory.rules import UnknownOrganisation, UnknownPerson
from tests.directory.files import person
from tests.directory.people import LATER, LINES, about, importing, who
from tests.directory.stored import digest, rows

STARTED = date(2024, 9, 1)


async def test_absence_from_a_file_closes_nothing(folder: Path) -> None:
    await importing(folder, person(1), person(2, 1))
    before = await digest()

    await importing(folder, person(1), now=LATER)

    assert await digest() == before


async def test_absence_from_complete_files_closes_all_but_the_person(
    folder: Path,
) -> None:
    await importing(folder, person(1), person(2, 1))
    two = await who(2)

    report = await importing(folder, person(1), now=LATER, complete=["defra"])

    assert (report.read, report.unchanged) == (1, 1)
    assert about(report, None).detail == (
        "People of defra who are in none of the files and were closed: E2."
    )
    with pytest.raises(UnknownPerson):
        await who(2)
    assert await rows(
        "SELECT count(*) FROM posting WHERE person = $1 AND valid_to = $2",
        two,
        LATER.date(),
    ) == [(1,)]
    assert await rows(LINES) == [("line", STARTED, LATER.date())]
    assert (await details_of([two]))[two].family_name == "Wright2"
    before = await digest()
    again = await importing(folder, person(1), now=LATER, complete=["defra"])
    assert (again.warnings, await digest()) == ([], before)


async def test_somebody_who_returns_is_the_same_person(folder: Path) -> None:
    await importing(folder, person(1), person(2, 1))
    two = await who(2)
    await importing(folder, person(1), now=LATER, complete=["defra"])
    returns = LATER + timedelta(days=100)

    report = await importing(folder, person(1), person(2, 1), now=returns)

    assert (report.changed, report.unchanged) == (1, 1)
    assert await who(2) == two
    held = await postings_between(two, date(2020, 1, 1), date(2030, 1, 1))
    assert [(each.valid_from, each.valid_to) for each in held] == [
        (STARTED, LATER.date()),
        (returns.date(), None),
    ]


async def test_nobody_is_closed_while_a_row_is_rejected(folder: Path) -> None:
    await importing(folder, person(1), person(2))

    report = await importing(
        folder,
        person(1),
        person(3, fte="9"),
        now=LATER,
        partial=True,
        complete=["defra"],
    )

    assert "nobody was closed" in about(report, None).detail
    assert await who(2)


async def test_complete_for_an_organisation_that_is_not_in_the_files_is_refused(
    folder: Path,
) -> None:
    with pytest.raises(NobodyThere, match="dfid"):
        await importing(folder, person(1), complete=["dfid"])
    with pytest.raises(UnknownOrganisation, match="nowhere"):
        await importing(folder, person(1), complete=["nowhere"])


async def test_a_posting_that_has_ended_is_closed_on_its_day(folder: Path) -> None:
    ends = {"end_date": "2026-05-20"}
    await importing(folder, person(1, end_date=""), person(2, 1, end_date=""))

    for _ in range(2):
        await importing(folder, person(1, end_date=""), person(2, 1, **ends), now=LATER)

    assert await rows("SELECT valid_to FROM posting WHERE post_reference = 'P2'") == [
        (date(2026, 5, 20),)
    ]
    assert await rows(LINES) == [("line", STARTED, date(2026, 5, 20))]


async def test_a_posting_that_ended_before_the_first_import_is_history(
    folder: Path,
) -> None:
    over = person(1, end_date="2025-01-01")
    await importing(folder, over)
    before = await digest()

    report = await importing(folder, over, now=LATER)

    assert report.unchanged == 1
    assert await digest() == before
    assert [
        row[2:]
        for row in await rows("SELECT title, fte, valid_from, valid_to FROM posting")
    ] == [(STARTED, date(2025, 1, 1))]
