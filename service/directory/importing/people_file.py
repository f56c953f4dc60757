"""An HR system's extract of people and their postings, a row by itself.

The law: a row holds one posting of one person in one organisation.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from service.directory.importing.header import Layout
from service.directory.importing.organisations_file import DOMAIN
from service.directory.importing.report import Place
from service.directory.importing.row import Row
from service.directory.rules import alike, grade

MANAGER: Final = "line_manager_employee_number"
LAYOUT: Final = Layout(
    (
        "employee_number",
        "first_name",
        "last_name",
        "work_email",
        "organisation",
        "grade",
        "post_reference",
        "job_title",
        "unit",
        MANAGER,
        "start_date",
        "fte",
        "hr_system",
        "person_id",
        "appraisal_record_id",
    ),
    optional=("end_date",),
)
LOCAL: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE
)
LONGEST_LOCAL: Final = 64


class PersonKey(NamedTuple):
    """What an extract knows a person by."""

    organisation: str
    source: str
    external_id: str


class PersonRow(NamedTuple):
    """One row, read."""

    place: Place
    organisation: str
    employee_number: str
    given_name: str
    family_name: str
    email: str
    grade: str
    post_reference: str | None
    title: str
    unit: str | None
    manager: str | None
    """An employee number."""
    started_on: date
    ended_on: date | None
    """The first day on which the posting is no longer held, once it has come."""
    fte: Decimal
    source: str
    external_id: str
    record: str | None

    @property
    def key(self) -> PersonKey:
        """Return what the extract knows the person by."""
        return PersonKey(self.organisation, self.source, self.external_id)

    @property
    def name(self) -> tuple[str, str]:
        """Return the person's name as it is compared."""
        return alike(self.given_name), alike(self.family_name)

    @property
    def number(self) -> tuple[str, str]:
        """Return the employee number, within its organisation."""
        return self.organisation, self.employee_number


def read(row: Row, today: date) -> PersonRow | None:
    """Check a row's cells by themselves; None if it is refused."""
    started_on = row.day("start_date", today=today)
    person = PersonRow(
        row.place,
        row.text("organisation", 40),
        row.text("employee_number", 120),
        row.text("first_name", 100),
        row.text("last_name", 100),
        _email(row),
        grade(row.text("grade", 40)),
        row.optional("post_reference", 60),
        row.text("job_title", 300),
        row.optional("unit", 300),
        row.optional(MANAGER, 120),
        started_on,
        _ended_on(row, started_on, today),
        row.share("fte"),
        row.text("hr_system", 40).lower(),
        row.text("person_id", 120),
        row.optional("appraisal_record_id", 120),
    )
    return None if row.refused else person


def _email(row: Row) -> str:
    """Return an address with its domain in lower case."""
    text = row.text("work_email", 254)
    local, _, domain = text.rpartition("@")
    domain = domain.lower()
    fits = LOCAL.fullmatch(local) and len(local) <= LONGEST_LOCAL
    if text and not (fits and DOMAIN.fullmatch(domain)):
        row.refuse(
            "work_email",
            f"{text!r} is no e-mail address.",
            "Write one address, such as jo.smith@defra.example.",
        )
    return f"{local}@{domain}"


def _ended_on(row: Row, started_on: date, today: date) -> date | None:
    """Return the day a posting ended; one that is still to come is not yet so."""
    if row.optional("end_date", 40) is None:
        return None
    end = row.day("end_date", today=today)
    if not row.refused and end <= started_on:
        row.refuse(
            "end_date",
            f"The posting ends on {end}, before or as it begins on {started_on}.",
            "Correct start_date or end_date; end_date is the first day no longer held.",
        )
    return end if end <= today else None
