"""How far a transaction sees: the second wall, held by PostgreSQL's row security.

The law: whoever has not said how far they reach sees nobody's rows. The first wall is
the organisation in every query; this one stands when a query forgets it.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

SETTING: Final = "joinedup.organisations"
"""What the policies read; set for one transaction at a time."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose rows a transaction sees."""

    organisations: frozenset[str] = frozenset()
    everyone: bool = False
    """All organisations', by a role of its own: commands, jobs, people's actions."""


NOBODY: Final = Reach()
EVERYONE: Final = Reach(everyone=True)

_REACH: ContextVar[Reach] = ContextVar("reach", default=NOBODY)


def only(organisations: Collection[str]) -> Reach:
    """Return the reach of a machine: its own organisations."""
    return Reach(frozenset(organisations))


def reach() -> Reach:
    """Return how far the next transaction sees."""
    return _REACH.get()


@contextmanager
def within_reach(wanted: Reach) -> Iterator[None]:
    """Have every transaction opened inside see as far as `wanted`."""
    token = _REACH.set(wanted)
    try:
        yield
    finally:
        _REACH.reset(token)


def role_for_everyone(role: str) -> str:
    """Return the role that the application's role takes to see everyone's rows."""
    return f"{role}_everyone"
