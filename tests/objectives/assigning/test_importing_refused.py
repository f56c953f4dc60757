"""What an import of objectives refuses, by line and column, whole or in part."""

from pathlib import Path

import pytest

from service.objectives.queries import objective
from service.objectives.tables import SharedObjective
from tests.objectives.assigning.filing import (
    Row,
    counts,
    imported,
    refused,
    rows,
    the_one,
    written,
)
from tests.objectives.joint import Joint, agree, shared_no_more


@pytest.mark.parametrize(
    ("row", "change", "column", "said"),
    [
        (0, {"title": ""}, "title", "It is empty"),
        (0, {"title": "x" * 201}, "title", "at most 200"),
        (0, {"ownership_model": "mine"}, "ownership_model", "none of the values"),
        (0, {"stage": "agreed"}, "stage", "none of the values"),
        (1, {"role": "boss"}, "role", "none of the values"),
        (1, {"role": ""}, "role", "It is empty"),
        (1, {"share": "forty"}, "share", "no whole percentage"),
        (1, {"share": "40.5"}, "share", "no whole percentage"),
        (1, {"share": "101"}, "share", "no whole percentage"),
        (0, {"share": "59"}, "share", "sum to 99"),
        (0, {"weight": "0"}, "weight", "no whole percentage"),
        (0, {"element": "x", "weight": "5"}, "element", "has no element 'x'"),
        (0, {"priority_scheme": "un-sdg-2030"}, "priority_code", "a scheme and a code"),
        (
            0,
            {"priority_scheme": "un-sdg-2030", "priority_code": "99"},
            "priority_code",
            "has no '99'",
        ),
        (1, {"title": "Another"}, "title", "is not what line 2"),
        (1, {"commitment": "a\x00b"}, "commitment", "control character"),
        (1, {"contributor_person_id": "nobody"}, "contributor_person_id", "no posting"),
        (0, {"contributor_person_id": "nobody"}, "contributor_person_id", "known as"),
        (1, {"role": "lead"}, None, "one lead contribution"),
        (0, {"objective_key": ""}, "objective_key", "It is empty"),
    ],
)
async def test_what_is_wrong_is_told_by_line_and_column(
    joint: Joint, tmp_path: Path, row: int, change: Row, column: str | None, said: str
) -> None:
    lines = await rows(joint)
    lines[row] |= change
    complaints = await refused(written(tmp_path, lines))

    line = 2 if column is None else row + 2
    (found,) = [each for each in complaints if each.line == line]
    assert said in found.detail
    assert (found.column, bool(found.remedy)) == (column, True)
    assert not await SharedObjective.exists()


async def test_a_record_that_is_not_there_is_refused(
    joint: Joint, tmp_path: Path
) -> None:
    lines = [{**row, "appraisal_record_id": "none"} for row in await rows(joint)]
    complaints = await refused(written(tmp_path, lines))
    assert [each.line for each in complaints] == [2, 3]
    assert complaints[0].column == "appraisal_record_id"
    theirs = [{**row, "organisation": "dft"} for row in await rows(joint)]
    assert "dft has no record" in (await refused(written(tmp_path, theirs)))[0].detail


async def test_who_shares_no_data_is_refused_by_name(
    joint: Joint, tmp_path: Path
) -> None:
    await shared_no_more()
    complaints = await refused(written(tmp_path, await rows(joint)))
    assert "between dft and hmt" in complaints[0].detail


async def test_weights_of_one_file_count_together(joint: Joint, tmp_path: Path) -> None:
    lines = await rows(joint, "one", weight=60) + await rows(joint, "two", weight=60)
    complaints = await refused(written(tmp_path, lines))
    assert [each.line for each in complaints] == [4, 5]
    assert (complaints[0].column, "sum to 120" in complaints[0].detail) == (
        "weight",
        True,
    )


async def test_partly_the_good_objectives_are_imported_whole(
    joint: Joint, tmp_path: Path
) -> None:
    good, bad = await rows(joint), await rows(joint, "bad", 1)
    bad[1]["share"] = 41
    file = written(tmp_path, [*bad, *good])
    assert len(await refused(file)) == 2
    report = await imported(file, partial=True)
    assert counts(report) == (2, 0, 0, 2)
    assert report.read == 4
    assert (await the_one()).person == joint.subject


async def test_partly_a_change_that_is_refused_is_undone_alone(
    joint: Joint, tmp_path: Path
) -> None:
    one, two = await rows(joint), await rows(joint, "two", 1)
    await imported(written(tmp_path, [*one, *two]))
    ids = await SharedObjective.select(SharedObjective.id, SharedObjective.person)
    mine = {row["person"]: row["id"] for row in ids}
    await agree(mine[joint.subject], joint.subject)
    one[0]["title"] = two[0]["title"] = "Two front doors"
    report = await imported(written(tmp_path, [*one, *two]), partial=True)
    assert counts(report) == (0, 2, 0, 2)
    titles = {
        person: (await objective(id_)).content.title for person, id_ in mine.items()
    }
    assert titles == {
        joint.subject: "One front door",
        joint.hmt.people[1]: "Two front doors",
    }
