from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.rules import NotShared
from service.feedback import rules, turns
from service.feedback.form.items import BEHAVIOURS
from service.feedback.rules import Grounds, Limits
from service.feedback.turns import Candidate
from tests.refusing import refusal

LIMITS = Limits(
    aim=10,
    least=3,
    most=20,
    other_organisations=2,
    outside_percent=50,
    minimum_contact_months=3,
    own_organisation_may_rate=False,
)
HOME = frozenset({"hmt"})
DAY = date(2027, 2, 10)
COLLEAGUE = Grounds(
    person=UUID(int=2),
    mailbox="sam@dwp.example",
    organisation="dwp",
    home=HOME,
    keeper="hmt",
    is_subject=False,
    in_line=False,
    competes=False,
    shares=True,
)
OPENS = datetime(2027, 2, 1, tzinfo=UTC)
CLOSES = datetime(2027, 3, 1, tzinfo=UTC)
RELEASES = datetime(2027, 3, 15, tzinfo=UTC)
TICK = timedelta(microseconds=1)
POOLS = st.lists(
    st.builds(Candidate, st.uuids(version=4), st.sampled_from("abcde")),
    unique_by=lambda candidate: candidate.person,
    max_size=25,
)
SEEDS = st.text(max_size=64)


@pytest.mark.parametrize("now", [OPENS, OPENS + TICK, CLOSES - TICK])
def test_a_window_is_open_from_its_opening_until_just_before_its_closing(
    now: datetime,
) -> None:
    assert refusal(rules.check_open, OPENS, CLOSES, now) is None


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (OPENS - TICK, "2027-02-01T00:00:00"),
        (CLOSES, "2027-03-01T00:00:00"),
        (CLOSES + TICK, "2027-03-01T00:00:00"),
    ],
)
def test_outside_its_window_feedback_is_refused_with_the_instant(
    now: datetime, said: str
) -> None:
    with pytest.raises(rules.NotOpen, match=said):
        rules.check_open(OPENS, CLOSES, now)


def test_a_colleague_elsewhere_may_rate() -> None:
    rules.check_eligible(COLLEAGUE, LIMITS, DAY)
    assert rules.is_eligible(COLLEAGUE, LIMITS, DAY)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"is_subject": True}, "themselves"),
        ({"organisation": None}, "no posting"),
        ({"in_line": True}, "manager or report"),
        ({"organisation": "hmt"}, "other organisations"),
        ({"home": frozenset({"hmt", "dwp"})}, "other organisations"),
        ({"competes": True}, "moderated with"),
    ],
)
def test_who_stands_too_near_to_the_subject_may_not_rate(
    how: dict[str, Any], said: str
) -> None:
    near = replace(COLLEAGUE, **how)
    with pytest.raises(rules.NotEligible, match=said):
        rules.check_eligible(near, LIMITS, DAY)
    assert not rules.is_eligible(near, LIMITS, DAY)


def test_who_shares_no_data_may_not_rate_and_both_are_named() -> None:
    apart = replace(COLLEAGUE, shares=False)
    with pytest.raises(NotShared, match="2027-02-10 between dwp and hmt"):
        rules.check_eligible(apart, LIMITS, DAY)
    assert not rules.is_eligible(apart, LIMITS, DAY)


@pytest.mark.parametrize(
    ("how", "may"),
    [({}, True), ({"in_line": True}, False), ({"competes": True}, False)],
)
def test_a_framework_may_let_the_own_organisation_rate_but_neither_line_nor_rival(
    how: dict[str, Any], *, may: bool
) -> None:
    limits = replace(LIMITS, own_organisation_may_rate=True)
    near = replace(COLLEAGUE, organisation="hmt", **how)
    assert rules.is_eligible(near, limits, DAY) == may


def test_working_together_for_a_quarter_is_enough() -> None:
    assert refusal(rules.check_contact, 3, LIMITS) is None


@pytest.mark.parametrize("months", [0, 2])
def test_working_together_too_briefly_is_refused_with_what_to_do(months: int) -> None:
    with pytest.raises(rules.NotEligible, match=r"at least 3 months.*decline"):
        rules.check_contact(months, LIMITS)


@pytest.mark.parametrize("months", [-1, 13])
def test_a_year_has_no_more_months_than_twelve(months: int) -> None:
    with pytest.raises(rules.BadAnswers, match="0 to 12"):
        rules.check_contact(months, LIMITS)


@pytest.mark.parametrize(("seen", "counts"), [(0, False), (2, False), (3, True)])
def test_a_form_counts_from_three_observed_items(seen: int, *, counts: bool) -> None:
    form: dict[str, int | None] = {
        item: 3 if place < seen else None for place, item in enumerate(BEHAVIOURS)
    }
    assert rules.is_valid_form(form) == counts


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_nothing_is_no_reason(reason: str) -> None:
    with pytest.raises(rules.NoReason, match="Say in a few words why"):
        rules.check_reason(reason)


@pytest.mark.parametrize(
    ("closes", "releases", "names"),
    [
        (CLOSES, RELEASES, "closes_at"),
        (CLOSES - TICK, RELEASES, "closes_at"),
        (CLOSES + TICK, RELEASES - TICK, "releases_at"),
        (RELEASES + TICK, RELEASES, "releases_at"),
    ],
)
def test_a_window_is_only_ever_extended(
    closes: datetime, releases: datetime, names: str
) -> None:
    before = {"closes_at": CLOSES, "releases_at": RELEASES}
    with pytest.raises(rules.NotLater) as refused:
        rules.check_extends(before, {"closes_at": closes, "releases_at": releases})
    assert [fault.pointer for fault in refused.value.faults] == [f"#/{names}"]


