"""What an import of people will write, and tell the audit.

The law: names and addresses stay out of the audit, which cannot forget.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID

from service.audit.actions import Entry
from service.db import Connection
from service.directory.dated import (
    Changes,
    DetailsFacts,
    IdentifierFacts,
    LineFacts,
    PostingFacts,
    RecordFacts,
)

ADD_PEOPLE: Final = """
INSERT INTO person (id, discoverable) SELECT id, true FROM unnest($1::uuid[]) AS id
"""
PersonFacts: TypeAlias = (
    DetailsFacts | IdentifierFacts | RecordFacts | PostingFacts | LineFacts
)


@dataclass(slots=True)
class Plan:
    """What importing the rows will write."""

    dated: Changes = field(default_factory=Changes)
    created: list[UUID] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    async def write(self, connection: Connection) -> None:
        """Write it, on a connection in a transaction."""
        await connection.execute(ADD_PEOPLE, self.created)
        await self.dated.write(connection)


def entry_of(what: str, person: UUID, organisation: str, changes: Changes) -> Entry:
    """Tell the audit what changed; names and addresses only by the rows' ids."""
    before: dict[str, list[Any]] = defaultdict(list)
    after: dict[str, list[Any]] = defaultdict(list)
    for closed in changes.closing:
        before[closed.table.name].append(_told(closed.held.id, closed.held.facts))
    for opened in changes.opening:
        after[opened.table.name].append(_told(opened.id, opened.facts))
    return Entry(
        f"person.{what}", "person", person, organisation, before or None, after or None
    )


def _told(id_: UUID, facts: PersonFacts) -> UUID | dict[str, object]:
    if isinstance(facts, DetailsFacts):
        return id_
    told = facts._asdict()
    del told["person"]
    return told
