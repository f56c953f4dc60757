from pathlib import Path

import pytest

from service.directory.actions import ImportRefused, import_people
from service.directory.importing.report import Complaint
from tests.directory.files import (
    CALLER,
    NOW,
    person,
    write,
)
from tests.directory.stored import digest

IN_DFID = {
    "organisation": "dfid",
    "work_email": "m@dfid.example",
    "person_id": "300001",
}


async def refused(folder: Path, *given: dict[str, str]) -> Complaint:
    """Import rows of which one is bad; return what is said of it."""
    before = await digest()
    with pytest.raises(ImportRefused) as caught:
        await import_people([write(folder, *given)], caller=CALLER, now=NOW)
    assert await digest() == before
    [complaint] = caught.value.report.rejected
    return complaint


@pytest.mark.parametrize(
    ("column", "value", "detail", "remedy"),
    [
        ("employee_number", "", "empty", "Fill it in"),
        ("employee_number", "E" * 121, "121 characters", "Shorten"),
        ("employee_number", "E1", "belongs to another person", "Correct one"),
        ("first_name", "", "empty", "Fill it in"),
        ("first_name", "Meg\x00an", "(U+0000)", "Remove the character"),
        ("last_name", "x" * 101, "101 characters; at most 100", "Shorten"),
        ("work_email", "", "empty", "Fill it in"),
        ("work_email", "megan", "no e-mail address", "jo.smith@defra.example"),
        ("work_email", "a b@defra.example", "no e-mail address", "one address"),
        ("work_email", "a..b@defra.example", "no e-mail address", "one address"),
        ("work_email", "m@dfid.example", "domain of dfid, not of defra", "file of org"),
        ("work_email", "m@mail.example", "no e-mail domain of defra", "file of org"),
        ("work_email", "MEGAN.wright1@Defra.example", "another person", "Correct one"),
        ("organisation", "", "empty", "Fill it in"),
        ("organisation", "nowhere", "no organisation", "import organisations first"),
        ("organisation", "DFID", "no organisation", "its code, dfid"),
        ("organisation", "DEFRA", "no organisation", "its code, defra"),
        ("grade", "", "empty", "Fill it in"),
        ("job_title", "", "empty", "Fill it in"),
        ("job_title", "x" * 301, "301 characters", "Shorten"),
        ("unit", "Water\x1b[31m", "(U+001B)", "Remove the character"),
        ("line_manager_employee_number", "E9", "Nobody in defra", "leave it empty"),
        ("start_date", "", "empty", "Fill it in"),
        ("start_date", "01/04/2026", "not a date", "YYYY-MM-DD"),
        ("start_date", "20260401", "not a date", "YYYY-MM-DD"),
        ("start_date", "2026-02-30", "no day 2026-02-30", "Correct the date"),
        ("start_date", "0202-04-01", "anybody serves", "between"),
        ("start_date", "2926-04-01", "anybody serves", "between"),
        ("fte", "", "empty", "Fill it in"),
        ("fte", "0", "no share", "above 0 and at most 1"),
        ("fte", "0.0", "no share", "above 0 and at most 1"),
        ("fte", "1.01", "no share", "above 0 and at most 1"),
        ("fte", "-0.5", "no share", "above 0 and at most 1"),
        ("fte", "NaN", "no share", "above 0 and at most 1"),
        ("fte", "1e-1", "no share", "above 0 and at most 1"),
        ("fte", "0,5", "no share", "such as 0.6"),
        ("fte", "0.33333", "no share", "four decimals"),
        ("hr_system", "sap", "not the HR system of defra", "Write oracle"),
        ("hr_system", "", "empty", "Fill it in"),
        ("person_id", "", "empty", "Fill it in"),
        ("person_id", "300001", "another person", "their own id"),
        ("appraisal_record_id", "PerfDoc-1", "another person", "Correct one"),
        ("appraisal_record_id", "x" * 121, "121 characters", "Shorten"),
    ],
)
async def test_a_bad_row_is_refused_by_line_and_column(
    folder: Path, column: str, value: str, detail: str, remedy: str
) -> None:
    complaint = await refused(folder, person(1), person(2) | {column: value})

    assert complaint.file.endswith("file.csv")
    assert (complaint.line, complaint.column) == (3, column)
    assert detail in complaint.detail
    assert remedy in complaint.remedy


@pytest.mark.parametrize(
    ("end", "detail"),
    [
        ("2024-08-31", "before or as it begins"),
        ("2024-09-01", "before or as it begins"),
        ("soon", "not a date"),
    ],
)
async def test_dates_reversed_are_refused(folder: Path, end: str, detail: str) -> None:
    complaint = await refused(folder, person(1, end_date=end))

    assert complaint.column == "end_date"
    assert detail in complaint.detail


