"""What people work on is searched by those who are party to it."""

import pytest

from service.directory.searching import search
from tests.directory.searched import DAY, about, names, sight, somebody
from tests.factories import an_organisation

HMT = sight("hmt")
WITH_DEFRA = sight("hmt", partners=["defra"])


@pytest.fixture(autouse=True)
async def organisations(db: None) -> None:
    for code in ("hmt", "defra", "mod"):
        await an_organisation(code)


async def test_what_people_work_on_is_searched_by_its_parties() -> None:
    gwen = await somebody("hmt", "Gwen Ashdown")
    ruth = await somebody("defra", "Ruth Barlow")
    await about("Tidal barrier", ["hmt", "defra"], ("hmt", gwen), ("defra", ruth))

    both = {"Gwen Ashdown", "Ruth Barlow"}
    assert set(await names("tidal barrier", WITH_DEFRA)) == both
    assert set(await names("barier tidal", WITH_DEFRA)) == both
    assert await names("gwen tidal policy", WITH_DEFRA) == ["Gwen Ashdown"]
    assert await names("tidal", sight("defra")) == ["Ruth Barlow"]


async def test_no_other_finds_by_an_objective_they_are_no_party_to() -> None:
    gwen = await somebody("hmt", "Gwen Ashdown")
    await about("Tidal barrier", ["hmt", "defra"], ("hmt", gwen))
    outside = sight("mod", partners=["hmt", "defra"])

    for query in ("tidal", "tidle", "gwen tidal", "tdial barrier"):
        assert await names(query, outside) == [], query


async def test_what_somebody_works_on_does_not_move_them_for_others() -> None:
    gwen = await somebody("hmt", "Gwen Ashdown")
    outside = sight("mod", partners=["hmt", "defra"])
    before = await search("gwen director", outside, DAY, limit=9)

    await about("Gwen the director", ["hmt", "defra"], ("hmt", gwen))

    assert len(before) == 1
    assert await search("gwen director", outside, DAY, limit=9) == before
    assert await search("gwen director", HMT, DAY, limit=9) != before
