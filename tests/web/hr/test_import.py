"""People are imported from a file that was looked through before."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from service.access.rules import Role
from service.directory import actions
from service.directory.actions import ImportRunning
from service.directory.tables import PersonDetails
from service.records.queries import records
from service.settings import settings
from tests.directory.files import PERSON, text
from tests.factories import IN_THE_YEAR
from tests.web.hr.conftest import Office
from tests.web.visiting import Visitor, heading, title, visiting

HERE = "/hr/people-import"


@pytest.fixture(autouse=True)
def data_dir(
    in_the_year: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setenv("JOINEDUP_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path


def row(number: int, **different: str) -> dict[str, str]:
    return (
        PERSON
        | {
            "employee_number": f"E{number}",
            "last_name": f"Wright{number}",
            "work_email": f"megan{number}@hmt.example",
            "organisation": "hmt",
            "post_reference": "",
            "hr_system": "workday",
            "person_id": f"30000{number}",
            "appraisal_record_id": f"Doc-{number}",
        }
        | different
    )


async def send(
    visitor: Visitor, *rows: dict[str, str], **fields: str
) -> httpx.Response:
    return await visitor.post(
        HERE, fields, files={"file": ("people.csv", text(rows).encode(), "text/csv")}
    )


def left_in(folder: Path) -> list[Path]:
    return [*(folder / "uploads").iterdir()]


async def wrights() -> set[str]:
    found = await PersonDetails.select(PersonDetails.family_name).where(
        PersonDetails.family_name.like("Wright%")
    )
    return {each["family_name"] for each in found}


async def test_a_file_is_looked_through_then_imported_and_forgotten(
    office: Office, data_dir: Path
) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        sent = await send(hr, row(1), row(2))
        assert sent.status_code == 303, sent.text
        there = sent.headers["location"]
        looked = await hr.get(there)
        assert looked.status_code == 200, looked.text
        assert "Import all rows" in looked.text
        assert await wrights() == set()
        done = await hr.post(there, {})
        assert done.status_code == 303, done.text
        said = await hr.get(done.headers["location"])
        assert (heading(said), "New: 2" in said.text) == ("People imported", True)
        assert (await hr.get(there)).status_code == 404
    assert await wrights() == {"Wright1", "Wright2"}
    assert [each.suffixes[-2:] for each in left_in(data_dir)] == [[".done", ".json"]]
    attached = {each.external_id for each in await records(["hmt"])}
    assert {"Doc-1", "Doc-2"} <= attached


async def test_an_import_sent_twice_tells_once_what_it_did(office: Office) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        there = (await send(hr, row(1), row(2))).headers["location"]
        await hr.get(there)
        first = await hr.post(there, {})
        again = await hr.post(there, {})
        said = await hr.get(again.headers["location"])

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]
    assert "New: 2" in said.text


async def test_what_an_import_did_is_not_whatever_an_address_says(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = office.people
    async with visiting(people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        there = (await send(hr, row(1))).headers["location"]
        before = await hr.get(f"{there}/done")
        done = (await hr.post(there, {})).headers["location"]
        said = await hr.get(f"{done}?created=99")
        made_up = await hr.get(f"{HERE}/done?created=99")
        async with visiting(office.other_hr, "defra") as other:
            theirs = await other.get(done)
        later = IN_THE_YEAR + timedelta(hours=1)
        monkeypatch.setenv("JOINEDUP_NOW", later.isoformat())
        settings.cache_clear()
    async with visiting(people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        after = await hr.get(done)

    assert "New: 1" in said.text
    assert {each.status_code for each in (before, made_up, theirs, after)} == {404}


async def test_each_bad_row_is_named_and_the_good_ones_may_go_in(
    office: Office,
) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        there = (await send(hr, row(1), row(2, fte="two"))).headers["location"]
        looked = await hr.get(there)
        assert "<th" in looked.text
        assert "fte" in looked.text
        assert "Import without the refused rows" in looked.text
        whole = await hr.post(there, {})
        assert whole.status_code == 422
        assert title(whole).startswith("Error: ")
        assert "Nothing was imported" in whole.text
        assert await wrights() == set()
        assert (await hr.post(there, {"partial": "true"})).status_code == 303
    assert await wrights() == {"Wright1"}


async def test_rows_of_another_organisation_are_refused(office: Office) -> None:
    theirs = row(2, organisation="defra", work_email="megan2@defra.example")
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        there = (await send(hr, row(1), theirs)).headers["location"]
        looked = await hr.get(there)
        assert "you import for" in looked.text
        await hr.post(there, {"partial": "true"})
        nothing = (await send(hr, theirs)).headers["location"]
        assert "Nothing of this file can be imported" in (await hr.get(nothing)).text
    assert await wrights() == {"Wright1"}


async def test_what_was_found_stays_until_the_import_finds_something_else(
    office: Office,
) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        there = (await send(hr, row(1))).headers["location"]
        taken = row(5, work_email=row(1)["work_email"])
        sooner = (await send(hr, taken)).headers["location"]
        assert (await hr.post(sooner, {})).status_code == 303
        assert "Import all rows" in (await hr.get(there)).text
        refused = await hr.post(there, {})
        assert refused.status_code == 422
        assert "Nothing was imported" in refused.text
        again = await hr.get(there)
        assert again.status_code == 200
        for page in (refused, again):
            assert "belongs to somebody who is not in the files" in page.text
            assert "Nothing of this file can be imported" in page.text
    assert await wrights() == {"Wright5"}


async def test_what_was_found_is_said_in_the_language_of_whoever_looks(
    office: Office,
) -> None:
    header = text([row(1)]).partition("\n")[0].encode()
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        sent = await hr.post(
            HERE,
            {"complete": "true"},
            files={"file": ("people.csv", header, "text/csv")},
        )
        for language, said in (
            ("en", "The file holds nobody of your organisation"),
            ("cy", "Nid oes neb yn y ffeiliau"),
        ):
            looked = await hr.get(
                sent.headers["location"], headers={"Accept-Language": language}
            )
            assert (looked.status_code, said in looked.text) == (422, True), language


async def test_while_another_import_runs_nothing_is_kept_and_nothing_is_lost(
    office: Office, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object, **__: object) -> None:
        raise ImportRunning("It has been running for longer than this one may wait.")

    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        there = (await send(hr, row(1))).headers["location"]
        before = sorted(left_in(data_dir))
        with monkeypatch.context() as patch:
            patch.setattr(actions, "import_people", busy)
            sent, applied = await send(hr, row(2)), await hr.post(there, {})
        for answer, shown in ((sent, "Import people"), (applied, "Check the import")):
            assert answer.status_code == 422
            assert heading(answer) == shown
            assert "Another import is running" in answer.text
        assert sorted(left_in(data_dir)) == before
        assert "Import all rows" in applied.text
        assert (await hr.post(there, {})).status_code == 303
    assert await wrights() == {"Wright1"}


async def test_a_file_is_its_sender_s_alone_and_for_an_hour(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        there = (await send(hr, row(1))).headers["location"]
        async with visiting(office.other_hr, "defra") as other:
            assert (await other.get(there)).status_code == 404
            assert (await other.post(there, {})).status_code == 404
        monkeypatch.setenv("JOINEDUP_NOW", IN_THE_YEAR.replace(hour=10).isoformat())
        settings.cache_clear()
        assert (await hr.get(there)).status_code == 404
    assert await wrights() == set()


async def test_who_is_not_in_a_complete_file_has_left(office: Office) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        sent = await send(hr, row(1), complete="true")
        there = sent.headers["location"]
        looked = await hr.get(there)
        assert "Whoever is not in the file has left" in looked.text
        done = await hr.post(there, {"complete": "true"})
    assert done.status_code == 303
    open_ = await PersonDetails.select().where(
        PersonDetails.organisation == "hmt", PersonDetails.valid_to.is_null()
    )
    assert {each["family_name"] for each in open_} == {"Wright1"}


async def test_no_file_an_empty_one_and_no_csv_are_said_to_be_so(
    office: Office,
) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        for name, content in (("", b""), ("people.csv", b"")):
            got = await hr.post(HERE, {}, files={"file": (name, content, "text/csv")})
            assert (got.status_code, title(got)[:7]) == (422, "Error: ")
            assert "Select a CSV file that is not empty" in got.text
        got = await hr.post(
            HERE, {}, files={"file": ("x.csv", b"PK\x03\x04" + b"0" * 99, "text/csv")}
        )
        looked = await hr.get(got.headers["location"])
        assert "Excel workbook" in looked.text
        assert "Nothing of this file can be imported" in looked.text


async def test_a_file_from_elsewhere_is_refused(office: Office) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        got = await send(hr, row(1), _csrf="x" * 40)
        assert got.status_code == 403
        hr.client.headers["Sec-Fetch-Site"] = "cross-site"
        assert (await send(hr, row(1))).status_code == 403
