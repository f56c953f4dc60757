"""Importing people in tests, and asking about them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from service.directory.actions import import_people
from service.directory.importing.report import Complaint, Report
from service.directory.queries import person_named
from tests.directory.files import CALLER, NOW, write

LATER: Final = NOW + timedelta(days=30)
LINES: Final = "SELECT kind, valid_from, valid_to FROM reporting_line ORDER BY 2, 1"


async def importing(
    folder: Path,
    *given: dict[str, str],
    now: datetime = NOW,
    partial: bool = False,
    complete: Sequence[str] = (),
) -> Report:
    return await import_people(
        [write(folder, *given)],
        caller=CALLER,
        now=now,
        partial=partial,
        complete=complete,
    )


def about(report: Report, column: str | None) -> Complaint:
    [warning] = [each for each in report.warnings if each.column == column]
    return warning


async def who(number: int) -> UUID:
    found = await person_named("oracle", f"30000{number}", organisations=["defra"])
    return found.person
