"""Two departments with managers who judge, and panels that moderate them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.db import transaction
from service.records.queries import RecordFact
from service.scores.moderation import actions
from tests.auth.an_issuer import AnIssuer
from tests.factories import (
    a_cycle,
    a_department,
    a_person,
    an_organisation,
    record_of,
    sharing,
)
from tests.feedback.results.living import clock, role
from tests.signing_in import signed_in

MID_YEAR = datetime(2026, 10, 5, 9, tzinfo=UTC)
YEAR_END = datetime(2027, 4, 5, 9, tzinfo=UTC)
LOCAL = datetime(2027, 5, 5, 9, tzinfo=UTC)
OVERALL = datetime(2027, 6, 5, 9, tzinfo=UTC)
CROSS = datetime(2027, 7, 5, 9, tzinfo=UTC)
PUBLISHED = datetime(2027, 7, 20, 9, tzinfo=UTC)
WHY = "Led two joint projects to their end."
GRADES = {"head": "SCS3", "s1": "SCS2", "s2": "SCS2", "s3": "SCS2", "hr": "G6"}
UNDER = {"p1": "s1", "p2": "s1", "p3": "s2", "p4": "s2", "hr": "head"}
PANELS = "/v1/moderation/panels"


@dataclass(frozen=True)
class House:
    """`hmt`, a partner `dwp` of two, and the central team's `co`: people by name."""

    cycle: UUID
    people: Mapping[str, UUID]
    records: Mapping[str, RecordFact]
    organisations: Mapping[str, str]

    def signed(self, name: str, *roles: Role) -> SignedIn:
        return SignedIn(self.people[name], self.organisations[name], frozenset(roles))


async def a_house() -> House:
    """`s1` to `s3` answer to `head`; `p1` and `p2` to `s1`, `p3` and `p4` to `s2`."""
    await an_organisation("hmt")
    people = {"head": await a_person("hmt", external_id="head")}
    for name in ("s1", "s2", "s3"):
        people[name] = await a_person("hmt", manager=people["head"], external_id=name)
    for name, manager in UNDER.items():
        people[name] = await a_person("hmt", manager=people[manager], external_id=name)
    organisations = dict.fromkeys(people, "hmt")
    for name, grade in GRADES.items():
        await graded(people[name], grade)
    dwp = await a_department("dwp", 1)
    people |= {"dwp-head": dwp.head, "dwp1": dwp.people[0]}
    await an_organisation("co")
    people["central"] = await a_person("co", external_id="central")
    people["auditor"] = await a_person("co", external_id="auditor")
    organisations |= {"dwp-head": "dwp", "dwp1": "dwp", "central": "co"}
    organisations["auditor"] = "co"
    await sharing("hmt", "dwp", "co")
    await role(people["hr"], Role.HR_ADMINISTRATOR, "hmt")
    await role(people["dwp1"], Role.HR_ADMINISTRATOR, "dwp")
    await role(people["central"], Role.CENTRAL_TEAM, "co")
    await role(people["auditor"], Role.AUDITOR, "co")
    cycle = (await a_cycle()).id
    records = {name: await record_of(id_, cycle) for name, id_ in people.items()}
    return House(cycle, people, records, organisations)


async def graded(person: UUID, grade: str) -> None:
    async with transaction() as connection:
        await connection.execute(
            "UPDATE posting SET grade = $2 WHERE person = $1", person, grade
        )


async def judged(house: House, name: str, level: str, now: datetime = YEAR_END) -> None:
    """Have somebody's line manager judge them."""
    await actions.judge(
        house.records[name],
        level,
        WHY,
        caller=house.signed(UNDER.get(name, "head")),
        now=now,
    )


@dataclass(frozen=True)
class Sitting:
    """People of the house over HTTP, at an instant that a test may move."""

    client: httpx.AsyncClient
    house: House
    issuers: Mapping[str, AnIssuer]
    patch: pytest.MonkeyPatch

    def at(self, now: datetime) -> None:
        clock(self.patch, now)

    async def ask(
        self, name: str, method: str, path: str, json: object = None
    ) -> httpx.Response:
        external_id = self.house.records[name].person_external_id
        assert external_id is not None
        issuer = self.issuers[self.house.organisations[name]]
        return await self.client.request(
            method, path, json=json, headers=signed_in(issuer, external_id)
        )

    async def got(self, name: str, path: str) -> dict[str, Any]:
        answer = await self.ask(name, "GET", path)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def panel(self, *members: str, level: str = "local", **of: str) -> str:
        """A panel that `hr` opens, of these people."""
        body = {"cycle": str(self.house.cycle), "level": level, **of}
        made = await self.ask("hr", "POST", PANELS, body)
        assert made.status_code == 201, made.text
        id_ = str(made.json()["id"])
        for name in members:
            named = await self.name(id_, name)
            assert named.status_code == 204, named.text
        return id_

    async def name(
        self, panel: str, member: str, by: str = "hr", until: str = "2028-01-01"
    ) -> httpx.Response:
        person = str(self.house.people[member])
        return await self.ask(
            by, "POST", f"{PANELS}/{panel}/members", {"person": person, "until": until}
        )

    async def moderate(
        self, by: str, panel: str, name: str, before: str, after: str
    ) -> httpx.Response:
        record = str(self.house.records[name].id)
        body = {"record": record, "before": before, "after": after, "reason": WHY}
        return await self.ask(by, "POST", f"{PANELS}/{panel}/events", body)
