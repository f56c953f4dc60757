"""An HR administrator: people imported, a window extended, a role granted."""

from pathlib import Path

import pytest

from service.access.queries import roles_of
from service.access.rules import Role
from service.records.frameworks import Stage
from service.records.queries import instants
from service.settings import settings
from tests.directory.files import text
from tests.factories import IN_THE_YEAR
from tests.web.browser import in_a_browser
from tests.web.hr.conftest import Office, in_the_year, office
from tests.web.hr.test_import import row, wrights
from tests.web.journeys.walking import Walk, Walking

__all__ = ["in_the_year", "office"]
pytestmark = [in_a_browser, pytest.mark.slow]


@pytest.fixture(autouse=True)
def data_dir(
    in_the_year: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOINEDUP_DATA_DIR", str(tmp_path))
    settings.cache_clear()


async def test_people_are_imported_once_the_file_is_mended(
    walking: Walking, office: Office
) -> None:
    async with walking.of(office.people[Role.HR_ADMINISTRATOR], "hmt", "hr") as walk:
        await walk.to("/hr", "dministration")
        await walk.follow("Import people")
        await walk.at("Import people")
        await walk.press("Look through the file")
        await walk.is_told("Select a CSV file that is not empty")
        await send(walk, row(1), row(2, fte="two"))
        await walk.at("Check the import")
        await walk.reads("What is wrong", "fte")
        assert await wrights() == set()
        await walk.follow("Choose another file")
        await walk.at("Import people")
        await send(walk, row(1), row(2))
        await walk.at("Check the import")
        await walk.press("Import all rows")
        await walk.at("People imported")
        await walk.reads("New: 2")
    assert await wrights() == {"Wright1", "Wright2"}


async def send(walk: Walk, *rows: dict[str, str]) -> None:
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": text(rows).encode()}
    await walk.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type] # a dictionary is one
    await walk.press("Look through the file")


async def test_a_window_is_extended_and_a_role_granted(
    walking: Walking, office: Office
) -> None:
    whom = office.people["nobody"]
    async with walking.of(office.people[Role.HR_ADMINISTRATOR], "hmt", "hr") as walk:
        await walk.to("/hr", "dministration")
        await walk.follow("Cycles and dates")
        await walk.at("Cycles and dates")
        await walk.page.locator(f'a[href="/hr/cycles/{office.cycle}"]').first.click()
        await walk.at("Cycle 2026")
        await walk.follow("Extend feedback")
        await walk.at("Extend feedback")
        await walk.reads("is told by e-mail")
        await walk.write(closes="soon")
        await walk.press("Extend feedback")
        await walk.is_told("Enter the day on which feedback closes")
        await walk.write(closes="8/3/2027")
        await walk.press("Extend feedback")
        await walk.at("Cycle 2026")
        await walk.reads("the end of 7 March 2027")
        await walk.page.goto("/hr/roles")
        await walk.at("Roles")
        await walk.follow("Grant a role")
        await walk.page.locator("#q").fill("Sam")
        await walk.press("Search")
        await walk.at("Grant a role")
        await walk.choose(person=str(whom), role="text_moderator")
        await walk.press("Grant the role")
        await walk.is_told("Enter the last day of the role")
        await walk.write(until="31/3/2027")
        await walk.press("Grant the role")
        await walk.at("Roles")
        await walk.reads("1 April 2027")
    closes = (await instants(office.cycle))[Stage.FEEDBACK_CLOSES]
    assert closes.isoformat() == "2027-03-08T00:00:00+00:00"
    assert ("hmt", Role.TEXT_MODERATOR) in await roles_of(whom, IN_THE_YEAR.date())
