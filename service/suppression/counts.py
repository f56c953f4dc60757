"""Decides which counts of a table leave the service, and how exactly: the gate.

Its law: no count of fewer than ten people is shown, and none that is hidden can be
worked out, from totals or from an earlier table, to within fewer than ten people of
what the sizes of the groups alone would tell.

Rows add up in one tree, as grades to organisations and those to everybody: two ways of
adding up the same people could be subtracted from one another. Counts are rounded to
the nearest five, though the audit takes whoever looks to know them exactly.

Between two tables of the same people a group of whom fewer than ten changed is left
out of the later one, totals included: it says what it said before, and what one person
joined, left or moved to changes nothing that anybody sees.
"""

from collections import deque
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.suppression.flow import Cell, Limits, Network, Row

FEWEST: Final = 10
"""People behind a count that is shown, and the doubt left about one that is not."""
ROUNDED_TO: Final = 5
WHOLE: Final = 100  # per cent


@dataclass(frozen=True, slots=True)
class ShownRow:
    """What is shown of one group; None where it is suppressed, never 0 instead."""

    people: int | None
    """To the nearest five."""
    counts: Mapping[str, int | None]
    """By level, to the nearest five."""

    def percents(self) -> dict[str, int | None]:
        """Return each level's share: of what is shown, so that it tells no more."""
        return {
            level: None
            if of is None or self.people is None
            else round(WHOLE * of / self.people)
            for level, of in self.counts.items()
        }


