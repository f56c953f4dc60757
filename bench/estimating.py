"""The estimate alone, at the size of the whole senior civil service."""

import time
import tracemalloc
from typing import Final

import numpy as np

from bench.measure import Measure
from service.scores.estimate import estimate, form_marks

PEOPLE: Final = 7_000
FORMS: Final = 8
ITEMS: Final = 8
MISSING: Final = 0.05
SEED: Final = 1


def estimating() -> list[Measure]:
    """Estimate 7,000 people's scores from eight forms each: seconds, and peak MB."""
    chance = np.random.default_rng(SEED)
    person = np.repeat([f"{number:05}" for number in range(PEOPLE)], FORMS)
    quality = np.repeat(chance.normal(3.7, 0.5, PEOPLE), FORMS)[:, None]
    answers = np.clip(
        np.rint(quality + chance.normal(0, 0.7, (len(person), ITEMS))), 1, 5
    )
    answers[chance.random(answers.shape) < MISSING] = np.nan
    answers[:, :3] = np.nan_to_num(answers[:, :3], nan=3)  # Each form counts.
    began = time.perf_counter()
    estimate(person, form_marks(answers))
    took = time.perf_counter() - began
    tracemalloc.start()
    estimate(person, form_marks(answers))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = f"{PEOPLE:,} people with {FORMS} forms each"
    return [
        Measure(f"estimate for {size}", took, "s"),
        Measure(f"memory for {size}", peak / 1e6, "MB"),
    ]
