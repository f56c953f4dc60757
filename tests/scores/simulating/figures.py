"""How well a method does in services that were made up, each hard in its own way."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.stats import spearmanr

from service.scores.estimate import (
    CROSSED,
    MEAN,
    Estimates,
    Floats,
    Method,
    for_release,
)
from tests.scores.simulating.world import Made, World, made
from tests.sizes import FULL, SIZES

SEEDS: Final = 20 if SIZES is FULL else 3
METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {method.name: method for method in (MEAN, CROSSED)}
)
SCENARIOS: Final[Mapping[str, World]] = MappingProxyType(
    {
        "eight raters": World(),
        "five raters": World(raters=5),
        "three raters": World(raters=3),
        "twelve raters": World(raters=12),
        "few people": World(people=400),
        "people nearly alike": World(person=0.10, halo=0.47),
        "severity 6 %": World(rater=0.06, halo=0.47),
        "severity 30 %": World(rater=0.30, halo=0.23),
        "lenient departments": World(department=0.10, halo=0.25),
        "halo": World(halo=0.50, item=0.10),
        "forms that stray": World(heavy=True),
        "low answers kept back": World(unseen_low=0.2),
        "low forms kept back": World(silent_low=0.2),
        "three parts": World(islands=3),
    }
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one method, on average over made-up cycles."""

    forms: float
    """Of each person."""
    rank: float
    """Spearman's correlation of scores with the truth."""
    coverage: float
    """Share of people whose 90 % interval has the truth in it."""
    released: float
    """The same of intervals as they may leave the service."""
    half_width: float


@cache
def figures(world: World, method: str, seeds: int = SEEDS) -> Figures:
    """Return how well a method does, over so many made-up cycles."""
    found = [_once(made(world, seed), METHODS[method]) for seed in range(seeds)]
    return Figures(*np.mean([astuple(each) for each in found], axis=0).tolist())


def _once(one: Made, method: Method) -> Figures:
    estimates = method.estimate(one.forms)
    _, low, high = for_release(estimates)
    return Figures(
        float(estimates.forms.mean()),
        float(spearmanr(estimates.score, one.truth).statistic),
        coverage(one, estimates),
        float(within(one.truth, low, high).mean()),
        float(estimates.half_width.mean()),
    )


def coverage(one: Made, estimates: Estimates) -> float:
    """Return the share of people whose interval has their truth in it."""
    return float(within(one.truth, estimates.low, estimates.high).mean())


def within(truth: Floats, low: Floats, high: Floats) -> Floats:
    """Return for each person whether the truth is in the interval: 1, or 0."""
    return ((low <= truth) & (truth <= high)).astype(np.float64)
