"""When a position still leads on, and where it leads.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from service.auth.caller import Scope
from service.changes.rules import Op, Position, Stream
from service.errors import NotAllowed, Refusal

HORIZON: Final = timedelta(days=90)
"""How old a change may be, tombstones too, when somebody reads on from before it."""
READS: Final[Mapping[Stream, Scope]] = MappingProxyType(
    {
        Stream.SCORES: Scope.SCORES_READ,
        Stream.RECORDS: Scope.RECORDS_READ,
        Stream.OBJECTIVES: Scope.OBJECTIVES_READ,
        Stream.PEOPLE: Scope.PEOPLE_READ,
    }
)
"""What a token must hold beside `changes:read`, to be told what changed."""


class ResyncRequired(Refusal):
    """From this cursor on the feed can no longer be followed without a loss."""

    status = 410
    slug = "resync-required"


class RightsChanged(NotAllowed):
    """The client may do less by now than its access token says."""

    slug = "rights-changed"


@dataclass(frozen=True, slots=True)
class Row:
    """One change, as it was noted."""

    organisation: str
    sequence: int
    type: str
    entity: UUID
    version: int
    op: Op
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """What stands in the feed, at one moment, after a position."""

    epoch: UUID
    heads: Mapping[str, int]
    """The last number of each organisation."""
    rows: Sequence[Row]
    """By organisation and number."""


def check_leads_on(at: Position, look: Look, now: datetime, start: str) -> None:
    """Refuse a position of another epoch, ahead of the feed, or too long ago.

    `start` is the address of a full pull.
    """
    if at.epoch != look.epoch:
        raise _resync("The feed was restored, or begun again.", start)
    if any(number > look.heads.get(code, 0) for code, number in at.reached.items()):
        raise _resync("It is ahead of the feed.", start)
    reached = dict(at.reached)
    for row in look.rows:
        if row.sequence != reached[row.organisation] + 1:
            raise _resync("What came next is no longer kept.", start)
        first = reached[row.organisation] == at.reached[row.organisation]
        if first and row.changed_at < now - HORIZON:
            raise _resync(f"What came next is older than {HORIZON.days} days.", start)
        reached[row.organisation] = row.sequence


def _resync(why: str, start: str) -> ResyncRequired:
    return ResyncRequired(
        f"{why} Pull in full once, from {start}, and drop what you hold that it does"
        " not tell of.",
        headers={"Link": f'<{start}>; rel="start"'},
    )


def moved_on(at: Position, rows: Sequence[Row]) -> Position:
    """Return the position behind these rows."""
    last = {row.organisation: row.sequence for row in rows}
    return replace(at, reached={**at.reached, **last})


def is_behind(at: Position, look: Look) -> bool:
    """Say whether more than a page stands after a position."""
    return any(number < look.heads.get(code, 0) for code, number in at.reached.items())
