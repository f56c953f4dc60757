"""Whatever is typed: no fault of ours, and nobody whom one may not find."""

import string
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.directory.searching import NothingToSearchFor, search
from tests.directory.searched import DAY, about, sight, somebody
from tests.factories import an_organisation

OURS = sight("hmt", partners=["defra"])
PARTS = st.sampled_from(
    ["gwen", "ashdown", "flood", "risk", "tidal", "of", "hmt", "mod", "the", "Siân"]
)
TYPED = st.one_of(
    st.text(
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
        min_size=1,
        max_size=200,
    ),
    st.text(string.printable, min_size=1, max_size=200),
    st.lists(PARTS | st.sampled_from([*"&|!():*'\"\\%_<->-."]), min_size=1).map(
        lambda parts: " ".join(parts)[:200]
    ),
)


@pytest.fixture
async def people(db: None) -> None:
    """Two whom one may find, and four whom one may not."""
    for code in ("hmt", "defra", "mod"):
        await an_organisation(code)
    gwen = await somebody("hmt", "Gwen Ashdown", "Director", "Flood Risk")
    await somebody("defra", "Siân Ashdown", "Head of Flood Risk")
    await somebody("defra", "Gwen Hidden", "Director", "Flood Risk", hidden=True)
    await somebody("defra", "Gwen Gone", "Director", "Flood Risk", until=DAY)
    outside = await somebody("mod", "Gwen Outside", "Director", "Flood Risk")
    await about("Tidal barrier", ["hmt", "mod"], ("hmt", gwen), ("mod", outside))


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(typed=TYPED)
@example("gwen")
@example("!!gwen:*&|(")
@example("\u0301")
@example("\ufdfa" * 200)
@example("a" * 200)
@example("\U0010ffff")
@example("٣ ५ 漢字 e\u0301")
async def test_whatever_is_typed_finds_only_whom_one_may_find(
    people: None, typed: str
) -> None:
    with suppress(NothingToSearchFor):
        found = await search(typed, OURS, DAY, limit=100)

        assert {each.family_name for each in found} <= {"Ashdown"}
        assert len({each.person for each in found}) == len(found)
