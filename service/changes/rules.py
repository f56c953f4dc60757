"""What a change is: which entity of whose moved, and who is told of it by which stream.

The law: a change names things and never says what they hold.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
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
    """Greater than every version of this entity noted before; the last one again where
    nothing but who is told of it changed."""
    op: Op = Op.UPSERT


@dataclass(frozen=True, slots=True)
class Position:
    """The numbers up to which somebody has followed a stream, in one epoch."""

    epoch: UUID
    reached: Mapping[str, int]
    """The last number of each organisation."""

    def plain(self) -> dict[str, Any]:
        """Return it as JSON; short, since a client may serve hundreds.

        Whose each number is says the order of the organisations, to which a cursor is
        bound.
        """
        numbers = [self.reached[code] for code in sorted(self.reached)]
        return {"epoch": self.epoch.hex, "reached": numbers}

    @classmethod
    def of(cls, plain: Mapping[str, Any], organisations: Collection[str]) -> Self:
        """Return the position that `plain` wrote for these organisations."""
        numbers = zip(sorted(organisations), plain["reached"], strict=True)
        return cls(UUID(plain["epoch"]), dict(numbers))
