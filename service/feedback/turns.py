"""Who is drawn from a pool, and in which turns.

Pure. The law: the same pool, load, limits and seed draw the same, in whatever order the
pool comes; and of the load, only what pools alone foretell is taken, never whom another
draw took.
"""

import hmac
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Final
from uuid import UUID

from service.feedback.rules import Limits, PoolTooSmall

WHOLE: Final = 100
"""Per cent."""
REQUEST: Final = 1_000
"""Of load: what one request counts."""
LOTS: Final = 16
"""Of somebody who stands in no other pool. Each whole request to be expected halves
them, down to one: nobody is out of a draw for being asked much, and nobody in it for
being asked little. (With 100 people in 60 pools of 22, of whom some are known to all,
loads have a standard deviation of 2.8 for 5.0 without; by whom draws really took, which
would tell of one draw in another, 3.2.)"""
NO_LOAD: Final[Mapping[UUID, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the pool, and where they work on the day of the draw."""

    person: UUID
    organisation: str


def expected_load(stood: Iterable[tuple[UUID, int, int]]) -> dict[UUID, int]:
    """Return how much each may expect to be asked, in thousandths of a request.

    `stood`: (person, how many were drawn, from a pool of how many) for each pool that
    somebody stood in when it was drawn from. Whom the draw took is no part of it, so
    that nobody can tell by one draw whom another took.
    """
    load: Counter[UUID] = Counter()
    for person, drawn, pool in stood:
        load[person] += REQUEST * drawn // pool
    return dict(load)


def draw(
    pool: Collection[Candidate],
    home: Collection[str],
    limits: Limits,
    seed: str,
    load: Mapping[UUID, int] = NO_LOAD,
) -> list[Candidate]:
    """Draw up to `limits.aim` raters; refuse a pool too small to hide anyone in.

    Of those drawn, at least `limits.outside_percent` work outside the subject's `home`,
    in at least `limits.other_organisations`; of the organisations there, none has two
    more than another that has people left. `load`: see `expected_load`.
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
    for candidate in in_turn(pool, seed, load):
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
    part = -(-drawn * limits.outside_percent // WHOLE)
    return min(drawn, max(part, limits.other_organisations))


def in_turn(
    pool: Collection[Candidate], seed: str, load: Mapping[UUID, int] = NO_LOAD
) -> list[Candidate]:
    """Return the pool as its lots fall, one organisation after another."""
    fallen = sorted(
        pool, key=lambda each: _best_lot(each.person, seed, load), reverse=True
    )
    rounds: Counter[str] = Counter()
    turns: list[tuple[int, int, Candidate]] = []
    for place, candidate in enumerate(fallen):
        turns.append((rounds[candidate.organisation], place, candidate))
        rounds[candidate.organisation] += 1
    return [candidate for _, _, candidate in sorted(turns, key=itemgetter(0, 1))]


def _best_lot(person: UUID, seed: str, load: Mapping[UUID, int]) -> bytes:
    """Return the best of somebody's lots.

    It is first with a chance in proportion to how many they are (Efraimidis and
    Spirakis, 2006, in whole numbers: every machine finds the same). No lot depends on
    who else is in the pool.
    """
    lots = max(1, LOTS >> load.get(person, 0) // REQUEST)
    return max(
        hmac.digest(seed.encode(), person.bytes + bytes([lot]), "sha256")
        for lot in range(lots)
    )


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
