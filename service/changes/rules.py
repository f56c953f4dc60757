"""What a change is: which entity of whose moved, and who is told of it by which stream.

The law: a change names things and never says what they hold.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Stream(StrEnum):
    """What is numbered together; one for each kind of reader."""

    SCORES = "scores"
    RECORDS = "records"
    OBJECTIVES = "objectives"
    PEOPLE = "people"


class Op(StrEnum):
    """What whoever follows does with their copy."""

    UPSERT = "upsert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One version of one entity, told to one organisation.

    What several organisations own makes one change for each of them; a move from one
    to another is a delete in the first and an upsert in the second.
    """

    organisation: str
    stream: Stream
    type: str
    entity: UUID
    version: int
    """Greater than every version of this entity noted before."""
    op: Op = Op.UPSERT
