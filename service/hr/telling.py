"""A disclosure, written by the very statement that reads what is disclosed.

The law: who is sent a score without this has it recorded otherwise, or is nobody.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.audit.actions import disclosing, disclosure
from service.auth.caller import Machine

WHAT: Final = "scores"


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom an answer tells of people, and when."""

    id: UUID
    machine: Machine
    purpose: str
    now: datetime

    def arguments(self) -> tuple[Any, ...]:
        """Return what the statement of `telling` asks with beside its own."""
        return disclosure(
            self.id, self.machine, WHAT, now=self.now, purpose=self.purpose
        )


def telling(statement: str, columns: str, first: int) -> str:
    """Return the statement that gives `columns` of another, and records to whom.

    The other's rows have `people`, an array or null, and `unsigned`: while that is not
    null they are not what is sent, and nothing is recorded. `first` is the number of
    the first parameter that is free.
    """
    told = disclosing("found WHERE people IS NOT NULL AND unsigned IS NULL", first)
    return f"""
    WITH found AS MATERIALIZED ({statement}), told AS ({told})
    SELECT {columns} FROM found
    """  # noqa: S608 - our own
