"""A file of objectives, one row for each contribution, read and put together.

The law: what an objective says stands in its first row and may be repeated, never
contradicted; one row that is refused takes the whole objective with it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

from service.directory.importing.header import Layout
from service.directory.importing.report import Findings, Outcome, Place
from service.directory.importing.row import Row
from service.objectives.assigning.checking import Part
from service.objectives.rules import (
    WHOLE,
    BadShares,
    ContributionRole,
    Kind,
    OwnershipModel,
    TooFewOrganisations,
    check_stated,
)
from service.objectives.schemas import Named, PriorityIn, SaidIn

KEY: Final = ("organisation", "hr_system", "appraisal_record_id", "objective_key")
PERSON: Final = (
    "contributor_organisation", "contributor_hr_system", "contributor_person_id",
)  # fmt: skip
LAYOUT: Final = Layout(
    (
        *KEY,
        "title",
        "outcome",
        "measures",
        "ownership_model",
        "stage",
        *PERSON,
        "role",
        "share",
        "commitment",
    ),
    optional=(
        "kind",
        "element",
        "weight",
        "standard",
        "priority_scheme",
        "priority_code",
    ),
)
NEEDED: Final = ("title", "outcome", "measures", "ownership_model", "stage")
LONGEST: Final = 4_000
PERCENT: Final = re.compile("[0-9]{1,3}")
MEND: Final = "Correct it, then import the file again."
Choice = TypeVar("Choice", bound=StrEnum)


class Begun(StrEnum):
    """As what an objective is imported."""

    DRAFT = "draft"
    PROPOSED = "proposed"


class Key(NamedTuple):
    """What names an objective: a key on a record of an HR system."""

    organisation: str
    source: str
    record: str
    objective: str


class PartRow(NamedTuple):
    """One row, read."""

    place: Place
    key: Key
    says: Mapping[str, Any]
    """What the row says of the whole objective."""
    part: Part
    refused: bool


@dataclass(frozen=True, slots=True)
class Filed:
    """One objective of a file."""

    key: Key
    rows: Sequence[PartRow]
    says: SaidIn
    stage: Begun

    @property
    def parts(self) -> list[Part]:
        """Return who is to contribute what, in the order of the rows."""
        return [row.part for row in self.rows]

    def refuse(
        self,
        findings: Findings,
        detail: str,
        *,
        column: str | None = None,
        remedy: str = MEND,
        number: int = 0,
    ) -> None:
        """Refuse it, by the row of this number, and its other rows with it."""
        _refuse(self.rows, number, findings, column, detail, remedy)

    def count(self, findings: Findings, outcome: Outcome) -> None:
        """Say what became of its rows."""
        findings.outcomes[outcome] += len(self.rows)


def read(row: Row) -> PartRow | None:
    """Check a row's cells by themselves; None if it does not say what it is of."""
    organisation, source, record, objective = (
        row.text(column, most)
        for column, most in zip(KEY, (40, 40, 120, 120), strict=True)
    )
    if row.refused:
        return None
    says = {
        "title": row.optional("title", 200),
        "outcome": row.optional("outcome", LONGEST),
        "measures": row.optional("measures", LONGEST),
        "ownership_model": _choice(row, "ownership_model", OwnershipModel),
        "kind": _choice(row, "kind", Kind),
        "element": row.optional("element", 60),
        "weight": _percent(row, "weight"),
        "standard": row.optional("standard", 60),
        "priority_scheme": row.optional("priority_scheme", 60),
        "priority_code": row.optional("priority_code", 60),
        "stage": _choice(row, "stage", Begun),
    }
    return PartRow(
        row.place,
        Key(organisation, source.lower(), record, objective),
        {column: value for column, value in says.items() if value is not None},
        _part(row),
        row.refused,
    )


def _choice(row: Row, column: str, kind: type[Choice]) -> Choice | None:
    text = row.optional(column, 60)
    if text is None:
        return None
    try:
        return kind(text.lower())
    except ValueError:
        row.refuse(
            column, f"{text!r} is none of the values.", f"Write {', '.join(kind)}."
        )
        return None


