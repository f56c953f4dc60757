"""Which column is which: matched by name, wherever it stands.

The law: a column that is missing is named, with those that may have been meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple, Self

from service.directory.rules import alike, squeezed


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that a kind of file has, as its header spells them."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    closed: bool = True
    """Whether any other column is worth a warning."""


class Fault(NamedTuple):
    """What is wrong in a column, and what to do."""

    column: str
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column stands in one file."""

    names: tuple[str, ...]
    """As the file spells them."""
    positions: Mapping[str, int]
    """Of the columns in the layout that the file has."""
    strange: tuple[str, ...]
    """Columns that are not read."""

    @classmethod
    def of(cls, cells: Sequence[str], layout: Layout) -> Self:
        """Match a file's first row with a layout; `faults` says whether it fits."""
        names = tuple(squeezed(cell) for cell in cells)
        known = {alike(name): name for name in (*layout.required, *layout.optional)}
        positions: dict[str, int] = {}
        for index, name in enumerate(names):
            if alike(name) in known:
                positions.setdefault(known[alike(name)], index)
        strange = tuple(n for n in names if n and alike(n) not in known)
        return cls(names, positions, strange)

    def faults(self, layout: Layout) -> list[Fault]:
        """Tell which columns are missing, or there twice."""
        spelled = [alike(name) for name in self.names]
        return [
            *(self._missing(c) for c in layout.required if c not in self.positions),
            *(
                Fault(c, f"There are two columns {c!r}.", "Remove one of them.")
                for c in self.positions
                if spelled.count(alike(c)) > 1
            ),
        ]

    def _missing(self, column: str) -> Fault:
        offered = {alike(name): name for name in self.strange}
        close = get_close_matches(alike(column), offered, n=3, cutoff=0.5)
        detail = f"There is no column {column!r}."
        if close:
            similar = ", ".join(repr(offered[each]) for each in close)
            detail += f" Similar columns that are not read: {similar}."
        if len(self.names) == 1 and any(mark in self.names[0] for mark in ";\t|"):
            return Fault(column, detail, "Save the file separated by commas.")
        return Fault(column, detail, f"Name the column {column!r} in the first row.")

    def misfit(self, cells: Sequence[str]) -> Fault | None:
        """Tell what is wrong with the number of a row's cells, if anything."""
        width = len(self.names)
        if len(cells) == width or (
            len(cells) > width and not any(cell.strip() for cell in cells[width:])
        ):
            return None
        column = self.names[min(len(cells), width) - 1]
        return Fault(
            column,
            f"The row has {len(cells)} values and the header {width} columns.",
            "Put quotation marks round values that hold commas; check that the row is"
            " whole.",
        )

    def named(self, cells: Sequence[str]) -> dict[str, str]:
        """Return a row's cells by the names of their columns."""
        return {column: cells[index] for column, index in self.positions.items()}
