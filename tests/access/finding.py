"""Departments that share with HM Treasury and others that do not, over HTTP."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
from litestar import Litestar

from service.access.actions import agree_to_share, grant
from service.access.rules import Role
from service.audit.tables import AuditEntry, Disclosure
from service.directory.queries import known_codes
from service.directory.tables import Organisation
from service.settings import settings
from tests.directory.searched import somebody
from tests.factories import OPERATOR, a_token, an_organisation
from tests.signing_in import issuers_of, signed_in

TODAY: Final = settings().clock().date()
YEAR: Final = timedelta(days=365)
AGREEMENTS: Final = {
    "defra": (TODAY - YEAR, TODAY + YEAR),
    "dfid": (TODAY - YEAR, TODAY),
    "moj": (TODAY + timedelta(days=1), TODAY + YEAR),
    "decc": (TODAY - YEAR, TODAY + YEAR),
}
"""With HM Treasury: in force, over today, from tomorrow on, of one that has ended."""


@dataclass(frozen=True)
class Departments:
    """One Gwen in each, whom `id` names; `ways` are the headers of some callers."""

    client: httpx.AsyncClient
    gwens: dict[str, UUID]
    ways: dict[str, dict[str, str]]

    async def get(self, way: str, path: str, **asked: str) -> httpx.Response:
        return await self.client.get(path, params=asked, headers=self.ways[way])

    async def found(self, way: str, query: str = "gwen", **asked: str) -> set[str]:
        answer = await self.get(way, "/v1/people", query=query, **asked)
        assert answer.status_code == 200, answer.text
        return {item["organisation"] for item in answer.json()["items"]}

    async def status(self, way: str, name: str, **asked: str) -> int:
        return (await self.get(way, f"/v1/people/{name}", **asked)).status_code


async def departments(app: Litestar, client: httpx.AsyncClient) -> Departments:
    gwens = {}
    for code in ("hmt", "defra", "dfid", "moj", "decc", "mod"):
        await an_organisation(code)
        gwens[code] = await somebody(
            code, f"Gwen {code.title()}", external_id=f"gwen-{code}"
        )
    for code, (start, end) in AGREEMENTS.items():
        await share("hmt", code, start, end)
    await Organisation.update({"valid_to": TODAY}).where(Organisation.code == "decc")
    issuers = await issuers_of(app, "hmt", "defra", "mod")
    ways = {
        f"person of {code}": signed_in(issuer, f"gwen-{code}")
        for code, issuer in issuers.items()
    }
    for code in ("hmt", "mod"):
        ways[f"machine of {code}"] = await a_token(client, code)
    ways["machine of both"] = await a_token(client, "hmt", "defra")
    return Departments(client, gwens, ways)


async def share(one: str, other: str, start: date, end: date) -> None:
    await agree_to_share(
        one,
        other,
        purpose="tests",
        start=start,
        end=end,
        known=await known_codes(),
        caller=OPERATOR,
        now=settings().clock(),
    )


async def administrates(person: UUID, organisation: str) -> None:
    await grant(
        person,
        Role.HR_ADMINISTRATOR,
        organisation=organisation,
        until=TODAY + YEAR,
        caller=OPERATOR,
        now=settings().clock(),
    )


async def disclosed() -> list[tuple[str, set[UUID]]]:
    rows = await Disclosure.select().order_by(Disclosure.at)
    return [(row["what"], set(row["people"])) for row in rows]


async def audited(action: str) -> list[dict[str, Any]]:
    """What people did so; what commands did in other tests stays, for it must."""
    rows: list[dict[str, Any]] = (
        await AuditEntry.select()
        .where(AuditEntry.action == action, AuditEntry.actor.like("person:%"))
        .order_by(AuditEntry.id)
        .output(load_json=True)
    )
    return rows
