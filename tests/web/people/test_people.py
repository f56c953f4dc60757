"""One's people and the directory as pages."""

from collections.abc import AsyncIterator, Iterator

import pytest

from service.directory.rules import LineKind
from service.directory.tables import ReportingLine
from service.settings import settings
from tests.directory.searched import somebody
from tests.factories import (
    IN_THE_YEAR,
    LONG_AGO,
    a_department,
    a_person,
    record_of,
    sharing,
)
from tests.objectives.joint import Joint, a_joint_department
from tests.scoring import undone
from tests.web.counting import MOST, asked
from tests.web.visiting import heading, title, visiting


@pytest.fixture(autouse=True)
def in_the_year(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", IN_THE_YEAR.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def db(opened: None) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture
async def joint(db: None) -> Joint:
    return await a_joint_department()


async def test_a_manager_sees_their_people_and_where_each_record_stands(
    joint: Joint,
) -> None:
    await joint.agreed()
    async with visiting(joint.hmt.head, "hmt") as visitor:
        page = await visitor.get("/people")
    assert page.status_code == 200, page.text
    assert heading(page) == "Your people"
    assert f"/records/{joint.on.id}" in page.text
    assert "1 of 1 agreed" in page.text
    assert page.text.count("You are their") == len(joint.hmt.people)


async def test_whoever_contributes_has_that_objective_counted_too(
    joint: Joint,
) -> None:
    proposed = await joint.proposed()
    record = f"/records/{(await record_of(joint.partner, joint.on.cycle)).id}"
    async with visiting(joint.partner, "dft") as visitor:
        assert "None shared yet" in (await visitor.get("/records")).text
        assert proposed.content.title not in (await visitor.get(record)).text
    await joint.agreed(title="Two front doors")
    async with visiting(joint.partner, "dft") as visitor:
        assert "1 of 1 agreed" in (await visitor.get("/records")).text
        assert "Two front doors" in (await visitor.get(record)).text
    async with visiting(joint.dft.head, "dft") as visitor:
        assert "1 of 1 agreed" in (await visitor.get("/people")).text


async def test_functional_managers_see_theirs_and_no_drafts_are_counted(
    joint: Joint,
) -> None:
    await joint.drafted()
    await ReportingLine.insert(
        ReportingLine(
            organisation="hmt",
            id=joint.subject,
            person=joint.subject,
            manager=joint.moj.head,
            kind=LineKind.FUNCTIONAL,
            valid_from=LONG_AGO,
            valid_to=None,
        )
    )
    async with visiting(joint.moj.head, "moj") as visitor:
        page = await visitor.get("/people")
    assert f"/records/{joint.on.id}" in page.text
    assert "functional manager" in page.text
    assert "None shared yet" in page.text


async def test_whoever_manages_nobody_is_told_so(joint: Joint) -> None:
    async with visiting(joint.subject, "hmt") as visitor:
        page = await visitor.get("/people")
        own = await visitor.get("/records")
    assert "Nobody is recorded as answering to you" in page.text
    assert f"/records/{joint.on.id}" not in page.text
    assert f"/records/{joint.on.id}" in own.text
    assert own.text.count("Appraisal year") == 1


async def test_the_directory_finds_partners_people_and_nobody_elses(db: None) -> None:
    own = await a_department("hmt")
    for code in ("defra", "mod"):
        await a_department(code)
    await sharing("hmt", "defra")
    for code in ("hmt", "defra", "mod"):
        await somebody(code, "Gwenllian Byrne")
    async with visiting(own.head, "hmt") as visitor:
        page = await visitor.get("/directory?q=gwenllian")
        none = await visitor.get("/directory?q=zzyzx")
        empty = await visitor.get("/directory?q=+")
        plain = await visitor.get("/directory")
        said = await asked(visitor, "/directory?q=gwenllian")
    assert page.status_code == 200, page.text
    assert "Department defra" in page.text
    assert "Department mod" not in page.text
    assert page.text.count(">Gwenllian") == 2
    assert "Nobody was found" in none.text
    assert (empty.status_code, plain.status_code) == (422, 200)
    assert title(empty).startswith("Error: ")
    assert len(said) <= MOST, said


async def test_the_directory_gives_twenty_on_a_page(db: None) -> None:
    department = await a_department("hmt")
    for _ in range(25):
        await a_person("hmt")
    async with visiting(department.head, "hmt") as visitor:
        first = await visitor.get("/directory?q=sam")
        (link,) = (
            each.split('"')[0].replace("&amp;", "&")
            for each in first.text.split('href="')[1:]
            if each.startswith("/directory?q=")
        )
        second = await visitor.get(link)
        forged = await visitor.get("/directory?q=sam&after=forged")
    assert first.text.count("govuk-summary-list__key") == 20
    assert second.text.count("govuk-summary-list__key") == 9
    assert forged.status_code == 400


async def test_strangers_are_led_to_sign_in(db: None) -> None:
    async with visiting(None) as stranger:
        for path in ("/people", "/records", "/directory?q=sam"):
            assert (await stranger.get(path)).status_code == 303, path
