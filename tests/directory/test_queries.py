from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from service.directory.queries import (
    line_above,
    line_manager_on,
    line_managers_on,
    person_named,
    posting_on,
    postings_between,
    postings_on,
    postings_overlapping,
)
from service.directory.rules import AmbiguousIdentifier, UnknownPerson
from tests.directory.files import TODAY, person
from tests.directory.people import LATER, importing, who

STARTED = date(2024, 9, 1)
DAY = timedelta(days=1)


async def test_a_posting_holds_from_its_first_day_to_before_its_last(
    folder: Path,
) -> None:
    await importing(folder, person(1))
    await importing(folder, person(1, unit="Air"), now=LATER)
    one = await who(1)

    async def unit(day: date) -> str | None:
        held = await posting_on(one, day)
        return held.unit if held else None

    assert await unit(STARTED - DAY) is None
    assert await unit(STARTED) == "Water"
    assert await unit(LATER.date() - DAY) == "Water"
    assert await unit(LATER.date()) == "Air"
    between = await postings_between(one, STARTED, LATER.date())
    assert [held.unit for held in between] == ["Water"]
    across = await postings_overlapping([one], STARTED, LATER.date() + DAY)
    assert [held.unit for held in across[one]] == ["Water", "Air"]


async def test_a_row_that_held_on_no_day_is_never_found(folder: Path) -> None:
    await importing(folder, person(1))
    await importing(folder, person(1, start_date="2024-06-01"), now=LATER)
    one = await who(1)

    held = await postings_between(one, date(2000, 1, 1), date(2100, 1, 1))

    assert len(held) == 1
    assert (await postings_on([one], STARTED))[one].valid_from == date(2024, 6, 1)


async def test_the_main_posting_has_the_highest_fte(folder: Path) -> None:
    await importing(
        folder,
        person(1, fte="0.4", unit="Less"),
        person(1, fte="0.6", unit="More", post_reference="P2"),
    )

    main = await posting_on(await who(1), TODAY)

    assert main is not None
    assert (main.unit, main.organisation, main.grade) == ("More", "defra", "SCS1")


async def test_the_line_leads_up_from_manager_to_manager(folder: Path) -> None:
    await importing(folder, person(1), person(2, 1), person(3, 2), person(4))
    one, two, three, four = [await who(number) for number in range(1, 5)]

    assert await line_above(three, TODAY) == [two, one]
    assert await line_above(four, TODAY) == []
    assert await line_manager_on(three, TODAY) == two
    assert await line_manager_on(three, STARTED - DAY) is None
    assert await line_managers_on([three, two, one], TODAY) == {three: two, two: one}


async def test_a_line_in_a_loop_ends(folder: Path) -> None:
    await importing(folder, person(1, 3), person(2, 1), person(3, 2), person(4, 3))
    one, two, three, four = [await who(number) for number in range(1, 5)]

    assert await line_above(one, TODAY) == [three, two]
    assert await line_above(four, TODAY) == [three, two, one]


async def test_an_identifier_means_somebody_in_the_organisations_asked(
    folder: Path,
) -> None:
    there = person(
        1, organisation="dfid", work_email="ruth@dfid.example", last_name="Okafor"
    )
    await importing(folder, person(1), there)

    in_dfid = await person_named("oracle", "300001", organisations={"dfid"})

    assert in_dfid.organisation == "dfid"
    assert in_dfid.person != await who(1)
    with pytest.raises(AmbiguousIdentifier, match=r"defra, dfid.*organisation=CODE"):
        await person_named("oracle", "300001", organisations={"dfid", "defra"})
    with pytest.raises(UnknownPerson):
        await person_named("oracle", "300001", organisations=set())
    with pytest.raises(UnknownPerson):
        await person_named("sap", "300001", organisations={"dfid"})


async def test_nobody_is_found_among_nobody(db: None) -> None:
    stranger: UUID = uuid4()

    assert await postings_on([], TODAY) == {}
    assert await line_managers_on([stranger], TODAY) == {}
    assert await posting_on(stranger, TODAY) is None
