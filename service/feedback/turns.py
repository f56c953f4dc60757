"""Who is drawn from a pool, and in which turns.

Pure. The law: the same pool and seed draw the same, in whatever order the pool comes.
"""

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final
from uuid import UUID

from service.feedback.rules import Limits, PoolTooSmall

WHOLE: Final = 100
"""Per cent."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the pool, and where they work on the day of the draw."""

    person: UUID
    organisation: str


def draw(
    pool: Sequence[Candidate], home: Collection[str], limits: Limits, seed: str
) -> list[Candidate]:
    """Draw up to `limits.aim` raters; refuse a pool too small to hide anyone in.

    Of those drawn, at least `limits.outside_percent` work outside the subject's `home`.
    """
    outside = [candidate for candidate in pool if candidate.organisation not in home]
    organisations = {candidate.organisation for candidate in outside}
    most = _most(len(pool), len(outside), limits)
    if most < limits.least or len(organisations) < limits.other_organisations:
        raise PoolTooSmall(
            f"The pool has {len(pool)} eligible colleagues, {len(outside)} of them from"
            f" {len(organisations)} other organisations; it needs {limits.least}, from"
            f" {limits.other_organisations} other organisations: add more who worked"
            " with the subject."
        )
    inside_left = most - _outside_of(most, limits)
    drawn: list[Candidate] = []
    for candidate in in_turn(pool, seed):
        if candidate.organisation in home:
            if inside_left == 0:
                continue
            inside_left -= 1
        drawn.append(candidate)
    return drawn[:most]


def _most(pool: int, outside: int, limits: Limits) -> int:
    """Return how many can be drawn so that enough of them are from outside."""
    most = min(limits.aim, pool)
    while _outside_of(most, limits) > outside:
        most -= 1
    return most


def _outside_of(drawn: int, limits: Limits) -> int:
    """Return how many of so many must work outside: a part of one is one."""
    return -(-drawn * limits.outside_percent // WHOLE)


def in_turn(pool: Sequence[Candidate], seed: str) -> list[Candidate]:
    """Return the pool as the seed shuffles it, one organisation after another."""
    chance = random.Random(seed)  # noqa: S311 - recorded and repeatable on purpose
    shuffled = sorted(pool, key=lambda candidate: candidate.person)
    chance.shuffle(shuffled)
    rounds: Counter[str] = Counter()
    turns: list[tuple[int, int, Candidate]] = []
    for place, candidate in enumerate(shuffled):
        turns.append((rounds[candidate.organisation], place, candidate))
        rounds[candidate.organisation] += 1
    return [candidate for _, _, candidate in sorted(turns, key=itemgetter(0, 1))]


def next_in_turn(
    turns: Sequence[Candidate], home: Collection[str], *, for_outsider: bool
) -> Candidate | None:
    """Return who replaces a rater; an outsider's place goes to an outsider only."""
    for candidate in turns:
        if candidate.organisation not in home or not for_outsider:
            return candidate
    return None


def is_small(pool_size: int, drawn: int) -> bool:
    """Say whether a pool is so small that a rater should know before they answer."""
    return pool_size < 2 * drawn
