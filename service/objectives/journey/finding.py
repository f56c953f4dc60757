"""Finding partners for an objective, in as few statements as a page may take."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from service.access import finding
from service.auth.caller import SignedIn
from service.db.reach import EVERYONE, within_reach
from service.directory.searching import Found, NothingToSearchFor
from service.objectives.audience import check_sets, seen
from service.objectives.queries import ObjectiveFact
from service.settings import settings
from service.web.forms import Filled, started
from service.web.language import mark, say

MOST_FOUND: Final = 20
LONGEST: Final = 200
"""Characters of a query that are looked at, as over the API."""
NOTHING: Final = mark("Enter a name, a job, a unit or what somebody works on")


async def settable(objective: UUID, caller: SignedIn) -> ObjectiveFact:
    """Return an objective that the caller sets; refuse others who see it."""
    with within_reach(EVERYONE):
        fact, standing = await seen(objective, caller, settings().clock().date())
    check_sets(fact, standing, caller)
    return fact


async def found_by(
    query: str | None, caller: SignedIn
) -> tuple[Filled[Any], Sequence[Found], bool]:
    """Return what was asked, the nearest who were found, and whether there are more.

    No query yet finds nobody, and is no mistake.
    """
    filled = started(q=query)
    if query is None:
        return filled, (), False
    try:
        found, more = await finding.find(
            query[:LONGEST],
            caller,
            organisation=None,
            after=None,
            limit=MOST_FOUND,
            now=settings().clock(),
        )
    except NothingToSearchFor:
        return Filled(filled.values, {"q": say(NOTHING)}), (), False
    return filled, found, more
