"""HTTP for finding people, and for who is found; here, since agreements decide."""

from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, Parameter, QueryParameter

from service.access import finding
from service.access.rules import Role
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.directory.discoverability import (
    Discoverability,
    discoverability_of,
    set_discoverable,
)
from service.directory.rules import AmbiguousIdentifier
from service.directory.schemas import (
    DiscoverabilityIn,
    DiscoverabilityOut,
    PeoplePage,
    PersonOut,
)
from service.directory.searching import Found, NothingToSearchFor, id_of
from service.edge.conditional import require_match, unless_known, version_tag
from service.edge.paging import HIGHEST_LIMIT, Bound, link
from service.edge.resuming import onwards, position_of
from service.errors import PreconditionRequired, Stale
from service.settings import settings

USUAL_LIMIT: Final = 50
"""People on a page: a search finds some, and is no way to copy a directory."""
LONGEST_QUERY: Final = 200
FINDERS: Final = [*machine(Scope.PEOPLE_READ), *person()]
ADMINISTRATOR: Final = person(Role.HR_ADMINISTRATOR)

Asked = Request[Any, Any, Any]
Administrator = NamedDependency[SignedIn]
Query = Annotated[
    str,
    QueryParameter(
        name="query",  # Litestar keeps the plain name for itself.
        min_length=1,
        max_length=LONGEST_QUERY,
        description="Words of a name, a title, a unit, an organisation or a shared"
        " objective. All must hold; misspelt ones are found too. Ten count, and none is"
        " an operator.",
    ),
]
Organisation = Annotated[
    str | None,
    Parameter(description="Code of an organisation whose people the caller may find."),
]
PersonName = Annotated[
    str, Parameter(description="The person's id, or source:external_id.")
]
PersonId = Annotated[str, Parameter(description="The person's id.")]


class PeopleController(Controller):
    """People in post, of organisations that share with the caller's."""

    path = "/v1/people"
    tags = ("People",)

    @get(
        operation_id="findPeople",
        summary="Find people",
        security=FINDERS,
        opt={"refuses": (NothingToSearchFor,)},
        responses={
            200: ResponseSpec(
                PeoplePage, generate_examples=False, description="One page of people."
            )
        },
    )
    async def all(
        self,
        request: Asked,
        caller: Anyone,
        wanted: Query,
        organisation: FromQuery[Organisation] = None,
        limit: FromQuery[Annotated[int, Parameter(ge=1, le=HIGHEST_LIMIT)]] = (
            USUAL_LIMIT
        ),
        cursor: FromQuery[Annotated[str | None, Parameter(max_length=4096)]] = None,
    ) -> Response[bytes]:
        """Find people in post today by what they are called, do and work on.

        A person finds people of their own organisation and of those that have a
        data-sharing agreement with it, except who is not discoverable there; a machine
        finds its own organisations' people. What somebody works on is searched only
        where the caller's organisation is party to it. The nearest come first.
        """
        bound = _bound(caller, {"query": wanted, "organisation": organisation})
        at = position_of(request, cursor, bound)
        found, more = await finding.find(
            wanted,
            caller,
            organisation=organisation,
            after=None if at is None else (at["place"], UUID(at["person"])),
            limit=limit,
            now=settings().clock(),
        )
        following = None
        if more:
            last = {"place": found[-1].place, "person": str(found[-1].person)}
            following = onwards(request, last, bound)
        page = PeoplePage(items=[_person(each) for each in found], next=following)
        return unless_known(
            request, page.model_dump_json().encode(), headers=link(page)
        )

    @get(
        "/{person:str}",
        operation_id="getPerson",
        summary="Get a person",
        security=FINDERS,
        opt={"refuses": (AmbiguousIdentifier,)},
        responses={
            200: ResponseSpec(
                PersonOut, generate_examples=False, description="The person."
            )
        },
    )
    async def one(
        self,
        request: Asked,
        caller: Anyone,
        person: FromPath[PersonName],
        organisation: FromQuery[Organisation] = None,
    ) -> Response[bytes]:
        """Return a person in post today, whom the caller may find."""
        found = await finding.one(
            person, caller, organisation=organisation, now=settings().clock()
        )
        return unless_known(request, _person(found).model_dump_json().encode())

    @get(
        "/{person:str}/discoverability",
        operation_id="getDiscoverability",
        summary="See whether a person is discoverable",
        security=ADMINISTRATOR,
        responses={
            200: ResponseSpec(
                DiscoverabilityOut, generate_examples=False, description="As it is."
            )
        },
    )
    async def discoverability(
        self, request: Asked, caller: Administrator, person: FromPath[PersonId]
    ) -> Response[bytes]:
        """Say whether other organisations find one of the administrator's people."""
        fact = await discoverability_of(id_of(person), caller.organisation)
        return unless_known(request, _shown(fact), etag=version_tag(fact.version))

    @put(
        "/{person:str}/discoverability",
        operation_id="putDiscoverability",
        summary="Set whether a person is discoverable",
        security=ADMINISTRATOR,
        opt={"refuses": (PreconditionRequired, Stale)},
        responses={
            200: ResponseSpec(
                DiscoverabilityOut, generate_examples=False, description="As it is now."
            )
        },
    )
    async def set_discoverability(
        self,
        request: Asked,
        caller: Administrator,
        person: FromPath[PersonId],
        data: JSONBody[DiscoverabilityIn],
    ) -> Response[bytes]:
        """Hide one of the administrator's people from other organisations, or show.

        It takes effect at once. A change needs If-Match with the ETag last read; what
        is so already stays, with or without.
        """
        fact = await discoverability_of(id_of(person), caller.organisation)
        if fact.discoverable != data.discoverable:
            require_match(request, fact.version)
        fact = await set_discoverable(
            fact.person,
            caller.organisation,
            discoverable=data.discoverable,
            reason=data.reason,
            version=fact.version,
            caller=caller,
            now=settings().clock(),
        )
        return Response(
            _shown(fact),
            media_type="application/json",
            headers={"ETag": version_tag(fact.version)},
        )


def _bound(caller: Machine | SignedIn, asked: dict[str, str | None]) -> Bound:
    own = (
        caller.organisations
        if isinstance(caller, Machine)
        else frozenset({caller.organisation})
    )
    return Bound(client=caller.key, organisations=own, stream="people", filter=asked)


def _person(found: Found) -> PersonOut:
    return PersonOut(
        id=found.person,
        name=f"{found.given_name} {found.family_name}",
        title=found.title,
        unit=found.unit,
        organisation=found.organisation,
    )


def _shown(fact: Discoverability) -> bytes:
    return (
        DiscoverabilityOut(
            person=fact.person, discoverable=fact.discoverable, version=fact.version
        )
        .model_dump_json()
        .encode()
    )
