"""Whose cycles and records a caller may look for.

The law: a machine looks within its organisations, everybody else among themselves and
those they answer for on the day, and an HR administrator at their organisation's too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from service.access.rules import Role, within
from service.auth.caller import Machine, SignedIn
from service.db.reach import EVERYONE, within_reach
from service.records.queries import RecordFact, SeenBy, record_named


@dataclass(frozen=True, slots=True)
class Whose:
    """Among whose records to look."""

    organisations: Sequence[str] | None
    """None: whichever they are of."""
    seen_by: SeenBy | None
    """None: everybody's."""


def organisations_of(caller: Machine | SignedIn) -> frozenset[str]:
    """Return the organisations that a caller acts for."""
    if isinstance(caller, Machine):
        return caller.organisations
    return frozenset({caller.organisation})


def whose(caller: Machine | SignedIn, organisation: str | None, day: date) -> Whose:
    """Return among whose records a caller may look, within `organisation` if given."""
    if isinstance(caller, Machine):
        return Whose(within(caller.organisations, organisation), None)
    hr = Role.HR_ADMINISTRATOR in caller.roles
    administers = organisations_of(caller) if hr else frozenset[str]()
    named = None if organisation is None else [organisation]
    return Whose(named, SeenBy(caller.id, day, administers))


async def record_for(
    name: str, caller: Machine | SignedIn, organisation: str | None, day: date
) -> RecordFact:
    """Return a record by either of its names, if the caller may look at it."""
    among = whose(caller, organisation, day)
    if among.seen_by is None:
        return await record_named(name, among.organisations)
    with within_reach(EVERYONE):  # Whom somebody answers for may sit elsewhere.
        return await record_named(name, among.organisations, seen_by=among.seen_by)