def _percent(row: Row, column: str) -> int | None:
    text = row.optional(column, 40)
    if text is None:
        return None
    if not PERCENT.fullmatch(text) or not 0 < int(text) <= WHOLE:
        row.refuse(
            column, f"{text!r} is no whole percentage.", "Write a number from 1 to 100."
        )
        return None
    return int(text)


def _part(row: Row) -> Part:
    organisation, source, external_id = (
        row.text(column, most)
        for column, most in zip(PERSON, (40, 40, 120), strict=True)
    )
    role, share = _choice(row, "role", ContributionRole), _percent(row, "share")
    for column, value in (("role", role), ("share", share)):
        if value is None and not row.refused:
            row.refuse(column, "It is empty.", "Fill it in.")
    return Part(
        organisation,
        Named(source_system=source.lower(), external_id=external_id),
        role or ContributionRole.SUPPORTING,
        share or 0,
        row.text("commitment", LONGEST),
    )


def joined(rows: Sequence[PartRow], findings: Findings) -> list[Filed]:
    """Put rows together by their keys; what cannot be is refused."""
    by_key: dict[Key, list[PartRow]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    found = (_joined(key, each, findings) for key, each in by_key.items())
    return [filed for filed in found if filed is not None]


def _joined(key: Key, rows: list[PartRow], findings: Findings) -> Filed | None:
    for number, row in enumerate(rows):
        if row.refused:  # With its own complaint.
            _refuse(rows, number, findings, None, "", "")
            return None
    says: dict[str, Any] = {}
    for number, row in enumerate(rows):
        for column, value in row.says.items():
            if says.setdefault(column, value) != value:
                detail = f"It is not what line {rows[0].place.line} or another says."
                remedy = "Say the same in every row of the objective, or nothing."
                _refuse(rows, number, findings, column, detail, remedy)
                return None
    missing = next((column for column in NEEDED if column not in says), None)
    if missing is not None:
        _refuse(rows, 0, findings, missing, "It is empty.", "Fill it in.")
        return None
    if ("priority_scheme" in says) != ("priority_code" in says):
        detail = "A priority has a scheme and a code."
        _refuse(rows, 0, findings, "priority_code", detail, "Give both, or neither.")
        return None
    filed = Filed(key, rows, _said(says), says["stage"])
    try:  # Of a draft too: a row that was lost must not pass unseen.
        check_stated([(part.organisation, part.share) for part in filed.parts])
    except (BadShares, TooFewOrganisations) as refusal:
        filed.refuse(findings, str(refusal), column="share")
        return None
    return filed


def _refuse(
    rows: Sequence[PartRow],
    number: int,
    findings: Findings,
    column: str | None,
    detail: str,
    remedy: str,
) -> None:
    """Refuse a row, unless it is already, and with it all others of the objective."""
    culprit = rows[number].place
    if culprit not in findings.rejected:
        findings.reject(culprit, column, detail, remedy)
    for row in rows:
        if row.place not in findings.rejected:
            where = f"line {culprit.line}"
            if culprit.file != row.place.file:
                where += f" of {culprit.file}"
            findings.reject(
                row.place,
                "objective_key",
                f"Another row of the objective is refused: {where}.",
                "Correct that row.",
            )


def _said(says: Mapping[str, Any]) -> SaidIn:
    priority = None
    if "priority_scheme" in says:
        priority = PriorityIn(
            scheme=says["priority_scheme"], code=says["priority_code"]
        )
    return SaidIn(
        title=says["title"],
        outcome=says["outcome"],
        measures=says["measures"],
        ownership_model=says["ownership_model"],
        kind=says.get("kind", Kind.DELIVERY_OBJECTIVE),
        element=says.get("element"),
        weight=says.get("weight"),
        standard=says.get("standard"),
        priority=priority,
    )
