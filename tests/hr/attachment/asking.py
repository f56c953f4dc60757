"""HR systems and people who ask for a record."""

from dataclasses import dataclass
from uuid import UUID

import httpx

from tests.factories import a_token
from tests.objectives.asking import People
from tests.objectives.joint import Joint


@dataclass(frozen=True)
class Asking:
    """The service, the departments, and their issuers."""

    client: httpx.AsyncClient
    people: People
    joint: Joint

    async def as_machine(
        self, record: object, *codes: str, **headers: str
    ) -> httpx.Response:
        token = await a_token(self.client, *codes)
        return await self.get(record, token, **headers)

    async def as_person(
        self, record: object, person: UUID, code: str, **headers: str
    ) -> httpx.Response:
        token = await self.people.headers(person, code)
        return await self.get(record, token, **headers)

    async def get(
        self, record: object, token: dict[str, str], **headers: str
    ) -> httpx.Response:
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.client.get(f"/v1/records/{record}", headers=token | sent)


def stages(answer: httpx.Response) -> list[tuple[str, str]]:
    """Where each objective of an answer is shown, and its stage."""
    assert answer.status_code == 200, answer.text
    return [(o["place"], o["objective"]["stage"]) for o in answer.json()["objectives"]]


def people_in(part: object) -> dict[str, str | None]:
    """Everybody who is shown anywhere in an answer, with what they are called."""
    found: dict[str, str | None] = {}
    if isinstance(part, dict):
        if part.keys() == {"id", "name"}:
            found[part["id"]] = part["name"]
        for value in part.values():
            found |= people_in(value)
    elif isinstance(part, list):
        for value in part:
            found |= people_in(value)
    return found
