"""Attacks on what is shown: none recovers an answer or an order; broken twins do."""

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import combinations, combinations_with_replacement
from uuid import UUID

import pytest

from service.feedback.form.items import BEHAVIOURS, EXTREMES, FEWEST_OBSERVED
from service.feedback.results import rules
from service.feedback.results.rules import EXAMPLE, Results, in_order
from service.suppression import HIGH, LOW, Average, Beyond
from tests.feedback.results.forms import AForm, examples, forms, seeded, shown

CASES = 1_000
RUNS = 2_000
HALF = 0.05 + 1e-9
KEY = b"k" * 32
Seen = tuple[Results, int | None]
"""What is shown, and the number of examples, where anything is said of it."""
Publish = Callable[[Sequence[AForm], random.Random], Seen]


def a_case(chance: random.Random) -> list[AForm]:
    """Five to twelve forms around one level, often alike, with some not observed."""
    level, spread = chance.randint(1, 5), chance.choice([0.0, 0.2, 0.6, 1.5])
    missing = chance.choice([0.0, 0.1, 0.4])

    def answer() -> int | None:
        value = round(chance.gauss(level, spread))
        return None if chance.random() < missing else min(5, max(1, value))

    answers: list[list[int | None]] = []
    raters = chance.randint(5, 12)
    while len(answers) < raters:
        form = [answer() for _ in BEHAVIOURS]
        if sum(value is not None for value in form) >= FEWEST_OBSERVED:
            answers.append(form)
    return forms(*answers, shared=chance.randint(0, len(answers)))


def as_published(given: Sequence[AForm], chance: random.Random) -> Seen:
    found = shown(given, examples(given, chance))
    return found, sum(each.field == EXAMPLE for each in found.comments) or None


@lru_cache(maxsize=4_096)
def possible(
    raters: int, figure: float | None, beyond: str | None
) -> frozenset[tuple[int | None, int]]:
    """Whatever answers fit an average: (the one answer of all, if so; extremes)."""
    found = set()
    for answers in combinations_with_replacement(range(1, 6), raters):
        mean = sum(answers) / raters
        fits = abs(mean - figure) <= HALF if figure is not None else True
        if beyond == Beyond.HIGH:
            fits = mean >= HIGH - HALF
        if beyond == Beyond.LOW:
            fits = mean <= LOW + HALF
        if fits:
            alike = answers[0] if len(set(answers)) == 1 else None
            found.add((alike, sum(value in EXTREMES for value in answers)))
    return frozenset(found)


def recovered(given: Sequence[AForm], found: Results, told: int | None) -> int:
    """How many behaviours leave one consistent answer for a rater, so for all of them.

    The attacker knows more than is said: exactly how many answered each behaviour.
    Answers to a behaviour are told apart by nothing, so one rater's is certain only if
    everything that fits is unanimous in the same value.
    """
    cells = {
        item: possible(_observed(given, item), each.figure, each.beyond)
        for item, each in found.behaviours.items()
        if each.reason is None
    }
    least = {item: min(extreme for _, extreme in fits) for item, fits in cells.items()}
    certain = 0
    for item, fits in cells.items():
        others = sum(least.values()) - least[item]
        left = {
            alike
            for alike, extreme in fits
            if _allowed(extreme, least[item], others, told, [*least.values()])
        }
        certain += len(left) == 1 and None not in left
    return certain


def _observed(given: Sequence[AForm], item: str) -> int:
    return sum(form.answers[item] is not None for form in given)


def _allowed(
    extreme: int, least: int, others: int, told: int | None, everywhere: list[int]
) -> bool:
    """Whether so many extremes fit the number of examples, or that none are shown."""
    if told is not None:
        return extreme + others <= told
    few_raters = max(everywhere) < 3 and extreme < 3
    return extreme - least < rules.SLACK or few_raters


def attack(publish: Publish, cases: int = CASES) -> int:
    certain = 0
    for seed in range(cases):
        chance = seeded(seed)
        given = a_case(chance)
        certain += recovered(given, *publish(given, chance))
    return certain


def test_no_answer_of_anybody_has_one_consistent_value() -> None:
    assert attack(as_published) == 0


def plainly(given: Sequence[AForm], chance: random.Random) -> Seen:
    """The broken twin: every mean as it is."""
    honest, told = as_published(given, chance)
    means = {}
    for item in BEHAVIOURS:
        seen = [value for form in given if (value := form.answers[item]) is not None]
        reason = None if seen else "nobody"
        mean = round(sum(seen) / len(seen), 1) if seen else None
        means[item] = Average(mean, None, reason)
    return Results(honest.verdict, means, (), None, honest.comments), told


def with_all_examples(given: Sequence[AForm], chance: random.Random) -> Seen:
    """Another: examples however few, which say how many answers lie between."""
    return shown(given), len(examples(given, chance))


@pytest.mark.parametrize("broken", [plainly, with_all_examples])
def test_the_attack_recovers_answers_from_what_a_careless_service_shows(
    broken: Publish,
) -> None:
    assert attack(broken, 200) > 0


def tau(before: Sequence[UUID], after: Sequence[UUID]) -> float:
    """Kendall's tau between two orders of the same comments."""
    place = {id_: number for number, id_ in enumerate(after)}
    pairs = [*combinations(before, 2)]
    same = sum(place[one] < place[other] for one, other in pairs)
    return (2 * same - len(pairs)) / len(pairs)


def mean_tau(display: Callable[[list[UUID], UUID, UUID], list[UUID]]) -> float:
    total = 0.0
    for seed in range(RUNS):
        chance = seeded(seed)
        sent, viewer, cycle = (
            [UUID(int=chance.getrandbits(128), version=4) for _ in range(12)],
            UUID(int=chance.getrandbits(128), version=4),
            UUID(int=chance.getrandbits(128), version=4),
        )
        total += tau(sent, display(sent, viewer, cycle))
    return total / RUNS


def test_the_order_shown_tells_nothing_of_the_order_sent() -> None:
    assert abs(mean_tau(lambda ids, who, cycle: in_order(ids, who, cycle, KEY))) < 0.05


def test_the_order_sent_would_be_recovered_from_a_display_that_kept_it() -> None:
    def kept(ids: list[UUID], _: UUID, __: UUID) -> list[UUID]:
        return ids

    assert mean_tau(kept) == 1.0


def test_two_viewers_see_two_orders_and_each_the_same_one_again() -> None:
    chance = seeded(8)
    ids = [UUID(int=chance.getrandbits(128), version=4) for _ in range(12)]
    cycle, one, other = (UUID(int=number) for number in (1, 2, 3))
    first = in_order(ids, one, cycle, KEY)
    assert in_order(reversed(ids), one, cycle, KEY) == first
    assert in_order(ids, other, cycle, KEY) != first
    assert in_order(ids, one, other, KEY) != first
    assert in_order(ids, one, cycle, b"another") != first


def test_never_just_one_figure_of_several_is_missing() -> None:
    """Whatever totals are known besides, they cannot fill in a single gap."""
    for seed in range(CASES):
        chance = seeded(seed)
        found, _ = as_published(a_case(chance), chance)
        for cells in (
            [*found.behaviours.values()],
            [group.average for group in found.groups],
        ):
            assert (
                sum(cell.reason is not None for cell in cells) != 1 or len(cells) == 1
            )
