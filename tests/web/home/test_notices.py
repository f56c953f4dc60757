"""What somebody was told: their own alone, until they have read it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from service.settings import settings
from tests.factories import IN_THE_YEAR
from tests.objectives.joint import Joint, a_joint_department
from tests.scoring import undone
from tests.web.counting import MOST, asked
from tests.web.visiting import heading, visiting


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


async def test_everybody_reads_their_own_and_marks_it_read(joint: Joint) -> None:
    fact = await joint.proposed()
    async with visiting(joint.dft.head, "dft") as visitor:
        page = await visitor.get("/notices")
        assert page.status_code == 200, page.text
        assert heading(page) == "What you were told"
        assert page.text.count(f'href="/objectives/{fact.id}"') == 1
        assert ">New<" in page.text
        assert len(await asked(visitor, "/notices")) <= MOST
        read = await visitor.post("/notices/reading")
        assert (read.status_code, read.headers["location"]) == (303, "/notices")
        assert ">New<" not in (await visitor.get("/notices")).text
    async with visiting(joint.hmt.head, "hmt") as other:
        assert ">New<" in (await other.get("/notices")).text


async def test_whoever_was_told_nothing_is_told_that(joint: Joint) -> None:
    async with visiting(joint.moj.head, "moj") as visitor:
        assert "Nothing yet." in (await visitor.get("/notices")).text
    async with visiting(None) as stranger:
        assert (await stranger.get("/notices")).status_code == 303
