"""What somebody attained, how much of it is known, and how far it can be relied on."""

from math import isfinite, sqrt
from random import Random
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.records.combining import Attainment
from service.scores.composing.method import PARAMETERS
from service.scores.composing.objective import (
    Credit,
    Spread,
    Summary,
    credits_of,
    figures,
    spread,
    standing,
    summed,
)
from tests.scores.composing.people import (
    EXCEEDED,
    FAR_EXCEEDED,
    LEAD,
    MAJOR,
    MET,
    NOT_MET,
    PARTLY_MET,
    SUPPORTING,
    a_standard,
    an_objective,
)

CREDITS = st.lists(
    st.builds(
        Credit,
        st.none() | st.sampled_from((0.0, 0.5, 1.0, 1.1, 1.2)),
        st.sampled_from((0.3, 0.7, 1.0, 15.0, 40.0)),
    ),
    max_size=5,
)


def person(*attained: float) -> Summary:
    return summed([Credit(each, 1.0) for each in attained])


@pytest.mark.parametrize("attainment", [NOT_MET, PARTLY_MET, MET, FAR_EXCEEDED])
def test_everybody_in_an_objective_has_its_attainment_whole(
    attainment: Attainment,
) -> None:
    """Lead, major or supporting, accountable or not: nobody has a share of it."""
    found = {
        summed(credits_of([an_objective(attainment, role=role)])).mean
        for role in (LEAD, MAJOR, SUPPORTING, None)
    }
    assert found == {PARAMETERS.attainment[attainment]}


def test_a_role_says_how_much_an_objective_weighs_in_ones_own_mean() -> None:
    led = credits_of([an_objective(MET, role=LEAD), an_objective(NOT_MET, role=MAJOR)])
    helped = credits_of(
        [an_objective(MET, role=SUPPORTING), an_objective(NOT_MET, role=MAJOR)]
    )
    assert summed(led).mean == pytest.approx(1 / 1.7)
    assert summed(helped).mean == pytest.approx(0.3)


def test_importance_weighs_and_where_one_has_none_all_count_the_same() -> None:
    heavy, light = an_objective(MET, weight=60), an_objective(NOT_MET, weight=20)
    assert summed(credits_of([heavy, light])).mean == pytest.approx(0.75)
    unsaid = an_objective(NOT_MET)
    assert summed(credits_of([heavy, unsaid])).mean == pytest.approx(0.5)


def test_so_many_of_equal_weight_say_as_much() -> None:
    assert person(1, 1, 1, 1).objectives == pytest.approx(4)
    assert summed([Credit(1, 0.6), Credit(1, 0.2)]).objectives == pytest.approx(1.6)


def test_while_one_is_not_assessed_there_is_no_mean() -> None:
    """Its absence would weigh the others up in its place."""
    found = summed([Credit(1.2, 0.7), Credit(None, 0.3)])
    assert (found.mean, found.coverage) == (None, 0.7)


def test_what_does_not_count_is_neither_good_nor_bad() -> None:
    drafted = an_objective(NOT_MET, counts=False)
    assert summed(credits_of([an_objective(MET), drafted])).mean == 1.0
    assert credits_of([a_standard(NOT_MET)]) == []


def test_little_evidence_is_drawn_towards_the_mean() -> None:
    among = spread([person(1, 0.5), person(1.2, 1.1), person(0, 0.5), person(1, 1.1)])
    assert among is not None
    one, four = (
        standing(person(1.2), among),
        standing(person(1.2, 1.2, 1.2, 1.2), among),
    )
    assert one is not None
    assert four is not None
    assert 0 < one.z < four.z
    assert one.variance > four.variance > 0
    assert one.variance == pytest.approx(among.ratio / (1 + among.ratio))


def test_variances_come_out_as_they_went_in() -> None:
    chance = Random(11)  # noqa: S311 - a simulation
    people = []
    for _ in range(4000):
        own = chance.gauss(0.9, 0.2)
        count = chance.randint(1, 5)
        people.append(person(*(chance.gauss(own, 0.3) for _ in range(count))))
    found = spread(people)
    assert found is not None
    assert found.mean == pytest.approx(0.9, abs=0.01)
    assert sqrt(found.between) == pytest.approx(0.2, abs=0.01)
    assert found.ratio == pytest.approx(2.25, abs=0.25)
    assert not found.assumed


@pytest.mark.parametrize(
    "people",
    [
        [person(1), person(0), person(1.2)],
        [person(1, 1), person(0, 0), person(1.2, 1.2, 1.2)],
    ],
    ids=["one objective each", "no difference within anybody"],
)
def test_what_cannot_tell_people_from_objectives_is_taken_as_two(
    people: list[Summary],
) -> None:
    """An interval of no width would be published otherwise."""
    found = spread(people)
    assert found is not None
    assert (found.ratio, found.assumed) == (2.0, True)
    single = fmean(1 / each.objectives for each in people)
    total = variance([each.mean for each in people if each.mean is not None])
    assert found.between == pytest.approx(total / (1 + 2 * single))
    stands = standing(people[0], found)
    assert stands is not None
    assert stands.variance > 0.3


@pytest.mark.parametrize(
    "people",
    [
        [person(1, 1), person(1), person(1, 1, 1)],
        [person(0, 1.2), person(1.2, 0), person(0.5, 0.7)],
    ],
    ids=["all the same", "no more than chance"],
)
def test_people_who_do_not_differ_have_no_figure(people: list[Summary]) -> None:
    found = spread(people)
    assert found is not None
    assert not found.estimable
    assert [standing(each, found) for each in people] == [None] * 3


def test_one_person_is_held_against_nobody() -> None:
    assert spread([]) is None
    assert spread([person(1, 0), summed([Credit(None, 1.0)])]) is None
    assert standing(person(1), None) is None


def test_a_figure_is_attainment_from_nought_to_the_most() -> None:
    among = Spread(20, mean=0.9, between=0.04, ratio=0.0, assumed=False)
    for o, value in ((0.0, 0.0), (0.6, 50.0), (1.0, 83.3), (1.2, 100.0)):
        stands = standing(person(o), among)
        assert stands is not None
        assert figures(stands, among) == (value, value, value)


@given(st.lists(CREDITS, max_size=8))
def test_whatever_was_attained_there_is_a_figure_or_a_reason(
    people: list[list[Credit]],
) -> None:
    every = [summed(each) for each in people]
    among = spread(every)
    for each in every:
        assert 0 <= each.coverage <= 1
        stands = standing(each, among)
        if stands is None or among is None:
            continue
        assert each.mean is not None
        value, low, high = figures(stands, among)
        assert 0 <= low <= value <= high <= 100
        assert 0 < stands.variance <= 1
        assert isfinite(stands.z)


@given(st.lists(CREDITS, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_people_and_objectives_changes_nothing(
    people: list[list[Credit]], chance: Random
) -> None:
    def both(given: list[list[Credit]]) -> tuple[Spread | None, list[Summary]]:
        every = [summed(each) for each in given]
        return spread(every), sorted(every, key=repr)

    mixed = [chance.sample(each, len(each)) for each in people]
    chance.shuffle(mixed)
    assert both(mixed) == both(people)


def test_attainment_is_as_published() -> None:
    assert [
        PARAMETERS.attainment[each]
        for each in (NOT_MET, PARTLY_MET, MET, EXCEEDED, FAR_EXCEEDED)
    ] == [0, 0.5, 1, 1.1, 1.2]
    assert [PARAMETERS.role[each] for each in (LEAD, MAJOR, SUPPORTING)] == [
        1,
        0.7,
        0.3,
    ]
