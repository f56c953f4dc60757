"""The service over HTTP, and three departments' HR systems."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from service.directory.tables import PersonIdentifier
from tests.factories import a_token
from tests.objectives.joint import Joint


@dataclass
class Service:
    """The service, and the tokens of three departments' HR systems."""

    client: httpx.AsyncClient
    joint: Joint
    tokens: dict[str, dict[str, str]]
    wanted: dict[str, Any]

    async def post(self, code: str = "hmt", **headers: str) -> httpx.Response:
        return await self.client.post(
            f"/v1/records/workday:{self.joint.on.external_id}/objectives",
            json=self.wanted,
            headers=self.tokens[code]
            | {k.replace("_", "-"): v for k, v in headers.items()},
        )

    async def get(self, code: str, path: str) -> httpx.Response:
        return await self.client.get(path, headers=self.tokens[code])


async def a_service(client: httpx.AsyncClient, joint: Joint) -> Service:
    wanted = {
        "title": "One front door",
        "outcome": "People tell government once",
        "measures": "Forms asked for twice",
        "ownership_model": "shared_responsibility",
        "contributions": [
            {
                "organisation": code,
                "person": await named(person),
                "role": role,
                "share": share,
                "commitment": f"{code} gives time",
            }
            for code, person, role, share in (
                ("hmt", joint.subject, "lead", 60),
                ("dft", joint.partner, "major", 40),
            )
        ],
    }
    tokens = {code: await a_token(client, code) for code in ("hmt", "dft", "moj")}
    return Service(client, joint, tokens, wanted)


async def named(person: UUID) -> dict[str, str]:
    rows = await PersonIdentifier.select().where(PersonIdentifier.person == person)
    return {
        "source_system": rows[0]["source"],
        "external_id": rows[0]["external_id"],
    }


def slug(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"]).rpartition("/")[2]
