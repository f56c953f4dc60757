import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from service.directory.actions import (
    import_organisations,
    import_people,
)
from service.directory.queries import details_of, person_named, postings_between
from service.directory.rules import UnknownPerson
from tests.directory.files import (
    CALLER,
    NOW,
    ORGANISATION,
    TODAY,
    person,
    write,
)
from tests.directory.people import LATER, LINES, about, importing, who
from tests.directory.stored import digest, rows

STARTED = date(2024, 9, 1)
POSTINGS = (
    "SELECT title, fte, valid_from, valid_to FROM posting ORDER BY valid_from, valid_to"
)


async def test_people_are_known_by_both_their_numbers(folder: Path) -> None:
    report = await importing(folder, person(1), person(2, 1))

    assert (report.read, report.created, report.warnings) == (2, 2, [])
    one = await who(1)
    assert (
        await person_named("employee_number", "E1", organisations=["defra"])
    ).person == one
    assert (await details_of([one]))[one].email == "megan.wright1@defra.example"
    assert await rows(
        "SELECT source, external_record_id FROM hr_record WHERE person = $1", one
    ) == [("oracle", "PerfDoc-1")]


async def test_a_posting_and_its_line_begin_when_hr_says(folder: Path) -> None:
    await importing(folder, person(1), person(2, 1, start_date="2025-10-07"))

    assert [row[2:] for row in await rows(POSTINGS)] == [
        (STARTED, None),
        (date(2025, 10, 7), None),
    ]
    assert await rows(LINES) == [("line", date(2025, 10, 7), None)]


async def test_a_second_import_changes_nothing(folder: Path) -> None:
    people = [person(1), person(2, 1), person(3, 2, appraisal_record_id="")]
    await importing(folder, *people)
    before = await digest()

    report = await importing(folder, *reversed(people), now=LATER)

    assert (report.read, report.unchanged) == (3, 3)
    assert await digest() == before


async def test_a_promotion_closes_one_posting_and_opens_the_next_today(
    folder: Path,
) -> None:
    await importing(folder, person(1), person(2, 1))

    report = await importing(
        folder, person(1, job_title="Director", grade="SCS2"), person(2, 1), now=LATER
    )

    assert (report.changed, report.unchanged) == (1, 1)
    assert await rows(POSTINGS) == [
        ("Deputy Director", 1, STARTED, LATER.date()),
        ("Deputy Director", 1, STARTED, None),
        ("Director", 1, LATER.date(), None),
    ]
    assert await rows(LINES) == [("line", STARTED, None)]


async def test_a_move_takes_effect_on_its_own_start_date(folder: Path) -> None:
    moved = {"post_reference": "P3", "start_date": "2026-03-01", "job_title": "Chief"}
    await importing(folder, person(1), person(2), person(3, 1))

    await importing(folder, person(1), person(2), person(3, 2, **moved), now=LATER)

    three = await postings_between(await who(3), date(2020, 1, 1), date(2030, 1, 1))
    assert [(each.title, each.valid_from, each.valid_to) for each in three] == [
        ("Deputy Director", STARTED, date(2026, 3, 1)),
        ("Chief", date(2026, 3, 1), None),
    ]
    assert await rows(LINES) == [
        ("line", STARTED, date(2026, 3, 1)),
        ("line", date(2026, 3, 1), None),
    ]


async def test_a_correction_on_the_same_day_leaves_an_empty_interval(
    folder: Path,
) -> None:
    await importing(folder, person(1))
    await importing(folder, person(1, unit="Air"), now=LATER)
    await importing(folder, person(1, unit="Soil"), now=LATER)

    one = await postings_between(await who(1), date(2020, 1, 1), date(2030, 1, 1))
    assert [each.unit for each in one] == ["Water", "Soil"]
    assert len(await rows(POSTINGS)) == 3


async def test_an_earlier_start_corrects_a_first_posting(folder: Path) -> None:
    await importing(folder, person(1))
    await importing(folder, person(1, start_date="2024-06-01"), now=LATER)

    one = await postings_between(await who(1), date(2020, 1, 1), date(2030, 1, 1))
    assert [(each.valid_from, each.valid_to) for each in one] == [
        (date(2024, 6, 1), None)
    ]


async def test_names_close_and_open_and_stay_out_of_the_audit(folder: Path) -> None:
    await importing(folder, person(1, last_name="Quillfeather"))
    await importing(folder, person(1, last_name="Ostrander"), now=LATER)

    assert await rows(
        "SELECT family_name, valid_from, valid_to FROM person_details"
        " ORDER BY valid_from"
    ) == [
        ("Quillfeather", TODAY, LATER.date()),
        ("Ostrander", LATER.date(), None),
    ]
    audit = await rows("SELECT action, before::text, after::text FROM audit_entry")
    assert "person.changed" in {action for action, _, _ in audit}
    assert not [e for e in audit if "Ostr" in str(e) or "Quill" in str(e)]
    ids = await rows("SELECT id FROM person_details ORDER BY valid_from")
    [(before, after)] = await rows(
        "SELECT before, after FROM audit_entry WHERE action = 'person.changed'"
    )
    assert json.loads(before) == {"person_details": [str(ids[0][0])]}
    assert json.loads(after) == {"person_details": [str(ids[1][0])]}


