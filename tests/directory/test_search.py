"""What a search finds, in which order, and what it is blind to."""

from datetime import timedelta

import pytest

from service.directory.searching import (
    MOST_WORDS,
    NothingToSearchFor,
    search,
    seen,
)
from service.directory.tables import Posting
from tests.directory.searched import DAY, about, names, sight, somebody
from tests.factories import a_posting, an_organisation

HMT = sight("hmt")
WITH_DEFRA = sight("hmt", partners=["defra"])


@pytest.fixture(autouse=True)
async def organisations(db: None) -> None:
    for code in ("hmt", "defra", "mod"):
        await an_organisation(code)


# By what.


async def test_people_are_found_by_name_title_unit_and_organisation() -> None:
    await somebody("hmt", "Gwen Ashdown", "Head of Coastal Erosion", "Flood Programme")

    for query in (
        "gwen",
        "ASHDOWN",
        "Gwen Ashdown",
        "coastal",
        "flood programme",
        "hmt",
        "Department hmt",
        "gwen flood hmt",
    ):
        assert await names(query, HMT) == ["Gwen Ashdown"], query


async def test_every_word_must_hold() -> None:
    await somebody("hmt", "Gwen Ashdown", unit="Flood Programme")

    assert await names("gwen rail", HMT) == []


async def test_words_are_found_in_their_other_forms() -> None:
    await somebody("hmt", "Gwen Ashdown", "Director, Flooding", "Risks")

    assert await names("flood risk", HMT) == ["Gwen Ashdown"]


async def test_a_word_that_says_little_is_not_needed_beside_one_that_does() -> None:
    await somebody("hmt", "Gwen Ashdown", "Head, Flood Policy")

    assert await names("the head of flood policy", HMT) == ["Gwen Ashdown"]


async def test_words_that_say_little_are_found_when_nothing_else_is_asked() -> None:
    await somebody("hmt", "Will Ashdown", "Office of the Chair", "Policy")
    await somebody("hmt", "Gwen Young", "Chair", "Policy")

    assert await names("of the", HMT) == ["Will Ashdown"]
    assert await names("will", HMT) == ["Will Ashdown"]


@pytest.mark.parametrize(
    "query",
    [
        "coastl",
        "costal",
        "coasstal",
        "coatsal",
        "erosoin",
        "ersion",
        "coastl erosoin",
        "ashdwon",
        "Ashdon",
        "gwne",
        "Gwenn",
        "Gewn Ashdown",
        "ashdown coastle",
    ],
)
async def test_a_misspelt_word_is_found(query: str) -> None:
    await somebody("hmt", "Gwen Ashdown", "Head of Coastal Erosion")
    await somebody("hmt", "Peter Lloyd", "Head of Rail")

    assert await names(query, HMT) == ["Gwen Ashdown"]


@pytest.mark.parametrize(
    "query", ["Siân Ŵyn", "Sian Wyn", "SIÂN", "ŵyn", "Sia\u0302n", "dwr"]
)
async def test_accents_and_capitals_make_no_difference(query: str) -> None:
    await somebody("hmt", "Siân Ŵyn", "Pennaeth Dŵr")

    assert await names(query, HMT) == ["Siân Ŵyn"]


@pytest.mark.parametrize(
    "query", ["O'Brien", "o\N{RIGHT SINGLE QUOTATION MARK}brien", "o brien", "OBrien"]
)
async def test_apostrophes_make_no_difference(query: str) -> None:
    await somebody("hmt", "Nora O'Brien")

    assert await names(query, HMT) == ["Nora O'Brien"]


@pytest.mark.parametrize(
    "query",
    [
        "flood & !risk",
        "flood | rail",
        "'flood':*",
        "flood <-> risk",
        "flood:A",
        'flood "risk',
        "flood) OR (1=1",
        "%flood_",
        "\\flood",
        "flood*",
    ],
)
async def test_an_operator_is_no_operator(query: str) -> None:
    await somebody("hmt", "Gwen Ashdown", unit="Flood Risk")
    await somebody("hmt", "Peter Lloyd", "Director", "Rail")
    plain = "".join(c if c.isalnum() else " " for c in query)

    assert await names(query, HMT) == await names(plain, HMT)
    assert "Peter Lloyd" not in await names(query, HMT)


@pytest.mark.parametrize("query", ["", " ", "?!", "&|()*:", "\t\n", "…", "\u0302"])
async def test_without_a_word_nothing_is_listed(query: str) -> None:
    await somebody("hmt")

    with pytest.raises(NothingToSearchFor, match="Give a name"):
        await search(query, HMT, DAY, limit=10)


async def test_ten_words_count() -> None:
    await somebody("hmt", "Gwen Ashdown", unit="Flood Risk")
    words = ["flood"] * 20 + ["risk"]
    assert await names(" ".join(words), HMT) == ["Gwen Ashdown"]
    strange = [f"zyxw{number}" for number in range(MOST_WORDS - 1)]

    assert await names(" ".join(["flood", *strange]), HMT) == []


# In which order.


