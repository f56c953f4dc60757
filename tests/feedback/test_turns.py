"""The draw as chance: nobody favoured, loads evened out, no other draw told of."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import pstdev
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from service.feedback import turns
from service.feedback.rules import Limits, PoolTooSmall
from service.feedback.turns import LOTS, REQUEST, Candidate, draw, expected_load

LIMITS = Limits(10, 3, 20, 2, 50, 3, own_organisation_may_rate=True)
HOME = frozenset({"a", "b"})
LOADED = st.lists(
    st.tuples(st.uuids(version=4), st.sampled_from("abcdef"), st.integers(0, 9_000)),
    unique_by=lambda each: each[0],
    max_size=25,
)
SEEDS = st.text(max_size=64)
ALPHA = 0.001


def pool_of(
    loaded: Sequence[tuple[UUID, str, int]],
) -> tuple[list[Candidate], dict[UUID, int]]:
    return (
        [Candidate(person, code) for person, code, _ in loaded],
        {person: load for person, _, load in loaded},
    )


@given(LOADED.flatmap(lambda p: st.tuples(st.just(p), st.permutations(p))), SEEDS)
def test_in_whatever_order_pool_and_load_come_the_draw_is_the_same(
    pools: tuple[list[tuple[UUID, str, int]], list[tuple[UUID, str, int]]], seed: str
) -> None:
    drawn = []
    for loaded in pools:
        pool, load = pool_of(loaded)
        try:
            drawn.append(draw(pool, HOME, LIMITS, seed, load))
        except PoolTooSmall:
            drawn.append([])
    assert drawn[0] == drawn[1]


@given(
    LOADED,
    SEEDS,
    st.sampled_from([0, 30, 50, 100]),
    st.integers(1, 4),
    st.integers(5, 12),
)
def test_whatever_the_load_the_limits_are_met(
    loaded: list[tuple[UUID, str, int]], seed: str, percent: int, others: int, aim: int
) -> None:
    pool, load = pool_of(loaded)
    limits = replace(
        LIMITS, outside_percent=percent, other_organisations=others, aim=aim
    )
    try:
        drawn = draw(pool, HOME, limits, seed, load)
    except PoolTooSmall:
        return
    outside = [each for each in drawn if each.organisation not in HOME]
    assert limits.least <= len(drawn) <= aim
    assert len(set(drawn)) == len(drawn)
    assert {*drawn} <= {*pool}
    assert 100 * len(outside) >= percent * len(drawn)
    assert len({each.organisation for each in outside}) >= others


@given(LOADED, SEEDS)
def test_no_organisation_has_two_more_drawn_than_one_with_people_left(
    loaded: list[tuple[UUID, str, int]], seed: str
) -> None:
    pool, load = pool_of([each for each in loaded if each[1] not in HOME])
    try:
        drawn = Counter(c.organisation for c in draw(pool, HOME, LIMITS, seed, load))
    except PoolTooSmall:
        return
    there = Counter(each.organisation for each in pool)
    left = [drawn[code] for code in there if drawn[code] < there[code]]
    assert max(drawn.values()) - min(left, default=max(drawn.values())) <= 1


def dealt(**organisations: int) -> list[Candidate]:
    return [
        Candidate(UUID(int=100 * place + number), code)
        for place, (code, size) in enumerate(organisations.items(), start=1)
        for number in range(size)
    ]


def times(
    pool: Sequence[Candidate], rounds: int, load: Mapping[UUID, int] = turns.NO_LOAD
) -> Counter[Candidate]:
    drawn: Counter[Candidate] = Counter()
    for seed in range(rounds):
        drawn.update(draw(pool, {"hmt"}, LIMITS, f"seed {seed}", load))
    return drawn


def uneven(drawn: Mapping[Candidate, int], of: Sequence[Candidate], each: int) -> float:
    """The chance that a fair draw of `each` of these is as uneven as this one was.

    Of n, k drawn without replacement, R times: (n-1)/n · Σ(O - Rp)²/(Rp(1-p)), p = k/n,
    is chi-squared with n - 1 degrees of freedom.
    """
    rounds = sum(drawn[candidate] for candidate in of) / each
    p = each / len(of)
    spread = sum((drawn[candidate] - rounds * p) ** 2 for candidate in of)
    statistic = (len(of) - 1) / len(of) * spread / (rounds * p * (1 - p))
    return float(chi2.sf(statistic, len(of) - 1))


@pytest.mark.parametrize("load", [0, 2_500])
def test_candidates_of_equal_standing_have_equal_chances(load: int) -> None:
    pool = dealt(dwp=12, moj=12)
    drawn = times(pool, 2_000, {each.person: load for each in pool})
    for code in ("dwp", "moj"):
        of = [each for each in pool if each.organisation == code]
        assert uneven(drawn, of, each=5) > ALPHA


def test_a_favourite_would_be_found() -> None:
    """Broken twin: of twelve, one has twice the lots of the others."""
    pool = dealt(dwp=12, moj=12)
    load = {each.person: REQUEST for each in pool[1:]}
    assert uneven(times(pool, 2_000, load), pool[:12], each=5) < ALPHA


def test_the_organisations_of_one_size_have_equal_chances_of_the_odd_place() -> None:
    pool = dealt(dwp=6, moj=6, dft=6)
    drawn = times(pool, 2_000)
    by_code = Counter[str]()
    for candidate, count in drawn.items():
        by_code[candidate.organisation] += count - 2_000 // 2
    odd = [by_code[code] for code in ("dwp", "moj", "dft")]
    assert sum(odd) == 2_000
    spread = sum((each - 2_000 / 3) ** 2 for each in odd) / (2_000 / 3)
    assert chi2.sf(spread, 2) > ALPHA


def test_each_whole_request_to_be_expected_halves_the_chance_to_be_first() -> None:
    first: Counter[int] = Counter()
    pool = dealt(dwp=2)
    load = {pool[1].person: 2 * REQUEST + 999}
    for seed in range(4_000):
        first[turns.in_turn(pool, str(seed), load)[0].person.int] += 1
    expected = 4_000 * LOTS // 4 / (LOTS + LOTS // 4)
    assert abs(first[101] - expected) < 4 * (4_000 * 0.2 * 0.8) ** 0.5


def test_who_is_asked_by_all_can_still_be_drawn_and_who_by_none_left_out() -> None:
    pool = dealt(dwp=6, moj=6)
    load = {each.person: 10_000 for each in pool if each.person.int % 100 != 0}
    drawn = times([*pool, *dealt(x=1, y=1, dft=6)[2:]], 400, load)
    assert min(drawn[each] for each in pool) > 0
    assert max(drawn[each] for each in pool) < 400


def test_load_is_told_by_pools_and_never_by_whom_a_draw_took() -> None:
    one, two = UUID(int=1), UUID(int=2)
    assert expected_load([(one, 10, 20), (two, 10, 30), (one, 3, 3)]) == {
        one: 1_500,
        two: 333,
    }


Known = Callable[[Sequence[Candidate], Sequence[Candidate]], dict[UUID, int]]


def foretold(pool: Sequence[Candidate], drawn: Sequence[Candidate]) -> dict[UUID, int]:
    return expected_load((each.person, len(drawn), len(pool)) for each in pool)


def taken(_: Sequence[Candidate], drawn: Sequence[Candidate]) -> dict[UUID, int]:
    return {each.person: REQUEST for each in drawn}


def ignored(_: Sequence[Candidate], __: Sequence[Candidate]) -> dict[UUID, int]:
    return {}


def loads(known: Known, year: int) -> tuple[float, list[set[Candidate]]]:
    """A window of 40 pools of 20 from 60 people, of whom some are known to all."""
    chance = random.Random(year)  # noqa: S311 - no secret
    people = [Candidate(UUID(int=n), "cdefgh"[n % 6]) for n in range(60)]
    fame = [1 / (1 + n // 3) for n in range(60)]
    load: Counter[UUID] = Counter()
    asked: Counter[Candidate] = Counter(dict.fromkeys(people, 0))
    draws = []
    for subject in range(40):
        pool = sorted(people, key=lambda c: chance.random() ** (1 / fame[c.person.int]))
        drawn = draw(pool[-20:], HOME, LIMITS, f"{year} {subject}", load)
        load.update(known(pool[-20:], drawn))
        asked.update(drawn)
        draws.append({*drawn})
    return pstdev(asked.values()), draws


def test_loads_are_spread_less_than_without_and_no_more_than_by_those_drawn() -> None:
    for year in range(5):
        spread, _ = loads(foretold, year)
        without, _ = loads(ignored, year)
        by_drawn, _ = loads(taken, year)
        assert spread < 0.75 * without
        assert spread < 1.15 * by_drawn


def others(known: Known, seed: str) -> list[set[Candidate]]:
    """Draws of four subjects from one pool; only the seed of the first varies."""
    pool, load = dealt(dwp=12, moj=12), Counter[UUID]()
    draws = []
    for each in (seed, "second", "third", "fourth"):
        drawn = draw(pool, {"hmt"}, LIMITS, each, load)
        load.update(known(pool, drawn))
        draws.append({*drawn})
    return draws


def test_no_draw_shows_whom_another_took() -> None:
    first, *rest = zip(
        *(others(foretold, f"first {n}") for n in range(20)), strict=True
    )
    assert len({frozenset(drawn) for drawn in first}) > 15
    for later in rest:
        assert all(one == other for one, other in pairwise(later))


def test_a_load_of_those_drawn_would_show_them() -> None:
    """Broken twin: counting whom a draw took moves the next one."""
    _, second, *_ = zip(*(others(taken, f"first {n}") for n in range(20)), strict=True)
    assert len({frozenset(drawn) for drawn in second}) > 1