async def test_a_manager_taken_away_closes_the_line(folder: Path) -> None:
    await importing(folder, person(1), person(2, 1))
    await importing(folder, person(1), person(2), now=LATER)

    assert await rows(LINES) == [("line", STARTED, LATER.date())]


async def test_two_posts_of_one_person_are_two_postings(folder: Path) -> None:
    second = {"post_reference": "P2", "fte": "0.4", "appraisal_record_id": ""}

    report = await importing(
        folder,
        person(2),
        person(3),
        person(1, 2, fte="0.6"),
        person(1, 3, **second),
    )

    assert report.created == 4
    one = await who(1)
    held = await rows("SELECT fte FROM posting WHERE person = $1 ORDER BY 1", one)
    assert held == [(Decimal("0.4"),), (Decimal("0.6"),)]
    assert await rows(
        "SELECT kind, manager FROM reporting_line WHERE person = $1 ORDER BY kind", one
    ) == [("functional", await who(3)), ("line", await who(2))]


async def test_a_posting_no_longer_in_a_persons_rows_is_closed(folder: Path) -> None:
    half = {"fte": "0.5"}
    await importing(folder, person(1, **half), person(1, post_reference="P2", **half))

    await importing(folder, person(1), now=LATER)

    assert await rows(
        "SELECT post_reference, fte FROM posting WHERE valid_to IS NULL"
    ) == [("P1", 1)]


async def test_a_loop_of_managers_is_imported_and_told(folder: Path) -> None:
    report = await importing(folder, person(1, 3), person(2, 1), person(3, 2))

    assert report.created == 3
    assert about(report, "line_manager_employee_number").detail == (
        "Line managers in a loop, whose lines were kept: E1 to E3 to E2 to E1."
    )
    assert len(await rows(LINES)) == 3


async def test_nobody_is_their_own_manager(folder: Path) -> None:
    report = await importing(folder, person(1, 1))

    assert "own manager" in about(report, "line_manager_employee_number").detail
    assert await rows(LINES) == []


async def test_a_stored_manager_may_be_named(folder: Path) -> None:
    await importing(folder, person(1))

    report = await importing(folder, person(2, 1))

    assert (report.created, report.warnings) == (1, [])
    assert len(await rows(LINES)) == 1


async def test_a_rejected_managers_people_keep_the_lines_they_have(
    folder: Path,
) -> None:
    await importing(folder, person(1), person(2, 1))

    report = await importing(
        folder, person(2, 3), person(3, fte="0"), now=LATER, partial=True
    )

    assert (report.unchanged, len(report.rejected)) == (1, 1)
    assert "rejected" in about(report, "line_manager_employee_number").detail
    assert await rows(LINES) == [("line", STARTED, None)]


async def test_posts_not_on_the_organogram_are_one_warning(folder: Path) -> None:
    report = await importing(folder, *(person(number) for number in range(1, 10)))

    assert about(report, "post_reference").detail == (
        "Posts that are not on the organogram of defra: P4, P5, P6, P7, P8 and 1 more."
    )


async def test_a_part_of_a_week_in_each_of_two_organisations_is_two_people(
    folder: Path,
) -> None:
    there = {"organisation": "dfid", "work_email": "m@dfid.example"}

    report = await importing(
        folder, person(1, fte="0.5"), person(1, fte="0.5", post_reference="", **there)
    )

    assert report.created == 2
    assert "two organisations" in about(report, "person_id").detail
    assert len(await rows("SELECT 1 FROM person")) == 2


async def test_two_may_swap_their_numbers_and_addresses(folder: Path) -> None:
    await importing(folder, person(1), person(2))
    one, two = await who(1), await who(2)
    first, second = person(1), person(2)
    for column in ("employee_number", "work_email", "appraisal_record_id"):
        first[column], second[column] = second[column], first[column]

    await importing(folder, first, second, now=LATER)

    assert [await who(1), await who(2)] == [one, two]
    found = await person_named("employee_number", "E1", organisations=["defra"])
    assert found.person == two


async def test_a_new_hr_system_finds_its_people_by_employee_number(
    folder: Path,
) -> None:
    await importing(folder, person(1))
    one = await who(1)
    file = write(folder, ORGANISATION | {"hr_system": "sap"})
    await import_organisations([file], caller=CALLER, now=NOW)

    report = await importing(
        folder, person(1, hr_system="sap", person_id="S-77"), now=LATER
    )

    assert report.changed == 1
    found = await person_named("sap", "S-77", organisations=["defra"])
    assert found.person == one


async def test_what_follows_runs_in_the_same_transaction(folder: Path) -> None:
    heard: list[frozenset[str]] = []
    before = await digest()

    async def fails(organisations: frozenset[str]) -> None:
        heard.append(organisations)
        assert len(await rows("SELECT 1 FROM hr_record")) == 1
        raise UnknownPerson("No.")

    with pytest.raises(UnknownPerson):
        await import_people(
            [write(folder, person(1))], caller=CALLER, now=NOW, followed_by=fails
        )

    assert heard == [frozenset({"defra"})]
    assert await digest() == before
