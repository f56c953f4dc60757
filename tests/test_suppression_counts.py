"""The gate for tables of counts, held to an attacker who solves linear programs."""

import random
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.suppression import counts as gate
from service.suppression.counts import FEWEST, Release, Shown, table_shown, tally
from service.suppression.flow import Cell, Row
from tests.working_out import LEVELS, Table, narrowest, people_of, worked_out

ORDINARY: Table = {
    ("hmt", "SCS1"): (12, 30, 42, 3),
    ("hmt", "SCS2"): (4, 11, 13, 1),
    ("dwp", "SCS1"): (20, 44, 60, 12),
    ("dwp", "SCS2"): (10, 12, 15, 0),
    ("moj", "SCS1"): (11, 25, 30, 2),
    ("dft", "SCS1"): (2, 3, 4, 0),
}


def test_no_count_of_fewer_than_ten_is_shown_and_every_other_to_five() -> None:
    found = table_shown(people_of(ORDINARY), LEVELS)
    shown = {
        (row, level): of
        for row, each in found.rows.items()
        for level, of in each.counts.items()
        if of is not None
    }
    true = tally(people_of(ORDINARY).values(), LEVELS)
    assert len(shown) >= 10
    assert all(true[cell] >= FEWEST for cell in shown)
    assert all(of % 5 == 0 and abs(of - true[cell]) <= 2 for cell, of in shown.items())
    assert found.rows["dft", "SCS1"].people is None
    assert found.rows["hmt", "SCS2"].people == 30


def test_shares_are_of_what_is_shown_and_nothing_stands_for_what_is_not() -> None:
    row = table_shown(people_of(ORDINARY), LEVELS).rows["dwp",]
    told = {level: of for level, of in row.percents().items() if of is not None}
    assert row.people is not None
    assert told == {
        level: round(100 * of / row.people)
        for level, of in row.counts.items()
        if of is not None
    }
    assert 0 not in row.percents().values()


def test_an_attacker_who_solves_linear_programs_recovers_nothing() -> None:
    placed = people_of(ORDINARY)
    found = table_shown(placed, LEVELS)
    assert found.release.shown
    assert worked_out(placed, found.release.shown) == set()


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("12")),
        st.tuples(*[st.one_of(st.integers(0, 9), st.integers(0, 60))] * 4),
        min_size=1,
        max_size=7,
    )
)
@settings(max_examples=20)
def test_of_any_table_it_recovers_nothing(table: Table) -> None:
    placed = people_of(table)
    assert worked_out(placed, table_shown(placed, LEVELS).release.shown) == set()


