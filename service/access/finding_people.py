"""People of the caller's own organisation, looked for on a page.

The law: whoever has looked for nothing, or for what no name can be, is told so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import finding
from service.auth.caller import SignedIn
from service.directory.searching import Found, NothingToSearchFor

MOST: Final = 20
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Looked:
    """What somebody looked for, and who was found."""

    query: str
    people: Sequence[Found] = ()
    more: bool = False
    """Whether there are more than were found."""


async def look(query: str, caller: SignedIn, now: datetime) -> Looked:
    """Find people of the caller's organisation; nobody for an empty query."""
    asked = query.strip()[:LONGEST]
    if not asked:
        return Looked("")
    try:
        people, more = await finding.find(
            asked,
            caller,
            organisation=caller.organisation,
            after=None,
            limit=MOST,
            now=now,
        )
    except NothingToSearchFor:
        return Looked(asked)
    return Looked(asked, people, more)
