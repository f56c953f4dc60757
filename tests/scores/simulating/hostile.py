"""By how much one hostile form moves the score that it is about."""

from typing import Final

import numpy as np

from service.scores.estimate import Floats
from tests.scores.simulating.figures import METHODS
from tests.scores.simulating.world import World, made, with_hostile
from tests.sizes import FULL, SIZES

FIVE: Final = 5
SEEDS: Final = 20 if SIZES is FULL else 2
HIT: Final = 40
"""People who have one of five forms turned hostile, of each made-up cycle."""


def shifts(raters: int, method: str, seeds: int = SEEDS) -> tuple[Floats, Floats]:
    """Return by how much scores of those who were hit move, and raw averages.

    All have five forms; `raters` is how many others have, on average.
    """
    scores, raws = [], []
    for seed in range(seeds):
        one = made(World(raters=raters), seed)
        spoilt, hit = with_hostile(one, seed, FIVE, HIT)
        before = METHODS[method].estimate(one.forms)
        after = METHODS[method].estimate(spoilt.forms)
        scores.append((after.score - before.score)[hit])
        raws.append((after.raw - before.raw)[hit])
    return np.concatenate(scores), np.concatenate(raws)
