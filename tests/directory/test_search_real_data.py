"""Searching the published organograms' posts and the people made for them."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.db import DB
from service.directory.queries import known_codes
from service.directory.searching import Sight, search
from tests.directory.files import NOW
from tests.directory.test_real_data import imported

DATA = os.environ.get("JOINEDUP_REAL_DATA")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA, reason="JOINEDUP_REAL_DATA names no folder"),
]


@pytest.fixture(scope="module")
async def everybody(opened: None) -> AsyncIterator[Sight]:
    """HM Treasury's people and all who share with it; undone in the end."""
    transaction = DB.transaction()
    await transaction.__aenter__()
    await imported(Path(DATA or ""))
    yield Sight(frozenset({"hmt"}), frozenset(await known_codes()) - {"hmt"})
    await transaction.rollback()
    await transaction.__aexit__(None, None, None)


@pytest.mark.parametrize(
    ("query", "organisations", "word"),
    [
        ("flood risk", {"defra", "environment-agency"}, "flood"),
        ("flod risk", {"defra", "environment-agency"}, "flood"),
        ("Flood & Coastal Risk Managment", {"environment-agency"}, "coastal"),
        ("pensions policy", {"dwp"}, "pension"),
        ("permanent secretary", {"dwp", "dh"}, "permanent"),
    ],
)
async def test_partners_are_found_by_what_they_do(
    everybody: Sight, query: str, organisations: set[str], word: str
) -> None:
    found = await search(query, everybody, NOW.date(), limit=200)

    assert {each.organisation for each in found} >= organisations
    first = f"{found[0].title} {found[0].unit}".lower()
    assert word in first


async def test_a_name_is_found_however_it_is_written(everybody: Sight) -> None:
    whole = await search("Leonard O'Donnell", everybody, NOW.date(), limit=10)

    for query in (
        "o\N{RIGHT SINGLE QUOTATION MARK}donnell, leonard",
        "LEONARD O DONNELL",
        "Leonrad ODonnell",
    ):
        found = await search(query, everybody, NOW.date(), limit=10)
        assert found[0].person == whole[0].person, query
