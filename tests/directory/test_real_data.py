"""The published organograms and the extracts made for them, whole."""

import os
import shutil
from pathlib import Path

import pytest

from service.directory.actions import (
    import_organisations,
    import_organogram,
    import_people,
)
from service.directory.importing.report import Report
from service.directory.queries import organisations
from tests.directory.files import CALLER, NOW
from tests.directory.people import LATER
from tests.directory.stored import digest, rows

DATA = os.environ.get("JOINEDUP_REAL_DATA")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA, reason="JOINEDUP_REAL_DATA names no folder"),
]


@pytest.fixture
async def reports(db: None, tmp_path: Path) -> tuple[Path, list[Report]]:
    """A copy of the real files, and what importing them told."""
    folder = tmp_path / "real"
    shutil.copytree(DATA or "", folder)
    return folder, await imported(folder)


async def imported(folder: Path) -> list[Report]:
    file = folder / "hr" / "organisations.csv"
    posts = sorted((folder / "organogram").glob("*.csv"))
    people = sorted(set((folder / "hr").glob("*.csv")) - {file})
    return [
        await import_organisations([file], caller=CALLER, now=NOW),
        await import_organogram(posts, caller=CALLER, now=NOW),
        await import_people(people, caller=CALLER, now=NOW),
    ]


async def test_all_of_it_is_imported(reports: tuple[Path, list[Report]]) -> None:
    organisations_, posts, people = reports[1]

    assert (organisations_.read, organisations_.created) == (24, 24)
    assert (posts.read, posts.created, posts.unchanged) == (3_159, 3_137, 22)
    assert (people.read, people.created) == (2_831, 2_831)
    assert not [*organisations_.rejected, *posts.rejected, *people.rejected]
    assert len(await organisations()) == 24
    [(count, lines)] = await rows(
        "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM reporting_line)"
    )
    assert (count, lines) == (2_831, 2_831 - 134)


async def test_its_quirks_are_told_briefly(
    reports: tuple[Path, list[Report]],
) -> None:
    organisations_, posts, people = reports[1]
    told = [
        (Path(each.file).name.partition("-2013")[0], each.detail.partition(":")[0])
        for each in posts.warnings
    ]

    assert organisations_.warnings == []
    assert len(told) == len(set(told)) < 25
    loop = "Posts that report to each other in a loop"
    assert ("department-for-work-and-pensions", loop) in told
    assert (
        "treasury-solicitors",
        "Posts with nothing under 'Valid?', taken as valid",
    ) in told
    nowhere = "Posts that report to one that is in no file and not stored"
    assert {file for file, what in told if what == nowhere} == {
        "ministry-of-defence-army",
        "ministry-of-defence-head-office",
    }
    assert [each.detail.partition(":")[0] for each in people.warnings] == [
        "Posts that are not on the organogram of cabinet-office",
        "Posts that are not on the organogram of dfe",
        "Line managers in a loop, whose lines were kept",
    ]


async def test_grades_and_placeholders_are_read_as_meant(
    reports: tuple[Path, list[Report]],
) -> None:
    grades = {grade for (grade,) in await rows("SELECT DISTINCT grade FROM post")}
    held = dict(await rows("SELECT occupancy, count(*) FROM post GROUP BY 1"))

    assert grades == {
        *("OF-6", "OF-7", "OF-8", "OF-9"),
        *("SCS1", "SCS1A", "SCS2", "SCS3", "SCS4"),
    }
    assert set(held) == {"filled", "withheld", "vacant", "eliminated"}
    assert held["vacant"] == 57  # Of 58; two stand in one post.


async def test_importing_it_again_changes_not_one_row(
    reports: tuple[Path, list[Report]],
) -> None:
    before = await digest()

    again = await imported(reports[0])

    assert [each.unchanged for each in again] == [24, 3_159, 2_831]
    assert [each.warnings for each in again] == [each.warnings for each in reports[1]]
    assert await digest() == before


async def test_a_changed_file_changes_only_what_changed(
    reports: tuple[Path, list[Report]],
) -> None:
    file = reports[0] / "hr" / "land-registry.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[3] = lines[3].replace(",SCS1,", ",SCS2,").replace(",SCS2,", ",SCS3,", 1)
    file.write_text("".join(lines), encoding="utf-8")
    counts = "SELECT count(*) FROM {}"
    tables = ("person", "posting", "reporting_line", "person_details", "audit_entry")
    before = [(await rows(counts.format(table)))[0][0] for table in tables]

    report = await import_people([file], caller=CALLER, now=LATER)

    after = [(await rows(counts.format(table)))[0][0] for table in tables]
    assert (report.read, report.changed, report.unchanged) == (21, 1, 20)
    assert [b - a for a, b in zip(before, after, strict=True)] == [0, 1, 0, 0, 2]
    assert await rows(
        "SELECT count(*) FROM posting WHERE valid_to = $1", LATER.date()
    ) == [(1,)]
