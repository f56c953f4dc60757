"""How far hidden counts can be narrowed down from those that are shown.

Pure. A table of counts whose rows add up in a tree is a network: each count flows from
its row into the row that it is a part of. What fits the shown counts and the sizes of
the groups are the flows that fit, so the least and the greatest value of a hidden count
come from augmenting paths (Ahuja, Magnanti and Orlin, Network Flows, 1993, chapter 6).

Its law: whoever looks is taken to know every shown count to the person, and the size
of every group, whatever rounding says.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Final

Row = tuple[str, ...]
"""A group by its path, such as ("hmt", "SCS1"); () is everybody."""
Cell = tuple[Row, str]
"""A row and a level."""
Node = tuple[Row, str | None] | None
Step = tuple[Cell, int]
"""A count that is raised (+1) or lowered (-1)."""

BOUNDLESS: Final = 10**9
DEARER: Final = 8
"""By how much a count is worth more than one of a group within its own."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Between what a count is known to lie whatever is hidden."""

    least: int = 0
    most: int = BOUNDLESS


ANY: Final = Limits()


class Network:
    """The counts of one table, each where it flows from and to."""

    def __init__(
        self, counts: Mapping[Cell, int], limits: Mapping[Cell, Limits]
    ) -> None:
        """Take the counts of every row, totals included; no count is negative."""
        self.counts = dict(counts)
        self._limits = limits
        self._depth = max((len(row) for row, _ in counts), default=0)
        parents = {row[:-1] for row, _ in counts if row}
        self._ends: dict[Cell, tuple[Node, Node]] = {}
        self._from: dict[Node, list[tuple[Step, Node]]] = {}
        for row, level in sorted(counts):
            start: Node = (row, level if row in parents else None)
            end: Node = (row[:-1], level) if row else None
            self._ends[row, level] = (start, end)
            self._from.setdefault(start, []).append((((row, level), 1), end))
            self._from.setdefault(end, []).append((((row, level), -1), start))

    def spread(
        self, cell: Cell, hidden: Collection[Cell], enough: int
    ) -> tuple[int, frozenset[Cell]]:
        """Return how far apart the values are that `cell` may have, up to `enough`.

        And the counts that give way for it: while those stay hidden it holds.
        """
        up, above = self._moved((cell, 1), hidden, enough)
        down, below = self._moved((cell, -1), hidden, enough - up)
        return up + down, frozenset(above | below)

    def freeing(
        self, cell: Cell, hidden: Collection[Cell], enough: int
    ) -> frozenset[Cell]:
        """Return counts of little worth that, hidden, spread `cell` as far as that."""
        found: list[set[Cell]] = []
        for first in (1, -1):
            one, some = self._moved((cell, first), hidden, enough, pays=True)
            open_to = {*hidden} | some
            _, more = self._moved((cell, -first), open_to, enough - one, pays=True)
            found.append((some | more) - {*hidden})
        return frozenset(min(found, key=self._price))

    def _price(self, cells: Iterable[Cell]) -> tuple[int, list[Cell]]:
        return sum(self._cost(cell) for cell in cells), sorted(cells)

    def _moved(
        self, step: Step, hidden: Collection[Cell], enough: int, *, pays: bool = False
    ) -> tuple[int, set[Cell]]:
        """Return by how much a count can be raised or lowered, others giving way.

        Only hidden counts give way, unless one `pays` for others with what is lost.
        """
        counts = dict(self.counts)
        most = min(enough, self._room(step, counts))
        moved, used = 0, set[Cell]()
        at_once = most if pays else 1  # What is paid for is wide rather than much.
        while moved < most and at_once:
            open_to = {*hidden} | used if pays else hidden
            path = self._way_back(step, counts, at_once, open_to, pays=pays)
            if path is None:
                at_once //= 2
                continue
            by = min(most - moved, *(self._room(each, counts) for each in path))
            for cell, sign in path:
                counts[cell] += sign * by
                used.add(cell)
            moved += by
            at_once = min(at_once, most - moved)
        return moved, used

    def _room(self, step: Step, counts: Mapping[Cell, int]) -> int:
        cell, sign = step
        limits = self._limits.get(cell, Limits())
        return limits.most - counts[cell] if sign > 0 else counts[cell] - limits.least

    def _cost(self, cell: Cell) -> int:
        """Return how much is lost with a count: of a group more than of its parts."""
        worth: int = DEARER ** (self._depth - len(cell[0]))
        return (1 + self.counts[cell]) * worth

    def _way_back(
        self,
        step: Step,
        counts: Mapping[Cell, int],
        by: int,
        hidden: Collection[Cell],
        *,
        pays: bool = False,
    ) -> list[Step] | None:
        """Return the cheapest steps that make good a step, each with room for `by`."""
        moved, sign = step
        begin, goal = self._ends[moved][::-sign]
        order = count()  # Equal prices are taken in the order of the table.
        ahead: list[tuple[int, int, Node]] = [(0, 0, begin)]
        came: dict[Node, tuple[int, Node, Step]] = {}
        done: set[Node] = set()
        while ahead:
            paid, _, node = heappop(ahead)
            if node == goal:
                return _path(begin, goal, came)
            if node in done:
                continue
            done.add(node)
            for way, there in self._from[node]:
                free = way[0] in hidden
                if there in done or way[0] == moved or not (free or pays):
                    continue
                price = paid if free else paid + self._cost(way[0])
                known = came.get(there)
                if known is not None and known[0] <= price:
                    continue
                if self._room(way, counts) >= by:
                    came[there] = (price, node, way)
                    heappush(ahead, (price, next(order), there))
        return None


def _path(
    begin: Node, goal: Node, came: Mapping[Node, tuple[int, Node, Step]]
) -> list[Step]:
    path = []
    node = goal
    while node != begin:
        _, node, step = came[node]
        path.append(step)
    return path
