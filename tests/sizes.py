"""How much is tested: what `make test` has time for, or all of it in `make full`.

`TEST_SEED` has other things drawn at random; the same seed draws the same again.
"""

import os
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sizes:
    """One number for each test that can do more or less of the same."""

    machine_examples: int
    """Lives of up to three objectives, of 50 steps each."""
    machine_steps_left_out: int
    """Of all that the state tables know, how many no life need have taken."""
    submission_rounds: int
    """Of eight submissions of one form at once."""
    closing_rounds: int
    """Of six submissions while the window closes."""
    confidential_lives: int
    """Of one cycle, each compared with the one in which no rater acts."""
    rarely: int
    """Of what is not there for somebody, every so manieth is asked for in each life."""
    contract_phases: str
    """Of schemathesis."""
    contract_examples: int
    """For each operation."""
    timed_pairs: int
    """Answers to others timed with and without a submission; none: only counted."""
    feed_histories: int
    """Of all that a feed tells of, each followed by the reference connector."""
    feed_seconds: float
    """That sixteen writers write to the feed; `SOAK_SECONDS` says otherwise."""
    hostile_turns: int
    """Of attacks on every page, each with other payloads where few fit."""


REDUCED: Final = Sizes(
    machine_examples=45,
    machine_steps_left_out=10,
    submission_rounds=20,
    closing_rounds=15,
    confidential_lives=3,
    rarely=12,
    contract_phases="examples,coverage,fuzzing",
    contract_examples=2,
    timed_pairs=0,
    feed_histories=15,
    feed_seconds=30,
    hostile_turns=3,
)
FULL: Final = Sizes(
    machine_examples=200,
    machine_steps_left_out=0,
    submission_rounds=200,
    closing_rounds=150,
    confidential_lives=300,
    rarely=3,
    contract_phases="examples,coverage,fuzzing,stateful",
    contract_examples=500,
    timed_pairs=500,
    feed_histories=300,
    feed_seconds=60,
    hostile_turns=60,
)
SIZES: Final = FULL if os.environ.get("TEST_SIZES") == "full" else REDUCED
SOAK_SECONDS: Final = float(os.environ.get("SOAK_SECONDS", "0"))
SEED: Final = int(os.environ.get("TEST_SEED", "0"))