def test_without_complementary_suppression_it_recovers_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The broken twin: only what is small is hidden."""
    monkeypatch.setattr(gate, "hidden_with", lambda small, _: frozenset(small))
    placed = people_of(ORDINARY)
    assert worked_out(placed, table_shown(placed, LEVELS).release.shown)


def test_where_all_stand_at_one_level_it_is_not_told() -> None:
    """A count of everybody tells of each of them."""
    everybody: Table = {("hmt",): (0, 0, 40, 0), ("dwp",): (20, 30, 40, 20)}
    found = table_shown(people_of(everybody), LEVELS)
    assert set(found.rows["hmt",].counts.values()) == {None}
    assert worked_out(people_of(everybody), found.release.shown) == set()


def test_of_one_small_group_nothing_is_told() -> None:
    found = table_shown(people_of({("hmt",): (2, 3, 3, 1)}), LEVELS)
    assert {row.people for row in found.rows.values()} == {None}
    assert found.release.shown == frozenset()
    assert table_shown({}, LEVELS).rows == {}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("row", [("hmt", "SCS1"), ("dft", "SCS1"), ("co", "SCS1")])
def test_one_person_more_changes_the_same_whatever_their_level(
    row: Row, level: str
) -> None:
    """Two tables that differ by one person, wherever they stand: one later table."""
    before = people_of(ORDINARY)
    first = table_shown(before, LEVELS)
    seen = table_shown({**before, "new": (row, level)}, LEVELS, [first.release])
    other = table_shown({**before, "new": (row, LEVELS[0])}, LEVELS, [first.release])
    assert (seen.rows, seen.left_out) == (other.rows, other.left_out)
    assert not {row_ for row_, _ in seen.release.shown} & {
        r for r, _ in first.release.shown
    }


def test_without_the_earlier_table_one_person_would_be_told() -> None:
    """The broken twin: the second table does not know of the first."""
    before = people_of(ORDINARY)
    after = [
        table_shown({**before, "new": (("hmt", "SCS1"), level)}, LEVELS).rows
        for level in LEVELS
    ]
    assert any(rows != after[0] for rows in after)


def moved(placed: Mapping[object, Cell], row: Row, people: int) -> dict[object, Cell]:
    """The same, with so many of a group each at another level."""
    then = dict(placed)
    chosen = [who for who, cell in placed.items() if cell[0] == row][:people]
    for who in chosen:
        place = LEVELS.index(then[who][1])
        then[who] = (row, LEVELS[(place + 1) % len(LEVELS)])
    return then


def test_a_group_comes_again_once_ten_have_changed_and_totals_hold_it_alone() -> None:
    before = people_of(ORDINARY)
    first = table_shown(before, LEVELS)
    for people, there in ((9, False), (10, True)):
        after = moved(before, ("dwp", "SCS1"), people)
        found = table_shown(after, LEVELS, [first.release])
        assert (("dwp", "SCS1") in found.rows) == there
        assert (("dwp", "SCS1") not in found.left_out) == there
        if there:
            assert found.rows[()].people == found.rows["dwp", "SCS1"].people


def two_tables(
    seed: int,
) -> tuple[dict[object, Cell], Release, dict[object, Cell], Shown]:
    """Two tables of the same people, of whom many changed between them."""
    draw = random.Random(seed)  # noqa: S311 - of no secret
    table: Table = {
        (o, g): [draw.choice([3, 8, 14, 22, 35]) for _ in LEVELS]
        for o in ("a", "b", "c")
        for g in "12"
    }
    before = people_of(table)
    first = table_shown(before, LEVELS).release
    after = dict(before)
    for row in table:
        after = moved(after, row, draw.choice([0, 4, 10, 12, 18]))
    return before, first, after, table_shown(after, LEVELS, [first])


def told_by_both(seed: int) -> set[Cell]:
    """The later table's hidden counts of which both tell more than they may."""
    before, first, after, found = two_tables(seed)
    old = tally(before.values(), LEVELS)
    told = found.release.placed
    known: dict[Cell, tuple[float, float]] = {}
    for row in {row for row, _ in told.values()}:
        changed = sum(
            before.get(who) != after.get(who)
            for who in before.keys() | after.keys()
            if row in {c[0] for c in (before.get(who), after.get(who)) if c}
        )
        for level in LEVELS:
            if (row, level) in first.shown:
                last = old[row, level]
                known[row, level] = (max(0, last - changed), last + changed)
    prior = narrowest(told, (), known)
    seen = narrowest(told, found.release.shown, known)
    return {
        cell
        for cell, (low, high) in seen.items()
        if high - low < min(FEWEST, prior[cell][1] - prior[cell][0]) - 1e-6
    }


@pytest.mark.parametrize("seed", range(6))
def test_with_both_tables_it_recovers_nothing_of_the_later(seed: int) -> None:
    assert told_by_both(seed) == set()


def test_without_what_the_earlier_table_says_it_recovers_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The broken twin: the later table is made as if nobody had seen the first."""
    monkeypatch.setattr(gate, "_limits", lambda *_: {})
    assert set().union(*map(told_by_both, range(6)))


@pytest.mark.parametrize("seed", range(6))
def test_what_the_earlier_table_hid_the_later_does_not_show(seed: int) -> None:
    before, first, _, found = two_tables(seed)
    hidden = tally(before.values(), LEVELS).keys() - first.shown
    assert not found.release.shown & hidden


def test_a_group_with_people_beside_its_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="beside their parts"):
        table_shown({1: (("hmt",), "high"), 2: (("hmt", "SCS1"), "high")}, LEVELS)
    with pytest.raises(ValueError, match="no levels"):
        table_shown({1: (("hmt",), "splendid")}, LEVELS)
