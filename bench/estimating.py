"""The estimates alone: at the size of the senior civil service, and far beyond it."""

import resource
import sys
import time
import tracemalloc
from collections.abc import Iterator
from itertools import chain
from math import log
from typing import Final

import numpy as np

from bench.measure import Measure
from service.scores.estimate import CROSSED, MEAN, Forms, Method
from service.scores.estimation.model import Counts
from service.scores.estimation.reading import Ratings
from service.scores.estimation.table import fit_table

PEOPLE: Final = 7_000
FORMS: Final = 8
ITEMS: Final = 8
MISSING: Final = 0.05
SEED: Final = 1
LARGE: Final = (62_500, 125_000, 250_000, 500_000)
"""People, with ten forms of five items each."""
RATINGS: Final = (73_000, 3_000, 1_100)
"""Of a crossed table: rows, persons, raters."""


def estimating() -> list[Measure]:
    """Estimate 7,000 people's scores by each method, and fit a large crossed table."""
    forms = _forms(PEOPLE, FORMS, ITEMS)
    return [
        *_estimated(MEAN, forms),
        *_estimated(CROSSED, forms),
        _fitted(*RATINGS),
    ]


def _forms(people: int, each: int, items: int) -> Forms:
    """Return forms by people of other organisations near one's own in the network."""
    chance = np.random.default_rng(SEED)
    person = np.repeat(np.arange(people), each)
    step = np.minimum(chance.geometric(1 / 40, len(person)), people - 1)
    rater = (person + step * chance.choice([-1, 1], len(person))) % people
    pairs = np.unique(person * people + rater)
    person, rater = pairs // people, pairs % people
    home = np.arange(people) % max(8, min(60, people // 150))
    level = (
        3.7
        + chance.normal(0, 0.4, people)[person]
        + chance.normal(0, 0.36, people)[rater]
        + chance.normal(0, 0.5, len(person))
    )
    answers = np.clip(
        np.rint(level[:, None] + chance.normal(0, 0.5, (len(person), items))), 1, 5
    )
    missing = chance.random(answers.shape) < MISSING
    missing[:, :3] = False  # Each form counts.
    answers[missing] = np.nan
    return Forms(
        _names(person),
        _names(rater),
        _names(home[rater]),
        answers,
        _names(home[person]),
    )


def _names(numbers: Counts) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    every = np.array([f"{number:06}" for number in range(int(numbers.max()) + 1)])
    return every[numbers]


def _estimated(method: Method, forms: Forms) -> Iterator[Measure]:
    began = time.perf_counter()
    method.estimate(forms)
    took = time.perf_counter() - began
    tracemalloc.start()
    method.estimate(forms)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = f"{method.name}, {PEOPLE:,} people, {FORMS} forms each"
    yield Measure(f"{size}: estimate", took, "s")
    yield Measure(f"{size}: memory", peak / 1e6, "MB")


def _fitted(rows: int, persons: int, raters: int) -> Measure:
    """Fit a table without items, as lme4's `y ~ 1 + (1|person) + (1|rater)`."""
    chance = np.random.default_rng(SEED)
    person = chance.integers(0, persons, rows)
    rater = chance.integers(0, raters, rows)
    rating = (
        chance.normal(0, 0.33, persons)[person]
        + chance.normal(0, 0.52, raters)[rater]
        + chance.normal(3.2, 1.18, rows)
    )
    table = Ratings(rating, _names(person), _names(rater), None, None, {})
    began = time.perf_counter()
    fit_table(table, solver="auto", winsorise=False)
    took = time.perf_counter() - began
    return Measure(f"fit {rows:,} ratings, {persons:,} x {raters:,}", took, "s")


def large() -> Iterator[Measure]:
    """Estimate ever more people's scores by `crossed`, up to half a million.

    Takes minutes and gigabytes: `python -m bench.estimating` runs it by name only.
    """
    seconds = []
    for people in LARGE:
        forms = _forms(people, 10, 5)
        began = time.perf_counter()
        CROSSED.estimate(forms)
        seconds.append(time.perf_counter() - began)
        yield Measure(f"crossed, {people:,} people", seconds[-1], "s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    yield Measure("memory of the process, forms and all", peak, "GB")
    growth = log(seconds[-1] / seconds[0]) / log(LARGE[-1] / LARGE[0])
    yield Measure("growth: seconds by people to the power of", growth, "")


if __name__ == "__main__":
    for measure in chain(estimating(), large()):
        sys.stdout.write(f"{measure.name:56} {measure.value:10.2f} {measure.unit}\n")
        sys.stdout.flush()  # The next may take minutes.
