"""People who call the service, each by the token of their own department's issuer."""

from dataclasses import dataclass
from uuid import UUID

import httpx

from service.directory.tables import PersonIdentifier
from tests.auth.an_issuer import AnIssuer
from tests.signing_in import signed_in


@dataclass(frozen=True)
class Signed:
    """The departments' issuers, and the service that takes their tokens."""

    client: httpx.AsyncClient
    issuers: dict[str, AnIssuer]

    async def headers(self, person: UUID) -> dict[str, str]:
        (row,) = await PersonIdentifier.select().where(
            PersonIdentifier.person == person
        )
        return signed_in(self.issuers[row["organisation"]], row["external_id"])

    async def post(
        self, person: UUID, path: str, body: object, **more: str
    ) -> httpx.Response:
        headers = await self.headers(person)
        return await self.client.post(path, json=body, headers=headers | more)

    async def get(self, person: UUID, path: str) -> httpx.Response:
        return await self.client.get(path, headers=await self.headers(person))