@pytest.mark.parametrize(
    "same",
    [
        {"employee_number": "E1"},
        {"person_id": "300001"},
        {"employee_number": "E1", "person_id": "300001"},
    ],
)
async def test_a_row_of_the_same_file_is_named_by_its_line_alone(
    folder: Path, same: dict[str, str]
) -> None:
    complaint = await refused(folder, person(1), person(2) | same)

    assert " line 2" in complaint.detail
    assert str(folder) not in complaint.detail


async def test_a_row_of_another_file_is_named_with_it(folder: Path) -> None:
    first = write(folder, person(1), name="first.csv")
    second = write(folder, person(2, employee_number="E1"), name="second.csv")

    with pytest.raises(ImportRefused) as caught:
        await import_people([first, second], caller=CALLER, now=NOW)

    [complaint] = caught.value.report.rejected
    assert f"{first} line 2" in complaint.detail


async def test_a_human_in_two_organisations_has_one_week(folder: Path) -> None:
    complaint = await refused(folder, person(1), person(1, **IN_DFID))

    assert (complaint.line, complaint.column) == (3, "fte")
    assert "1.0 in dfid + 1.0 in defra = 2.0 FTE" in complaint.detail
    assert "--complete" in complaint.remedy


async def test_a_human_already_stored_elsewhere_has_one_week(folder: Path) -> None:
    await import_people([write(folder, person(1))], caller=CALLER, now=NOW)

    complaint = await refused(folder, person(1, fte="0.25", **IN_DFID))

    assert "0.25 in dfid + 1.0 in defra = 1.25 FTE" in complaint.detail


async def test_ids_that_two_systems_gave_by_chance_are_two_humans(
    folder: Path,
) -> None:
    other = person(1, first_name="Ruth", last_name="Okafor", **IN_DFID)

    report = await import_people(
        [write(folder, person(1), other)], caller=CALLER, now=NOW
    )

    assert report.created == 2
    assert not [each for each in report.warnings if each.column == "person_id"]


async def test_one_person_twice_has_one_week(folder: Path) -> None:
    twice = person(1, post_reference="P2", fte="0.5", appraisal_record_id="")

    complaint = await refused(folder, person(1, fte="0.6"), twice)

    assert complaint.column == "fte"
    assert "1.1 FTE in defra" in complaint.detail


async def test_one_person_holds_a_post_once(folder: Path) -> None:
    half = person(1, fte="0.5")

    complaint = await refused(folder, half, half)

    assert (complaint.line, complaint.column) == (3, "post_reference")


async def test_an_address_of_somebody_not_in_the_files_is_refused(
    folder: Path,
) -> None:
    await import_people([write(folder, person(1))], caller=CALLER, now=NOW)

    complaint = await refused(
        folder, person(2, work_email="megan.wright1@defra.example")
    )

    assert complaint.column == "work_email"
    assert "somebody who is not in the files" in complaint.detail
    assert "--complete defra" in complaint.remedy


async def test_an_employee_number_of_somebody_else_stored_is_refused(
    folder: Path,
) -> None:
    await import_people([write(folder, person(1))], caller=CALLER, now=NOW)

    complaint = await refused(folder, person(2, employee_number="E1"))

    assert complaint.column == "employee_number"


async def test_a_manager_renumbered_in_the_file_is_not_found_by_the_old_number(
    folder: Path,
) -> None:
    await import_people([write(folder, person(1))], caller=CALLER, now=NOW)

    complaint = await refused(folder, person(1, employee_number="E7"), person(2, 1))

    assert complaint.column == "line_manager_employee_number"


async def test_a_manager_who_leaves_cannot_be_named(folder: Path) -> None:
    await import_people([write(folder, person(1))], caller=CALLER, now=NOW)

    with pytest.raises(ImportRefused, match="Nobody in defra"):
        await import_people(
            [write(folder, person(2, 1))], caller=CALLER, now=NOW, complete=["defra"]
        )


async def test_what_a_leaver_had_is_free(folder: Path) -> None:
    await import_people([write(folder, person(1))], caller=CALLER, now=NOW)
    successor = person(2) | {
        column: person(1)[column]
        for column in ("employee_number", "work_email", "appraisal_record_id")
    }

    report = await import_people(
        [write(folder, successor)], caller=CALLER, now=NOW, complete=["defra"]
    )

    assert report.created == 1


async def test_every_bad_row_is_told(folder: Path) -> None:
    bad = [person(n, fte="2") for n in range(1, 9)]

    with pytest.raises(ImportRefused) as caught:
        await import_people(
            [write(folder, *bad, person(9, grade=""))], caller=CALLER, now=NOW
        )

    report = caught.value.report
    assert [each.line for each in report.rejected] == list(range(2, 11))
    assert (report.read, report.created, report.changed, report.unchanged) == (
        9,
        0,
        0,
        0,
    )
    assert "refused: 9" in str(caught.value)


async def test_a_column_nobody_reads_is_told(folder: Path) -> None:
    file = write(folder, person(1) | {"end_dat": "2020-01-01"})

    report = await import_people([file], caller=CALLER, now=NOW)

    assert [each.detail for each in report.warnings] == [
        "Columns that are not read: end_dat."
    ]