async def test_an_exact_name_comes_first_then_words_then_what_is_like_them() -> None:
    await somebody("hmt", "Peter Lloyd", "Head of Parks")
    await somebody("hmt", "Anne Park", "Director")
    await somebody("hmt", "Park Lee", "Director")
    await somebody("hmt", "Gwen Parkin", "Director")
    await somebody("hmt", "Ruth Dean", "Director", "Park Park Park Park Park")

    found = await names("park", HMT)

    assert set(found[:2]) == {"Anne Park", "Park Lee"}
    assert found[2:] == ["Ruth Dean", "Peter Lloyd", "Gwen Parkin"]


@pytest.mark.parametrize("query", ["Gwen Ashdown", "ashdown, gwen"])
async def test_a_whole_name_comes_before_all_who_share_its_words(query: str) -> None:
    await somebody("hmt", "Peter Lloyd", "Private Secretary to Gwen Ashdown", "Gwen")
    await somebody("hmt", "Gwen Ashdown", "Director")

    assert await names(query, HMT) == ["Gwen Ashdown", "Peter Lloyd"]


async def test_a_name_counts_for_more_than_a_title_and_that_than_the_rest() -> None:
    await somebody("hmt", "Ruth Dean", "Director")
    await somebody("hmt", "Anne Frost-Coast", "Director")
    coast = await somebody("hmt", "Peter Lloyd", "Director")
    await somebody("hmt", "Joan Mills", "Head of Coast")
    await about("Coast", ["hmt"], ("hmt", coast))

    assert await names("coast", HMT) == [
        "Anne Frost-Coast",
        "Joan Mills",
        "Peter Lloyd",
    ]


async def test_a_word_that_is_only_a_little_like_counts_if_none_is_more() -> None:
    await somebody("hmt", "Gwen Ashdown", "Head of Food")
    assert await names("flood", HMT) == ["Gwen Ashdown"]

    await somebody("hmt", "Peter Lloyd", "Head of Flood Risk")
    assert await names("flood", HMT) == ["Peter Lloyd"]


async def test_pages_hold_everybody_once_in_one_order() -> None:
    for number in range(25):
        await somebody("hmt", f"Gwen Ashdown{number % 3}", unit="Flood " * (number % 4))
    whole = await search("gwen", HMT, DAY, limit=100)

    read = []
    after = None
    while page := await search("gwen", HMT, DAY, limit=4, after=after):
        read += page
        after = page[-1].place, page[-1].person

    assert len(whole) == 25
    assert read == whole
    assert [each.place for each in read] == sorted(each.place for each in read)


async def test_who_holds_two_posts_is_found_once_by_the_nearer() -> None:
    person = await somebody("hmt", "Gwen Ashdown", "Head of Flood Risk")
    await Posting.update({"post_reference": "P1"}).where(Posting.person == person)
    await a_posting(person, "hmt", fte="0.2")

    [by_first] = await search("flood", HMT, DAY, limit=9)
    [by_second] = await search("policy deputy", HMT, DAY, limit=9)

    assert (by_first.title, by_second.title) == (
        "Head of Flood Risk",
        "Deputy Director",
    )
    assert (await seen(str(person), HMT, DAY)).title == "Head of Flood Risk"


# Whom it does not find.


async def test_nobody_outside_the_sight_is_found() -> None:
    await somebody("hmt", "Gwen Ashdown")
    await somebody("defra", "Gwen Barlow")
    await somebody("mod", "Gwen Carter")

    assert await names("gwen", HMT) == ["Gwen Ashdown"]
    assert set(await names("gwen", WITH_DEFRA)) == {"Gwen Ashdown", "Gwen Barlow"}


async def test_one_organisation_can_be_asked_for() -> None:
    await somebody("hmt", "Gwen Ashdown")
    await somebody("defra", "Gwen Barlow")

    for asked, found in ((["defra"], 1), (["mod"], 0), ([], 0)):
        people = await search("gwen", WITH_DEFRA, DAY, limit=9, organisations=asked)
        assert len(people) == found


async def test_who_is_not_discoverable_is_found_at_home_alone() -> None:
    await somebody("defra", "Gwen Barlow", hidden=True)

    assert await names("gwen", WITH_DEFRA) == []
    assert await names("gwen", sight("defra")) == ["Gwen Barlow"]


async def test_whom_one_may_not_find_does_not_change_what_one_finds() -> None:
    """A word that only they have would else be known by what is no longer found."""
    await somebody("hmt", "Gwen Smith")
    before = await search("smyth", WITH_DEFRA, DAY, limit=9)
    assert len(before) == 1

    await somebody("defra", "Ruth Smyth", hidden=True)
    await somebody("mod", "Anne Smyth")
    await somebody("defra", "Joan Smyth", until=DAY)

    assert await search("smyth", WITH_DEFRA, DAY, limit=9) == before


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [(0, None, True), (1, None, False), (-9, 1, True), (-9, 0, False)],
)
async def test_only_who_holds_a_post_today_is_found(
    since: int, until: int | None, *, found: bool
) -> None:
    person = await somebody(
        "defra",
        "Gwen Barlow",
        since=DAY + timedelta(days=since),
        until=None if until is None else DAY + timedelta(days=until),
    )

    assert bool(await names("gwen", WITH_DEFRA)) is found
    if found:
        assert (await seen(str(person), WITH_DEFRA, DAY)).person == person
