"""What an import tells: what it read, what became of each row, and what was wrong.

The law: each row that was read is created, changed, unchanged or rejected, once.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

from service.errors import Fault, Unprocessable

LISTED: Final = 5
"""How many of many a warning names."""
Progress: TypeAlias = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and how much there is in all."""


def silent(step: str, done: int, total: int) -> None:
    """Hear of progress and say nothing."""


class Place(NamedTuple):
    """Where in the files something stands."""

    file: str
    line: int | None
    """As an editor counts: the header is 1. None is the file as a whole."""


class Outcome(StrEnum):
    """What became of a row that was not rejected."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong with a file: where, what, and what to do."""

    file: str
    line: int | None
    column: str | None
    detail: str
    remedy: str

    def __str__(self) -> str:
        """Say it in one line, as compilers do."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        column = f" {self.column}:" if self.column else ""
        return f"{where}:{column} {self.detail} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, in rows of input."""

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: Sequence[Complaint] = ()
    warnings: Sequence[Complaint] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as `--json` prints it."""
        return asdict(self)


class ImportRefused(Unprocessable):
    """Rows or files were refused, and nothing was imported."""

    slug = "import-refused"

    def __init__(self, report: Report) -> None:
        """Take the whole report, in which nothing was created or changed."""
        count = len(report.rejected)
        super().__init__(
            f"Nothing was imported; rows or files refused: {count}. The first:"
            f" {report.rejected[0]}",
            faults=[Fault(str(each)) for each in report.rejected[:LISTED]],
        )
        self.report = report


class Matter(NamedTuple):
    """What a warning is about: all of it in one file is one warning."""

    file: str
    column: str | None
    what: str
    remedy: str


@dataclass(slots=True)
class Findings:
    """What has been found while an import runs."""

    read: int = 0
    spoiled: list[Complaint] = field(default_factory=list)
    """About files that cannot be used at all."""
    rejected: dict[Place, Complaint] = field(default_factory=dict)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    noted: dict[Matter, list[tuple[int | None, str]]] = field(default_factory=dict)

    def spoil(self, place: Place, column: str | None, detail: str, remedy: str) -> None:
        """Refuse a whole file, and with it the import, even a partial one."""
        self.spoiled.append(Complaint(*place, column, detail, remedy))

    def reject(
        self, place: Place, column: str | None, detail: str, remedy: str
    ) -> None:
        """Refuse a row; what more is wrong with it joins the first complaint."""
        before = self.rejected.get(place)
        if before is None:
            complaint = Complaint(*place, column, detail, remedy)
        else:
            complaint = Complaint(
                *place,
                before.column,
                f"{before.detail} Also {column or 'the row'}: {detail}",
                f"{before.remedy} {remedy}"
                if remedy not in before.remedy
                else before.remedy,
            )
        self.rejected[place] = complaint

    def warn(
        self, place: Place, column: str | None, what: str, item: str, remedy: str
    ) -> None:
        """Note `item` under what is the matter with it, to be told once for a file."""
        matter = Matter(place.file, column, what, remedy)
        self.noted.setdefault(matter, []).append((place.line, item))

    def check(self, *, partial: bool) -> None:
        """Refuse the import if anything was refused that it cannot do without."""
        kept = self.read - len(self.rejected)
        if self.spoiled or (self.rejected and not (partial and kept)):
            raise ImportRefused(self._report(applied=False))

    def report(self) -> Report:
        """Return what was done."""
        return self._report(applied=True)

    def _report(self, *, applied: bool) -> Report:
        counts = self.outcomes if applied else Counter[Outcome]()
        return Report(
            read=self.read,
            created=counts[Outcome.CREATED],
            changed=counts[Outcome.CHANGED],
            unchanged=counts[Outcome.UNCHANGED],
            rejected=[*self.spoiled, *self.rejected.values()],
            warnings=[_warning(*each) for each in self.noted.items()],
        )


def _warning(matter: Matter, items: list[tuple[int | None, str]]) -> Complaint:
    """Tell a matter once, naming the first few it concerns."""
    unique = list(dict.fromkeys(item for _, item in items))
    named = ", ".join(unique[:LISTED])
    more = f" and {len(unique) - LISTED} more" if len(unique) > LISTED else ""
    return Complaint(
        matter.file,
        items[0][0],
        matter.column,
        f"{matter.what}: {named}{more}.",
        matter.remedy,
    )
