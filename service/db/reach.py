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
LISTED: Final = "string_to_array({}::text, ',')"
"""What PostgreSQL reads what is `listed` by, as an array."""
REACHED: Final = "reached.codes IS NOT NULL"
"""A condition that a statement has which is given to `reaching`."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose rows a transaction sees."""

    organisations: frozenset[str] = frozenset()
    everyone: bool = False
    """All organisations', by a role of its own: commands, jobs, people's actions."""

    @property
    def codes(self) -> str:
        """Return what the setting is."""
        return listed(self.organisations)


NOBODY: Final = Reach()
EVERYONE: Final = Reach(everyone=True)

_REACH: ContextVar[Reach] = ContextVar("reach", default=NOBODY)


def listed(organisations: Collection[str]) -> str:
    """Write codes as one text; of an array, asyncpg would look into every member."""
    return ",".join(sorted(organisations))


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


def reaching(statement: str, parameter: int) -> str:
    """Return a query that itself sets how far it sees, by its parameter of a number.

    PostgreSQL sets it first: what it reads depends on that by `REACHED`, and OFFSET
    keeps it one piece, so it is the inner side of a nested loop. Read before that, it
    would see nobody.
    """
    if REACHED not in statement:
        raise ValueError("It does not say that it reads after the setting")
    return f"""
    SELECT asked.* FROM
        (SELECT set_config('{SETTING}', ${parameter}::text, true) AS codes) AS reached
        CROSS JOIN LATERAL (SELECT * FROM ({statement}) AS whole OFFSET 0) AS asked
    """  # noqa: S608 - our own
