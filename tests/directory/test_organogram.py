from datetime import timedelta
from pathlib import Path

import pytest

from service.directory.actions import ImportRefused, import_organogram
from service.directory.importing.report import Complaint, Report
from tests.directory.files import CALLER, NOW, TODAY, post, two_organisations, write
from tests.directory.stored import digest, rows

POSTS = (
    "SELECT organisation, reference, occupancy, reports_to_organisation,"
    " reports_to_reference FROM post WHERE valid_to IS NULL ORDER BY reference"
)


@pytest.fixture
async def organisations(db: None, tmp_path: Path) -> Path:
    """Two organisations and one post, so that there is something to leave alone."""
    await two_organisations(tmp_path, post("P0"))
    return tmp_path


async def importing(folder: Path, *posts: dict[str, str]) -> Report:
    return await import_organogram([write(folder, *posts)], caller=CALLER, now=NOW)


def about(report: Report, column: str) -> Complaint:
    [warning] = [each for each in report.warnings if each.column == column]
    return warning


async def test_posts_report_to_posts(organisations: Path) -> None:
    report = await importing(
        organisations, post("P1", "XX"), post("P2", "P1"), post("P3", "xx", Name="ND")
    )

    assert (report.read, report.created, report.warnings) == (3, 3, [])
    assert (await rows(POSTS))[1:] == [
        ("defra", "P1", "filled", None, None),
        ("defra", "P2", "filled", "defra", "P1"),
        ("defra", "P3", "withheld", None, None),
    ]


async def test_no_person_and_no_name_comes_from_an_organogram(
    organisations: Path,
) -> None:
    await importing(organisations, post("P1", Name="Engelbert Quill"))

    assert await rows("SELECT 1 FROM person") == []
    assert not await rows(
        "SELECT 1 FROM audit_entry WHERE coalesce(after::text, '') LIKE '%Quill%'"
    )


async def test_a_second_import_changes_nothing(organisations: Path) -> None:
    posts = [post("P1", "P9"), post("P2", "P1"), post("P2", "P1", Name="N/D")]
    await importing(organisations, *posts)
    before = await digest()

    report = await importing(organisations, *posts)

    assert (report.read, report.unchanged) == (3, 3)
    assert await digest() == before


async def test_only_what_changed_is_closed_and_opened(organisations: Path) -> None:
    await importing(organisations, post("P1"), post("P2", "P1"))
    later = NOW + timedelta(days=10)

    report = await import_organogram(
        [write(organisations, post("P1"), post("P2", "P1", Name="Vacant"))],
        caller=CALLER,
        now=later,
    )

    assert (report.changed, report.unchanged) == (1, 1)
    assert await rows(
        "SELECT occupancy, valid_from, valid_to FROM post WHERE reference = 'P2'"
        " ORDER BY valid_from"
    ) == [("filled", TODAY, later.date()), ("vacant", later.date(), None)]
    assert await rows(
        "SELECT before, after FROM audit_entry WHERE action = 'post.changed'"
    ) == [('{"occupancy": "filled"}', '{"occupancy": "vacant"}')]


async def test_spaces_are_squeezed(organisations: Path) -> None:
    spaced = post(" P1 ", Job=" Head  of\nWater \N{NO-BREAK SPACE}", Grade="SCS1a ")

    await importing(organisations, spaced)

    assert await rows("SELECT title, grade FROM post WHERE reference = 'P1'") == [
        ("Head of Water", "SCS1A")
    ]


async def test_one_post_held_by_two_is_one(organisations: Path) -> None:
    report = await importing(
        organisations, post("P1", Name="N/D"), post("P1", Name="Joan Williamson")
    )

    assert (report.created, report.unchanged) == (1, 1)
    assert "alike but for the holder" in about(report, "Post Unique Reference").detail
    assert ("defra", "P1", "filled", None, None) in await rows(POSTS)


@pytest.mark.parametrize("live_first", [True, False])
async def test_of_two_posts_with_one_reference_the_live_one_is_taken(
    organisations: Path, *, live_first: bool
) -> None:
    pair = [
        post("P1", Job="Live"),
        post("P1", Job="Gone", Name="Eliminated'"),
    ]

    report = await importing(organisations, *(pair if live_first else pair[::-1]))

    assert "two different posts" in about(report, "Post Unique Reference").detail
    assert await rows("SELECT title FROM post WHERE reference = 'P1'") == [("Live",)]


async def test_of_two_live_posts_with_one_reference_the_first_is_taken(
    organisations: Path,
) -> None:
    await importing(organisations, post("P1", Job="First"), post("P1", Job="Second"))

    assert await rows("SELECT title FROM post WHERE reference = 'P1'") == [("First",)]


