"""As what somebody has a part in a record's feedback.

The law: whoever has none is told that there is no such record.
"""

from datetime import datetime
from uuid import UUID

from service.auth.caller import Caller, Person
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import line_manager_on
from service.errors import NotFound
from service.feedback.rules import Origin
from service.records.queries import RecordFact


async def part_in(on: RecordFact, caller: Caller, now: datetime) -> Origin | None:
    """Return as what a caller has a part in a record's pool: subject, or manager.

    None are machines and operators, who have none of their own; whoever is another
    person is told that there is no such record.
    """
    if not isinstance(caller, Person):
        return None
    if caller.id == on.person:
        return Origin.SUBJECT
    with within_reach(EVERYONE):  # The manager may work elsewhere.
        manager = await line_manager_on(on.person, now.date())
    return part_as(on, caller, manager)


def part_as(on: RecordFact, caller: Person, manager: UUID | None) -> Origin:
    """Return a person's part in a record's pool, whose line manager is known."""
    if caller.id == on.person:
        return Origin.SUBJECT
    if caller.id != manager:
        raise NotFound(f"No record {on.id}.")
    return Origin.MANAGER
