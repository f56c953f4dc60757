"""What a draw was made from, frozen with it, and whether it was made from that.

Decisions:

- The seed is recorded for all to read, and shuffles under a key outside the database:
  whoever reads pool and seed cannot tell who was drawn.
- With the draw, in a row that only grows, stand what it was made from, sealed, and a
  commitment to whom it took, under a key outside the database too. To repeat it neither
  directory nor pool need be as they were, and the release, which writes a window's rows
  anew, touches nothing of it.
- So a draw can be checked as long as its row is kept and the service's secret is what
  it was, and by nobody without it. Against those who were asked it is checked as long
  as it is kept who they are. A draw made before anything was frozen cannot be checked.
- Load is what earlier pools foretell, never whom their draws took: `turns`.

The law: what is said of a draw is whether it matches; never a person.
"""

import hmac
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from service.auth.secret import derive
from service.db import transaction
from service.feedback import turns
from service.feedback.form.sealing import TextNotOpened, seal, unseal
from service.feedback.rules import Limits, PoolTooSmall
from service.feedback.tables import Draw
from service.feedback.turns import Candidate

FROZEN: Final = "draw"
"""The field that what a draw was made from is sealed as."""
STOOD: Final = """
SELECT n.person, d.drawn, d.pool_size FROM feedback_nomination n
JOIN feedback_draw d ON d.record = n.record AND d."window" = n."window"
WHERE n.person = ANY ($2) AND n."window" = $1 AND n.state = 'proposed'
    AND d.pool_size > 0
"""


class Finding(StrEnum):
    """What comes of checking a draw."""

    MATCHES = "matches"
    DIFFERS = "differs"
    NOT_FROZEN = "not_frozen"
    """It was made before anything was frozen."""
    NOT_OPENED = "not_opened"
    """The service's secret is not what it was, or the row was altered."""


class Part(StrEnum):
    """What of a draw may differ from what is recorded."""

    POOL = "pool"
    DRAWN = "drawn"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of one draw: nothing of whom it took."""

    record: UUID
    finding: Finding
    differs: tuple[Part, ...] = ()
    asked_kept: bool = True
    """Whether it is still kept who was asked, to be checked against too."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """All that a draw was made from, but for its seed."""

    pool: Sequence[Candidate]
    home: Collection[str]
    limits: Limits
    load: Mapping[UUID, int]
    key: bytes | None
    """None: the service's own."""

    def drawn(self, seed: str) -> list[Candidate]:
        """Return whom the seed draws."""
        return turns.draw(
            self.pool, self.home, self.limits, keyed(seed, self.key), self.load
        )

    def in_turn(self, seed: str) -> list[Candidate]:
        """Return the pool in the turns of the seed."""
        return turns.in_turn(self.pool, keyed(seed, self.key), self.load)


def keyed(seed: str, key: bytes | None = None) -> str:
    """Return what shuffles a pool: the recorded seed under a key outside the database.

    Whoever reads the pool and the seed in the database cannot tell who was drawn.
    """
    return hmac.digest(key or derive("draw"), seed.encode(), "sha256").hex()


async def load_in(window: UUID, people: Iterable[UUID]) -> dict[UUID, int]:
    """Return how much each may expect to be asked by the window's draws so far."""
    async with transaction() as connection:
        rows = await connection.fetch(STOOD, window, [*people])
    return turns.expected_load(tuple(row) for row in rows)


def digest(pool: Iterable[Candidate]) -> str:
    """Return the SHA-256 of a pool, hex, whatever order it comes in."""
    lines = sorted(f"{c.person} {c.organisation}\n" for c in pool)
    return sha256("".join(lines).encode()).hexdigest()


def commitment(draw: UUID, seed: str, drawn: Iterable[Candidate]) -> str:
    """Return what binds a draw to its seed and whom it took, hex; it tells neither."""
    took = b"".join(sorted(each.person.bytes for each in drawn))
    said = draw.bytes + sha256(seed.encode()).digest() + took
    return hmac.digest(derive("draw commitment"), said, "sha256").hex()


def freeze(made_from: Frozen, draw: UUID) -> bytes:
    """Seal what a draw was made from; it opens for that draw alone."""
    text = json.dumps(
        {
            "pool": sorted([str(c.person), c.organisation] for c in made_from.pool),
            "home": sorted(made_from.home),
            "limits": asdict(made_from.limits),
            "load": {str(person): load for person, load in made_from.load.items()},
            "key": None if made_from.key is None else made_from.key.hex(),
        }
    )
    return seal(text, draw, FROZEN)


def thaw(cell: bytes, draw: UUID) -> Frozen:
    """Return what a draw was made from; refuse what was sealed under another key."""
    said = json.loads(unseal(cell, draw, FROZEN))
    return Frozen(
        pool=[Candidate(UUID(person), code) for person, code in said["pool"]],
        home=frozenset(said["home"]),
        limits=Limits(**said["limits"]),
        load={UUID(person): load for person, load in said["load"].items()},
        key=None if said["key"] is None else bytes.fromhex(said["key"]),
    )


def check(kept: Draw, asked: Collection[UUID]) -> Checked:
    """Repeat a draw from what was frozen, and say whether it is the recorded one.

    `asked`: who has been asked about the record by now; empty, it is not kept any more.
    Whoever replaced a rater is of the same pool.
    """
    if not kept.frozen:
        return Checked(kept.record, Finding.NOT_FROZEN)
    try:
        made_from = thaw(kept.frozen, kept.id)
    except TextNotOpened:
        return Checked(kept.record, Finding.NOT_OPENED)
    differs = _differing(kept, made_from, set(asked))
    return Checked(
        kept.record,
        Finding.DIFFERS if differs else Finding.MATCHES,
        differs,
        asked_kept=bool(asked),
    )


def _differing(kept: Draw, made_from: Frozen, asked: set[UUID]) -> tuple[Part, ...]:
    try:
        drawn = made_from.drawn(kept.seed)
    except PoolTooSmall:
        return (Part.POOL,)
    pool = {candidate.person for candidate in made_from.pool}
    took = {candidate.person for candidate in drawn}
    recorded = (kept.pool_digest, kept.pool_size)
    wrong = {
        Part.POOL: recorded != (digest(made_from.pool), len(made_from.pool)),
        Part.DRAWN: len(drawn) != kept.drawn
        or not hmac.compare_digest(
            commitment(kept.id, kept.seed, drawn), kept.commitment or ""
        ),
        Part.ASKED: bool(asked) and not took <= asked <= pool,
    }
    return tuple(part for part, is_wrong in wrong.items() if is_wrong)
