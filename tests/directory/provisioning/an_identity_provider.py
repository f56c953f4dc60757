"""An identity provider as it speaks SCIM, and what then stands in the directory."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import httpx

from service.db import transaction

CORE: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
JOINEDUP: Final = "urn:ietf:params:scim:schemas:extension:joinedup:2.0:User"
SCIM: Final = "application/scim+json"
TABLES: Final = {
    "details": "person_details",
    "identifiers": "person_identifier",
    "postings": "posting",
    "lines": "reporting_line",
}


def a_user(name: str = "jo", **more: Any) -> dict[str, Any]:
    """Somebody of Defra, as Entra ID provisions them."""
    return {
        "schemas": [CORE, ENTERPRISE, JOINEDUP],
        "userName": f"{name}@defra.example",
        "externalId": f"oid-{name}",
        "active": True,
        "name": {"givenName": name.title(), "familyName": "Smith"},
        "emails": [{"value": f"{name}@defra.example", "type": "work", "primary": True}],
        "title": "Deputy Director",
        ENTERPRISE: {"employeeNumber": f"n-{name}", "department": "Floods"},
        JOINEDUP: {"grade": "SCS1a"},
        **more,
    }


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    client: httpx.AsyncClient
    organisation: str
    headers: dict[str, str]

    async def send(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(
            method,
            f"/scim/v2{path}",
            json=body,
            headers={"Content-Type": SCIM, **self.headers, **named},
        )

    async def provision(self, user: dict[str, Any]) -> dict[str, Any]:
        answer = await self.send("POST", "/Users", user)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def patch(self, id_: str, *operations: dict[str, Any]) -> dict[str, Any]:
        answer = await self.send("PATCH", f"/Users/{id_}", patching(*operations))
        assert answer.status_code == 200, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    async def found(self, filter_: str, **more: Any) -> list[str]:
        """The user names of those who fit, in order."""
        answer = await self.client.get(
            "/scim/v2/Users",
            params={"filter": filter_, **more},
            headers=self.headers,
        )
        assert answer.status_code == 200, answer.text
        return [each["userName"] for each in answer.json()["Resources"]]


def patching(*operations: dict[str, Any]) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": list(operations),
    }


async def rows(kind: str, person: str, *, open_only: bool = True) -> list[Any]:
    """A person's rows in one table of the directory, the oldest first."""
    which = " AND valid_to IS NULL" if open_only else ""
    async with transaction() as connection:
        return await connection.fetch(
            f"SELECT * FROM {TABLES[kind]} WHERE person = $1{which}"  # noqa: S608 - as above
            " ORDER BY valid_from, valid_to NULLS LAST, id",
            UUID(person),
        )