def test_a_window_may_close_a_moment_later_and_be_released_as_before() -> None:
    before = {"closes_at": CLOSES, "releases_at": RELEASES}
    after = before | {"closes_at": CLOSES + TICK}
    assert refusal(rules.check_extends, before, after) is None


def test_there_is_room_for_as_many_proposals_as_there_can_be_raters() -> None:
    rules.check_room(20, LIMITS)
    with pytest.raises(rules.PoolFull, match="at most 20"):
        rules.check_room(21, LIMITS)


def pool_of(**organisations: int) -> list[Candidate]:
    return [
        Candidate(UUID(int=100 * place + number), code)
        for place, (code, size) in enumerate(organisations.items(), start=1)
        for number in range(size)
    ]


@given(POOLS.flatmap(lambda p: st.tuples(st.just(p), st.permutations(p))), SEEDS)
def test_the_same_pool_and_seed_give_the_same_turns_in_any_order(
    pools: tuple[list[Candidate], list[Candidate]], seed: str
) -> None:
    one, other = pools
    assert turns.in_turn(one, seed) == turns.in_turn(other, seed)
    assert sorted(turns.in_turn(one, seed), key=str) == sorted(one, key=str)


def test_the_turns_stay_as_they_were_recorded() -> None:
    found = turns.in_turn(pool_of(dwp=3, moj=2), "a recorded seed")
    assert [candidate.person.int for candidate in found] == RECORDED


RECORDED = [200, 102, 201, 100, 101]


def test_another_seed_gives_another_draw() -> None:
    pool = pool_of(dwp=20, moj=20)
    drawn = {tuple(turns.draw(pool, HOME, LIMITS, str(seed))) for seed in range(20)}
    assert len(drawn) == 20


@given(POOLS, SEEDS)
def test_no_organisation_has_two_turns_more_than_one_with_people_left(
    pool: list[Candidate], seed: str
) -> None:
    left = Counter(candidate.organisation for candidate in pool)
    taken: Counter[str] = Counter()
    for candidate in turns.in_turn(pool, seed):
        waiting = [taken[code] for code, people in left.items() if people]
        assert taken[candidate.organisation] == min(waiting)
        taken[candidate.organisation] += 1
        left[candidate.organisation] -= 1


def test_the_first_drawn_are_of_different_organisations() -> None:
    for seed in range(50):
        first, second, *_ = turns.draw(pool_of(dwp=20, moj=1), HOME, LIMITS, str(seed))
        assert {first.organisation, second.organisation} == {"dwp", "moj"}


@pytest.mark.parametrize(
    ("pool", "drawn"),
    [
        (pool_of(dwp=2, moj=1), 3),
        (pool_of(dwp=5, moj=5), 10),
        (pool_of(dwp=20, moj=20), 10),
    ],
)
def test_as_many_are_drawn_as_wanted_or_there_are(
    pool: list[Candidate], drawn: int
) -> None:
    assert len(turns.draw(pool, HOME, LIMITS, "seed")) == drawn


@pytest.mark.parametrize(
    ("pool", "said"),
    [
        ([], "0 eligible colleagues, 0 of them from 0"),
        (pool_of(dwp=1, moj=1), "2 eligible colleagues, 2 of them from 2"),
        (pool_of(dwp=20), "20 eligible colleagues, 20 of them from 1"),
        (pool_of(hmt=20, dwp=1), "21 eligible colleagues, 1 of them from 1"),
    ],
)
def test_a_pool_too_small_to_hide_anyone_in_is_refused(
    pool: list[Candidate], said: str
) -> None:
    with pytest.raises(rules.PoolTooSmall, match=said):
        turns.draw(pool, HOME, LIMITS, "seed")


INSIDE = replace(LIMITS, own_organisation_may_rate=True)


@given(POOLS, SEEDS, st.sampled_from([0, 30, 50, 100]))
def test_enough_of_those_drawn_work_outside(
    pool: list[Candidate], seed: str, percent: int
) -> None:
    limits = replace(INSIDE, outside_percent=percent)
    home = {"a", "b"}
    try:
        drawn = turns.draw(pool, home, limits, seed)
    except rules.PoolTooSmall:
        return
    outside = [c for c in drawn if c.organisation not in home]
    assert limits.least <= len(drawn) <= limits.aim
    assert len(set(drawn)) == len(drawn)
    assert 100 * len(outside) >= percent * len(drawn)
    if len(outside) > 1:
        assert len({c.organisation for c in outside}) > 1


def test_few_from_outside_keep_many_from_inside_from_being_drawn() -> None:
    drawn = turns.draw(pool_of(hmt=20, dwp=2, moj=1), HOME, INSIDE, "seed")
    assert Counter(c.organisation for c in drawn) == {"hmt": 3, "dwp": 2, "moj": 1}


def test_an_outsider_is_replaced_by_an_outsider_and_an_insider_by_anybody() -> None:
    hmt, dwp = Candidate(UUID(int=1), "hmt"), Candidate(UUID(int=2), "dwp")
    assert turns.next_in_turn([hmt, dwp], HOME, for_outsider=True) == dwp
    assert turns.next_in_turn([hmt, dwp], HOME, for_outsider=False) == hmt
    assert turns.next_in_turn([hmt], HOME, for_outsider=True) is None
    assert turns.next_in_turn([], HOME, for_outsider=False) is None


@pytest.mark.parametrize(("pool", "small"), [(10, True), (19, True), (20, False)])
def test_a_pool_is_small_below_twice_the_number_drawn(
    pool: int, *, small: bool
) -> None:
    assert turns.is_small(pool, 10) == small
