"""What an import of people tells the feeds of their organisations."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.directory.files import person, two_organisations
from tests.directory.people import LATER, importing, who
from tests.factories import a_token
from tests.hr.feed.following import NUMBERED_AT_ONCE, begun, items_of, said
from tests.scoring import undone


@pytest.fixture
async def db(opened: None) -> AsyncIterator[None]:
    async with undone():
        await said(NUMBERED_AT_ONCE)
        yield


@pytest.fixture
async def folder(db: None, tmp_path: Path) -> Path:
    await two_organisations(tmp_path)
    return tmp_path


async def test_an_import_tells_of_whom_it_changes_and_of_nobody_else(
    client: httpx.AsyncClient, folder: Path
) -> None:
    headers = await a_token(client, "defra")
    delta = await begun(client, headers, "people")
    await importing(folder, person(1), person(2, 1))
    items, delta = await items_of(client, headers, delta)
    assert {item["data"]["external_id"] for item in items} == {"300001", "300002"}
    assert {(item["op"], item["version"]) for item in items} == {("upsert", 1)}

    await importing(folder, person(1), person(2, 1), now=LATER)
    assert await items_of(client, headers, delta) == ([], delta)

    await importing(folder, person(1), person(2, 1, last_name="Jones"), now=LATER)
    (item,), delta = await items_of(client, headers, delta)
    assert (item["id"], item["version"]) == (str(await who(2)), 2)
    assert item["data"]["name"] == "Megan Jones"

    gone = str(await who(2))
    await importing(folder, person(1), now=LATER, complete=["defra"])
    (item,), _ = await items_of(client, headers, delta)
    assert (item["id"], item["op"], item["data"]) == (gone, "delete", None)


async def test_another_organisation_hears_nothing_of_it(
    client: httpx.AsyncClient, folder: Path
) -> None:
    headers = await a_token(client, "dfid")
    delta = await begun(client, headers, "people")
    await importing(folder, person(1))
    assert await items_of(client, headers, delta) == ([], delta)


async def test_a_new_manager_alone_is_no_change_of_what_is_told(
    client: httpx.AsyncClient, folder: Path
) -> None:
    await importing(folder, person(1), person(2), person(3))
    headers = await a_token(client, "defra")
    delta = await begun(client, headers, "people")
    await importing(folder, person(1), person(2, 1), person(3), now=LATER)
    assert await items_of(client, headers, delta) == ([], delta)
