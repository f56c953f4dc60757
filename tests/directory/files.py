"""Files for tests to import: small ones by default, wrong in what a test names."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from service.auth.caller import Operator
from service.directory.actions import import_organisations, import_organogram

CALLER = Operator("tests")
NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
TODAY = date(2026, 5, 1)

ORGANISATION = {
    "code": "defra",
    "name": "Department for Environment, Food and Rural Affairs",
    "also_known_as": "",
    "parent_department": "",
    "hr_system": "oracle",
    "email_domain": "defra.example",
}
DFID = {
    "code": "dfid",
    "name": "DFID",
    "also_known_as": "Department for International Development",
    "parent_department": "",
    "hr_system": "oracle",
    "email_domain": "dfid.example",
}
POST = {
    "Post Unique Reference": "P1",
    "Name": "Megan Wright",
    "Grade (or equivalent)": "SCS1",
    "Job Title": "Deputy Director",
    "Job/Team Function": "",
    "Parent Department": "Defra",
    "Organisation": "Department for Environment, Food and Rural Affairs",
    "Unit": "Water",
    "Contact Phone": "N/D",
    "Contact E-mail": "N/D",
    "Reports to Senior Post": "XX",
    "Salary Cost of Reports (£)": "",
    "FTE": "1.0",
    "Actual Pay Floor (£)": "",
    "Actual Pay Ceiling (£)": "",
    "": "",
    "Professional/Occupational Group": "Policy",
    "Notes": "",
    "Valid?": "1",
}
PERSON = {
    "employee_number": "E1",
    "first_name": "Megan",
    "last_name": "Wright",
    "work_email": "megan.wright@defra.example",
    "organisation": "defra",
    "grade": "SCS1",
    "post_reference": "P1",
    "job_title": "Deputy Director",
    "unit": "Water",
    "line_manager_employee_number": "",
    "start_date": "2024-09-01",
    "fte": "1.0",
    "hr_system": "oracle",
    "person_id": "300001",
    "appraisal_record_id": "PerfDoc-1",
}


def post(reference: str, reports_to: str = "XX", /, **different: str) -> dict[str, str]:
    """Return a post's row; give other columns by the start of their names."""
    row = POST | {
        "Post Unique Reference": reference,
        "Reports to Senior Post": reports_to,
    }
    for start, value in different.items():
        row[next(column for column in row if column.startswith(start))] = value
    return row


def person(
    number: int, manager: int | None = None, /, **different: str
) -> dict[str, str]:
    """Return the row of a person who differs from others in all that must differ."""
    return (
        PERSON
        | {
            "employee_number": f"E{number}",
            "last_name": f"Wright{number}",
            "work_email": f"megan.wright{number}@defra.example",
            "post_reference": f"P{number}",
            "line_manager_employee_number": "" if manager is None else f"E{manager}",
            "person_id": f"30000{number}",
            "appraisal_record_id": f"PerfDoc-{number}",
        }
        | different
    )


def text(rows: Sequence[Mapping[str, str]], ends: str = "\n") -> str:
    """Write rows as CSV, under the columns of the first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=ends)
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return out.getvalue()


def write(folder: Path, *rows: Mapping[str, str], name: str = "file.csv") -> Path:
    """Write rows to a file."""
    path = folder / name
    path.write_text(text(rows), encoding="utf-8")
    return path


async def two_organisations(folder: Path, *posts: Mapping[str, str]) -> None:
    """Import Defra and DFID, and these posts or else three of Defra's."""
    file = write(folder, ORGANISATION, DFID, name="organisations.csv")
    await import_organisations([file], caller=CALLER, now=NOW)
    rows = posts or [post("P1"), post("P2", "P1"), post("P3", "P1")]
    await import_organogram(
        [write(folder, *rows, name="organogram.csv")], caller=CALLER, now=NOW
    )