async def test_nothing_under_valid_is_taken_and_nought_is_left_out(
    organisations: Path,
) -> None:
    report = await importing(
        organisations,
        post("P1", Valid=""),
        post("P2", Valid="0"),
        post("P3", Valid="1.0"),
    )

    assert (report.read, report.created, report.unchanged) == (3, 2, 1)
    assert [(each.line, each.detail) for each in report.warnings] == [
        (2, "Posts with nothing under 'Valid?', taken as valid: P1."),
        (3, "Posts marked as not valid, left out: P2."),
    ]


async def test_a_post_that_reports_to_none_there_is_kept_as_published(
    organisations: Path,
) -> None:
    missing = [post(f"P{n}", "X9") for n in range(1, 8)]

    report = await importing(organisations, *missing)

    assert about(report, "Reports to Senior Post").detail == (
        "Posts that report to one that is in no file and not stored: P1 to X9, P2 to"
        " X9, P3 to X9, P4 to X9, P5 to X9 and 2 more."
    )
    assert ("defra", "P1", "filled", "defra", "X9") in await rows(POSTS)


async def test_a_stored_post_may_be_reported_to(organisations: Path) -> None:
    report = await importing(organisations, post("P1", "P0"))

    assert report.warnings == []


async def test_a_post_of_another_organisation_in_the_file_may_be_reported_to(
    organisations: Path,
) -> None:
    report = await importing(
        organisations,
        post("P1", "Q1"),
        post("Q1", Organisation="dfid"),
        post("Q2", "P0", Organisation=" Department for  International development"),
    )

    assert ("defra", "P1", "filled", "dfid", "Q1") in await rows(POSTS)
    assert "Q2 to P0" in about(report, "Reports to Senior Post").detail


async def test_loops_are_told_and_kept(organisations: Path) -> None:
    report = await importing(
        organisations, post("P1", "P2"), post("P2", "P1"), post("P3", "P3")
    )

    assert report.created == 3
    assert about(report, "Reports to Senior Post").detail == (
        "Posts that report to each other in a loop: P1 to P2 to P1, P3 to P3."
    )


@pytest.mark.parametrize(
    ("column", "value", "detail"),
    [
        ("Post Unique Reference", "", "empty"),
        ("Post Unique Reference", "P" * 61, "61 characters"),
        ("Job Title", "", "empty"),
        ("Grade (or equivalent)", "", "empty"),
        ("Organisation", "", "empty"),
        ("Organisation", "Defra Group", "no organisation 'Defra Group'"),
        ("Unit", "Wat\x00er", "control character (U+0000)"),
        ("Unit", "Wat\x85er", "control character (U+0085)"),
        ("Valid?", "perhaps", "neither 1 nor 0"),
    ],
)
async def test_a_bad_row_refuses_all(
    organisations: Path, column: str, value: str, detail: str
) -> None:
    before = await digest()

    with pytest.raises(ImportRefused) as refused:
        await importing(organisations, post("P1"), post("P2") | {column: value})

    [complaint] = refused.value.report.rejected
    assert (complaint.line, complaint.column) == (3, column)
    assert detail in complaint.detail
    assert complaint.remedy
    assert await digest() == before


async def test_all_that_is_wrong_is_told_at_once(organisations: Path) -> None:
    twice = post("P1", Job="", Grade="")

    with pytest.raises(ImportRefused) as refused:
        await importing(organisations, twice, post("", Organisation="Nowhere"))

    first, second = refused.value.report.rejected
    assert (first.column, "Also Grade" in first.detail) == ("Job Title", True)
    assert second.line == 3


async def test_partial_keeps_the_good_rows(organisations: Path) -> None:
    file = write(organisations, post("P1"), post("P2", Organisation="Nowhere"))

    report = await import_organogram([file], caller=CALLER, now=NOW, partial=True)

    assert (report.read, report.created, len(report.rejected)) == (2, 1, 1)
    assert "also_known_as" in report.rejected[0].remedy


async def test_a_file_that_cannot_be_read_refuses_even_a_partial_import(
    organisations: Path,
) -> None:
    good = write(organisations, post("P1"))
    before = await digest()

    with pytest.raises(ImportRefused) as refused:
        await import_organogram(
            [good, organisations / "gone.csv"], caller=CALLER, now=NOW, partial=True
        )

    [complaint] = refused.value.report.rejected
    assert complaint.file.endswith("gone.csv")
    assert await digest() == before