@dataclass(frozen=True, slots=True)
class Release:
    """One table as it was released, for the gate of the next."""

    placed: Mapping[Hashable, Cell]
    """Whom it counts, and where: groups left out are not in it."""
    shown: frozenset[Cell]


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a table."""

    rows: Mapping[Row, ShownRow]
    left_out: tuple[Row, ...]
    """Groups that changed too little since an earlier table."""
    release: Release
    """To be kept, and never shown."""


def table_shown(
    placed: Mapping[Hashable, Cell],
    levels: Sequence[str],
    earlier: Sequence[Release] = (),
) -> Shown:
    """Return what may be shown of how many people of each group stand at each level.

    `placed` maps everybody to the smallest group they are of and their level; groups
    above it, up to everybody, are added up here. `earlier` are all tables released of
    the same people. Raises ValueError for a group that is a part of another and has
    people of its own, or for a level that is not one of `levels`.
    """
    _check(placed, levels)
    changes = [_changes(placed, each) for each in earlier]
    left_out = {row for found in changes for row, of in found.items() if of < FEWEST}
    told = {who: cell for who, cell in placed.items() if cell[0] not in left_out}
    counts = tally(told.values(), levels)
    before = [tally(each.placed.values(), levels) for each in earlier]
    network = Network(counts, _limits(counts, earlier, before, changes))
    small = {cell for cell, of in counts.items() if of < FEWEST}
    for each, known in zip(earlier, before, strict=True):
        small |= known.keys() & counts.keys() - each.shown
    shown = frozenset(counts.keys() - hidden_with(small, network))
    return Shown(
        rows=_rows(counts, levels, shown),
        left_out=tuple(sorted(left_out & {row for row, _ in placed.values()})),
        release=Release(told, shown),
    )


def _check(placed: Mapping[Hashable, Cell], levels: Collection[str]) -> None:
    groups = {row for row, _ in placed.values()}
    above = {row[:depth] for row in groups for depth in range(len(row))}
    if groups & above:
        raise ValueError(f"{sorted(groups & above)} have people beside their parts'.")
    if unknown := {level for _, level in placed.values()} - {*levels}:
        raise ValueError(f"{sorted(unknown)} are no levels of this table.")


def _changes(placed: Mapping[Hashable, Cell], before: Release) -> dict[Row, int]:
    """Return of each group that was told before how many joined, left or moved."""
    changed: dict[Row, set[Hashable]] = {
        row: set() for row, _ in before.placed.values()
    }
    for who in placed.keys() | before.placed.keys():
        now, then = placed.get(who), before.placed.get(who)
        if now != then:
            for row in {cell[0] for cell in (now, then) if cell} & changed.keys():
                changed[row].add(who)
    return {row: len(people) for row, people in changed.items()}


def tally(cells: Iterable[Cell], levels: Sequence[str]) -> dict[Cell, int]:
    """Return how many stand at each level of each group, and of those above it."""
    counts: dict[Cell, int] = {}
    for row, level in cells:
        for depth in range(len(row) + 1):
            if (row[:depth], level) not in counts:
                counts.update(dict.fromkeys([(row[:depth], of) for of in levels], 0))
            counts[row[:depth], level] += 1
    return counts


def _limits(
    counts: Collection[Cell],
    earlier: Sequence[Release],
    before: Sequence[Mapping[Cell, int]],
    changes: Sequence[Mapping[Row, int]],
) -> dict[Cell, Limits]:
    """Return what a count shown before says of the same one now.

    It has changed by as many as changed of its group, or by fewer.
    """
    limits: dict[Cell, Limits] = {}
    for each, known, changed in zip(earlier, before, changes, strict=True):
        for cell in each.shown & {*counts}:
            if cell[0] in changed:
                by, last = changed[cell[0]], limits.get(cell, Limits())
                limits[cell] = Limits(
                    max(last.least, known[cell] - by), min(last.most, known[cell] + by)
                )
    return limits


def hidden_with(small: Collection[Cell], network: Network) -> frozenset[Cell]:
    """Return these cells and those that have to be hidden with them."""
    every = frozenset(network.counts)
    hidden = {*small}
    doubts: dict[Cell, int] = {}
    behind: dict[Cell, frozenset[Cell]] = {}
    waiting = deque(sorted(hidden))
    while waiting:
        cell = waiting.popleft()
        doubt, _ = network.spread(cell, every, FEWEST)
        found, behind[cell] = network.spread(cell, hidden, doubt)
        if found < doubt:
            more = network.freeing(cell, hidden, doubt)
            hidden |= more
            waiting.extend(sorted(more))
            _, behind[cell] = network.spread(cell, hidden, doubt)
        doubts[cell] = doubt
    return _without_need(hidden, hidden - {*small}, network, doubts, behind)


def _without_need(
    hidden: Collection[Cell],
    besides: Collection[Cell],
    network: Network,
    doubts: Mapping[Cell, int],
    behind: Mapping[Cell, frozenset[Cell]],
) -> frozenset[Cell]:
    """Return the cells hidden less those, the largest first, that protect nothing.

    `behind` are the cells that each cell's doubt hangs on: no other is looked at again.
    """
    kept, hangs_on = {*hidden}, dict(behind)
    for cell in sorted(besides, key=lambda c: (-network.counts[c], c)):
        fewer = kept - {cell}
        again: dict[Cell, frozenset[Cell]] = {}
        for other in sorted(o for o in fewer if cell in hangs_on[o]):
            found, again[other] = network.spread(other, fewer, doubts[other])
            if found < doubts[other]:
                break
        else:
            kept = fewer
            hangs_on |= again
    return frozenset(kept)


def _rows(
    counts: Mapping[Cell, int], levels: Sequence[str], shown: Collection[Cell]
) -> dict[Row, ShownRow]:
    rows = sorted({row for row, _ in counts})
    sizes = {row: sum(counts[row, level] for level in levels) for row in rows}
    return {
        row: ShownRow(
            people=_rounded(size) if size >= FEWEST else None,
            counts={
                level: _rounded(counts[row, level]) if (row, level) in shown else None
                for level in levels
            },
        )
        for row, size in sizes.items()
    }


def _rounded(people: int) -> int:
    return ROUNDED_TO * round(people / ROUNDED_TO)
