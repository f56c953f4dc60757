"""An attacker who solves linear programs over a table of counts.

It (scipy's HiGHS) shares no code with the gate: its unknowns are the counts of the
smallest groups, its equations everything shown and the size of every group.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import count

import numpy as np
from scipy.optimize import linprog

from service.suppression.counts import FEWEST, tally
from service.suppression.flow import Cell, Row

LEVELS = ("exceeding", "high", "achieving", "partial")
Table = Mapping[Row, Sequence[int]]


def people_of(table: Table) -> dict[object, Cell]:
    """Somebody for each count, by a number of their own."""
    number = count()
    return {
        next(number): (row, level)
        for row, of in table.items()
        for level, people in zip(LEVELS, of, strict=True)
        for _ in range(people)
    }


def narrowest(
    placed: Mapping[object, Cell],
    shown: Collection[Cell],
    known: Mapping[Cell, tuple[float, float]] | None = None,
) -> dict[Cell, tuple[float, float]]:
    """Between what an attacker finds each hidden count to lie."""
    counts = tally(placed.values(), LEVELS)
    leaves = sorted({cell[0] for cell in placed.values()})
    at = {
        (row, of): n
        for n, (row, of) in enumerate((r, o) for r in leaves for o in LEVELS)
    }

    def summed(row: Row, levels: Sequence[str]) -> list[float]:
        line = np.zeros(len(at))
        for leaf in leaves:
            if leaf[: len(row)] == row:
                line[[at[leaf, level] for level in levels]] = 1
        return list(line)

    left = [summed(row, LEVELS) for row in leaves]
    right = [float(sum(counts[row, of] for of in LEVELS)) for row in leaves]
    for row, level in sorted(shown):
        left.append(summed(row, [level]))
        right.append(float(counts[row, level]))
    bounds = [(known or {}).get(cell, (0, None)) for cell in at]
    found = {}
    for row, level in sorted(counts.keys() - {*shown}):
        line = np.array(summed(row, [level]))
        ends = [
            linprog(sign * line, A_eq=left, b_eq=right, bounds=bounds, method="highs")
            for sign in (1, -1)
        ]
        assert all(end.status == 0 for end in ends)
        found[row, level] = (float(ends[0].fun or 0), -float(ends[1].fun or 0))
    return found


def worked_out(placed: Mapping[object, Cell], shown: Collection[Cell]) -> set[Cell]:
    """The hidden counts of which an attacker learns more than they may."""
    prior = narrowest(placed, ())
    return {
        cell
        for cell, (low, high) in narrowest(placed, shown).items()
        if high - low < min(FEWEST, prior[cell][1] - prior[cell][0]) - 1e-6
    }
