from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.directory import rules
from service.directory.rules import (
    Occupancy,
    TakesEffect,
    WrongSuccession,
    begins,
    check_succession,
    loops,
    takes_effect,
)
from tests.refusing import refusal

JAN, FEB, MAR, MAY = (date(2026, month, 1) for month in (1, 2, 3, 5))


@pytest.mark.parametrize(
    ("name", "occupancy"),
    [
        ("N/D", Occupancy.WITHHELD),
        ("ND", Occupancy.WITHHELD),
        ("n/d", Occupancy.WITHHELD),
        ("", Occupancy.WITHHELD),
        ("Vacant", Occupancy.VACANT),
        ("Vacant'", Occupancy.VACANT),
        ("vacant", Occupancy.VACANT),
        ("Eliminated", Occupancy.ELIMINATED),
        ("ELIMINATED", Occupancy.ELIMINATED),
        ("Eliminated'", Occupancy.ELIMINATED),
        (" Eliminated ", Occupancy.ELIMINATED),
        ("Megan Wright", Occupancy.FILLED),
        ("Ned Vacantson", Occupancy.FILLED),
    ],
)
def test_what_stands_for_a_name_tells_whether_a_post_is_held(
    name: str, occupancy: Occupancy
) -> None:
    assert rules.occupancy(name) is occupancy


@pytest.mark.parametrize(
    ("written", "grade"),
    [
        ("SCS1a", "SCS1A"),
        ("SCS1A", "SCS1A"),
        (" scs2 ", "SCS2"),
        ("OF-6", "OF-6"),
        ("Grade 6", "Grade 6"),
    ],
)
def test_two_spellings_of_a_grade_are_one(written: str, grade: str) -> None:
    assert rules.grade(written) == grade


@pytest.mark.parametrize("reference", ["XX", "xx", "", "  ", " Xx "])
def test_some_references_stand_for_nobody(reference: str) -> None:
    assert rules.reports_to_nobody(reference)
    assert not rules.reports_to_nobody(f"{reference}1")


def test_loops_are_found_once_each() -> None:
    above = {"a": "b", "b": "c", "c": "b", "d": "d", "e": "a", "f": "top"}

    assert loops(above) == [["b", "c"], ["d"]]


@given(st.dictionaries(st.integers(0, 8), st.integers(0, 8)))
def test_who_is_in_a_loop_comes_back_to_themselves(above: dict[int, int]) -> None:
    looped = {each for loop in loops(above) for each in loop}

    for start in above:
        here: int | None = start
        for _ in above:
            here = above.get(here) if here is not None else None
            if here == start:
                break
        assert (here == start) is (start in looped)


def test_a_start_date_moved_later_dates_the_change() -> None:
    effect = takes_effect(MAR, JAN, since=JAN, ended=None, today=MAY)

    assert effect == TakesEffect(closes=MAR, opens=MAR)


def test_a_start_date_moved_earlier_corrects_a_first_posting() -> None:
    effect = takes_effect(JAN, FEB, since=FEB, ended=None, today=MAY)

    assert effect == TakesEffect(closes=FEB, opens=JAN)


def test_a_start_date_moved_earlier_does_not_reach_into_an_ended_posting() -> None:
    effect = takes_effect(JAN, MAR, since=MAR, ended=FEB, today=MAY)

    assert effect == TakesEffect(closes=MAY, opens=MAY)


def test_any_other_change_is_from_today() -> None:
    effect = takes_effect(JAN, JAN, since=JAN, ended=None, today=MAY)

    assert effect == TakesEffect(closes=MAY, opens=MAY)


@given(st.dates(), st.dates(), st.dates(), st.none() | st.dates(), st.dates())
def test_no_change_ends_a_row_before_it_began(
    stated: date, before: date, since: date, ended: date | None, today: date
) -> None:
    effect = takes_effect(stated, before, since=since, ended=ended, today=today)

    assert effect.closes >= since
    assert effect.opens >= effect.closes or effect.closes == since


def test_somebody_who_returns_begins_after_they_ended() -> None:
    assert begins(JAN, ended=None, today=MAY) == JAN
    assert begins(JAN, ended=FEB, today=MAY) == MAY
    assert begins(MAR, ended=FEB, today=MAY) == MAR


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("a", "a", "itself"), ("a", "b", "already"), ("c", "a", "came from")],
)
def test_a_lineage_never_leads_back(old: str, new: str, said: str) -> None:
    successors = {"a": frozenset({"b"}), "b": frozenset({"c"})}

    with pytest.raises(WrongSuccession, match=said):
        check_succession(old, new, successors)


def test_an_organisation_may_become_several() -> None:
    before = {"a": frozenset({"b"})}
    assert refusal(check_succession, "a", "d", before) is None
