"""Where scim2-server reads and writes people: one organisation's, for one request.

The law: it turns resources into what the actions know, and back; it decides nothing.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from scim2_models import (
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
)
from scim2_server.storage import AsyncScimStorage, SearchPage

from service.db import Connection
from service.directory.provisioning import actions, queries
from service.directory.provisioning.actions import Asking, Described
from service.directory.provisioning.filters import order, where
from service.directory.provisioning.queries import Provisioned
from service.directory.provisioning.schemas import (
    MODEL,
    MOST_FOUND,
    EnterpriseUser,
    said_by,
)

FURTHEST: Final = 10_000_000
"""How far into a list anybody pages."""


class People(AsyncScimStorage):
    """The people of one organisation, as the library asks for them."""

    def __init__(
        self, connection: Connection, asking: Asking, *, writing: bool
    ) -> None:
        """Serve one request, in the transaction that is open on `connection`."""
        self._connection, self._asking = connection, asking
        self._writing = writing
        self.shown: set[UUID] = set()
        """Who was handed out."""

    async def get(
        self,
        resource_type: ResourceType,  # noqa: ARG002 - the library's signature
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,  # noqa: ARG002 - as above
    ) -> Resource[Any]:
        """Return one; somebody else's is not there."""
        return self._resource(await self._kept(resource_id))

    async def _kept(self, resource_id: str) -> Provisioned:
        try:
            person = UUID(resource_id)
        except ValueError:
            raise _nobody() from None
        kept = await queries.provisioned(
            self._connection,
            self._asking.organisation,
            person,
            writing=self._writing,
        )
        # An id written in another way is another id.
        if kept is None or str(person) != resource_id:
            raise _nobody()
        return kept

    def _resource(self, kept: Provisioned) -> Resource[Any]:
        self.shown.add(kept.person)
        resource: Resource[Any] = _read(kept.whole)
        resource.id = str(kept.person)
        resource.meta = Meta(
            resource_type="User",
            created=kept.created_at,
            last_modified=kept.changed_at,
            version=_tag(kept),
        )
        return resource

    async def search(
        self,
        resource_types: list[ResourceType],  # noqa: ARG002 - the library's signature
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ANN401, ARG002 - as above
    ) -> SearchPage:
        """Return a page of those who fit a filter."""
        wanted = where(search_request.filter)
        limit = search_request.count
        total, found = await queries.find(
            self._connection,
            wanted.condition,
            order(search_request),
            [self._asking.organisation, *wanted.arguments],
            skip=min(search_request.start_index_0 or 0, FURTHEST),
            limit=MOST_FOUND if limit is None else min(limit, MOST_FOUND),
        )
        return SearchPage(total, [self._resource(each) for each in found])

    async def create(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
    ) -> Resource[Any]:
        """Provision somebody."""
        person = await actions.provision(
            self._connection, _described(resource), self._asking
        )
        return await self.get(resource_type, str(person))

    async def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        """Keep what is said of somebody now."""
        kept = await self._kept(str(resource.id))
        _check_unchanged(kept, expected_version)
        await actions.describe(
            self._connection,
            kept,
            said_by(_read(kept.whole)),
            _described(resource),
            self._asking,
        )
        return await self.get(resource_type, str(kept.person))

    async def delete(
        self,
        resource_type: ResourceType,  # noqa: ARG002 - the library's signature
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        """Let somebody go."""
        kept = await self._kept(resource_id)
        _check_unchanged(kept, expected_version)
        await actions.deprovision(self._connection, kept, self._asking)
        self.shown.clear()


def _nobody() -> NotFoundException:
    return NotFoundException(detail="There is no such user.")


def _read(whole: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of MODEL
    """Read a resource as it was kept; where a manager stands follows from their id."""
    resource = MODEL.model_validate(whole)
    employer = resource[EnterpriseUser]
    if employer and employer.manager and employer.manager.value:
        employer.manager.ref = f"Users/{employer.manager.value}"
    return resource


def _tag(kept: Provisioned) -> str:
    return f'W/"{kept.version}"'


def _check_unchanged(kept: Provisioned, expected: str | None) -> None:
    if expected is not None and expected != _tag(kept):
        raise PreconditionFailedException


def _described(resource: Any) -> Described:  # noqa: ANN401 - of MODEL
    kept = resource.model_copy(deep=True)
    employer = kept[EnterpriseUser]
    if employer and employer.manager:
        employer.manager.ref = employer.manager.display_name = None
    whole = kept.model_dump()
    for ours in ("id", "meta"):
        whole.pop(ours, None)
    return Described(whole, said_by(resource))
