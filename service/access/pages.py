"""The page that finds people: by name, by what they do, and by what they work on.

The law: it finds whom the API finds for the same person, and writes it down alike.
"""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, Parameter

from service.access import finding
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import organisations
from service.directory.searching import Found, NothingToSearchFor
from service.edge.paging import Bound, seal, unseal
from service.settings import settings
from service.web.forms import Filled
from service.web.language import say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page

MOST: Final = 20
LONGEST_QUERY: Final = 200
Query = Annotated[str, Parameter(max_length=2000)]
After = Annotated[str, Parameter(max_length=4096)]


class DirectoryPages(Controller):
    """People in post, of organisations that share with the caller's."""

    path = "/directory"

    @get(security=signed_in(), **PAGE)
    async def search(
        self,
        request: AnyRequest,
        caller: NamedDependency[SignedIn],
        q: FromQuery[Query | None] = None,
        after: FromQuery[After | None] = None,
    ) -> Response[str]:
        """Find people, twenty on a page, the nearest to what was asked first."""
        if q is None:
            return _drawn(request, Filled(), [], {}, None)
        asked = q.strip()[:LONGEST_QUERY]
        try:
            found, following = await _found(request, caller, asked, after)
        except NothingToSearchFor:
            wrong = {"q": say("Enter a name, a title or what they work on")}
            return _drawn(request, Filled({"q": (asked,)}, wrong), [], {}, None)
        with within_reach(EVERYONE):  # What organisations are called, all may know.
            names = {each["code"]: each["name"] for each in await organisations()}
        return _drawn(request, Filled({"q": (asked,)}), found, names, following)


async def _found(
    request: AnyRequest, caller: SignedIn, asked: str, after: str | None
) -> tuple[list[Found], str | None]:
    """Return a page of people, and what names the place that the next one is after."""
    if not asked:
        raise NothingToSearchFor("Enter what to search for.")
    bound = Bound(
        client=caller.key,
        organisations=frozenset({caller.organisation}),
        stream="directory page",
        filter={"query": asked},
    )
    key: bytes = request.app.state.cursor_key
    at = unseal(after, key=key, bound_to=bound) if after else None
    found, more = await finding.find(
        asked,
        caller,
        organisation=None,
        after=None if at is None else (at["place"], UUID(at["person"])),
        limit=MOST,
        now=settings().clock(),
    )
    if not more:
        return found, None
    last = {"place": found[-1].place, "person": str(found[-1].person)}
    return found, seal(last, key=key, bound_to=bound)


def _drawn(
    request: AnyRequest,
    filled: Filled[Any],
    found: list[Found],
    names: dict[str, str],
    following: str | None,
) -> Response[str]:
    return page(
        request,
        "people/directory.html",
        title=say("Find who works on something"),
        status=UNPROCESSABLE if filled.errors else 200,
        filled=filled,
        people=found,
        departments=names,
        following=following,
    )
