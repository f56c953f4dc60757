"""The service over HTTP, three departments' HR systems, and their people."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from service.access.actions import grant
from service.access.rules import Role
from service.directory.tables import PersonIdentifier
from tests.auth.an_issuer import AnIssuer
from tests.factories import IN_THE_YEAR, OPERATOR, Department, a_person, a_token
from tests.objectives.joint import Joint
from tests.signing_in import issuers_of, signed_in


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


@dataclass
class People:
    """People who come with a token of their own department's issuer."""

    client: httpx.AsyncClient
    issuers: dict[str, AnIssuer]

    async def headers(self, person: UUID, code: str) -> dict[str, str]:
        return signed_in(self.issuers[code], (await named(person))["external_id"])

    async def ask(
        self,
        who: tuple[UUID, str],
        method: str,
        path: str,
        body: object = None,
        **headers: str,
    ) -> httpx.Response:
        """Ask as a person, named with the department whose issuer vouches for them."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.client.request(
            method, path, json=body, headers=await self.headers(*who) | sent
        )


async def people_of(app: Litestar, client: httpx.AsyncClient) -> People:
    return People(client, await issuers_of(app, "hmt", "dft", "moj"))


async def an_administrator(department: Department) -> UUID:
    """Somebody new of the department, who is its HR administrator."""
    person = await a_person(department.code)
    await grant(
        person,
        Role.HR_ADMINISTRATOR,
        organisation=department.code,
        until=date(2040, 1, 1),
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )
    return person


def told(answer: httpx.Response) -> dict[str, Any]:
    """Return a problem without what differs from request to request."""
    assert answer.headers["content-type"] == "application/problem+json"
    unlike = {"instance", "request_id"}
    return {key: value for key, value in answer.json().items() if key not in unlike}
