"""The published organogram of senior posts, a row by itself.

The law: a post is not a person. The name beside it tells only whether it is held.
"""

from typing import Final, NamedTuple

from service.directory.importing.header import Layout
from service.directory.importing.report import Outcome, Place
from service.directory.importing.row import Row
from service.directory.rules import Occupancy, grade, occupancy, reports_to_nobody

REFERENCE: Final = "Post Unique Reference"
ORGANISATION: Final = "Organisation"
REPORTS_TO: Final = "Reports to Senior Post"
VALID: Final = "Valid?"
LAYOUT: Final = Layout(
    (
        REFERENCE,
        "Name",
        "Grade (or equivalent)",
        "Job Title",
        ORGANISATION,
        "Unit",
        REPORTS_TO,
        VALID,
    ),
    closed=False,
)
"""The published layout has a dozen more columns, one of them without a name."""
YES: Final = frozenset({"1", "1.0", "", "TRUE", "YES", "Y"})
NO: Final = frozenset({"0", "0.0", "FALSE", "NO", "N"})


class PostRow(NamedTuple):
    """One row, read."""

    place: Place
    organisation_name: str
    reference: str
    title: str
    unit: str | None
    grade: str
    occupancy: Occupancy
    reports_to: str | None

    @property
    def described(self) -> tuple[str | None, ...]:
        """Return what two rows of one post have in common."""
        return (self.title, self.unit, self.grade, self.reports_to)


def read(row: Row) -> PostRow | None:
    """Check a row's cells by themselves; None if it is refused or not valid."""
    reference = row.text(REFERENCE, 60)
    reports_to = row.optional(REPORTS_TO, 60)
    post = PostRow(
        row.place,
        row.text(ORGANISATION, 200),
        reference,
        row.text("Job Title", 300),
        row.optional("Unit", 300),
        grade(row.text("Grade (or equivalent)", 40)),
        occupancy(row.optional("Name", 300) or ""),
        None if reports_to_nobody(reports_to or "") else reports_to,
    )
    return post if _is_valid(row, reference) and not row.refused else None


def _is_valid(row: Row, reference: str) -> bool:
    said = (row.optional(VALID, 20) or "").upper()
    if said not in YES | NO:
        row.refuse(VALID, f"{said!r} is neither 1 nor 0.", "Write 1, or 0 to omit it.")
    if row.refused:
        return False
    if not said:
        row.findings.warn(
            row.place,
            VALID,
            "Posts with nothing under 'Valid?', taken as valid",
            reference,
            "Write 1, or 0 for a row that is not to be read.",
        )
    if said in NO:
        row.findings.outcomes[Outcome.UNCHANGED] += 1
        row.findings.warn(
            row.place,
            VALID,
            "Posts marked as not valid, left out",
            reference,
            "Write 1 under 'Valid?' if they are to be read.",
        )
    return said in YES
