"""Files of objectives, written and imported."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from service.directory.importing.report import Complaint, ImportRefused, Report
from service.objectives.assigning.file import LAYOUT
from service.objectives.assigning.importing import import_objectives
from service.objectives.queries import ObjectiveFact, objective
from service.objectives.tables import SharedObjective
from tests.factories import IN_THE_YEAR, OPERATOR, record_of
from tests.objectives.asking import named
from tests.objectives.joint import Joint

COLUMNS = (*LAYOUT.required, *LAYOUT.optional)
Row = dict[str, Any]


async def rows(
    joint: Joint, key: str = "front-door", who: int = 0, **more: Any
) -> list[Row]:
    """The two rows of an objective on the record of one of hmt's people."""
    subject = joint.hmt.people[who]
    on = await record_of(subject, joint.on.cycle)
    record = {
        "organisation": "hmt",
        "hr_system": "workday",
        "appraisal_record_id": on.external_id,
        "objective_key": key,
    }
    says = {
        "title": "One front door",
        "outcome": "People tell government once",
        "measures": "Forms asked for twice",
        "ownership_model": "shared_responsibility",
        "stage": "proposed",
        **more,
    }
    parts = (("hmt", subject, "lead", 60), ("dft", joint.partner, "major", 40))
    found = [
        {
            **record,
            "contributor_organisation": code,
            "contributor_hr_system": "workday",
            "contributor_person_id": (await named(person))["external_id"],
            "role": role,
            "share": share,
            "commitment": f"{code} gives time",
        }
        for code, person, role, share in parts
    ]
    found[0] |= says
    return found


def written(folder: Path, lines: Iterable[Row], name: str = "objectives.csv") -> Path:
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    table.writerows(lines)
    path = folder / name
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


async def imported(*files: Path, partial: bool = False) -> Report:
    return await import_objectives(
        files, caller=OPERATOR, now=IN_THE_YEAR, partial=partial
    )


async def refused(*files: Path, partial: bool = False) -> list[Complaint]:
    with pytest.raises(ImportRefused) as raised:
        await imported(*files, partial=partial)
    report = raised.value.report
    assert (report.created, report.changed) == (0, 0)
    return [*report.rejected]


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, len(report.rejected)


async def the_one() -> ObjectiveFact:
    (id_,) = await SharedObjective.select(SharedObjective.id).output(as_list=True)
    return await objective(id_)
