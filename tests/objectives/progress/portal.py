"""Progress over HTTP: everyone's way to one objective, and what they send."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from service.directory.tables import PersonIdentifier
from service.objectives.queries import ObjectiveFact
from tests.auth.an_issuer import AnIssuer
from tests.objectives.joint import Joint
from tests.signing_in import signed_in

MILESTONE: dict[str, Any] = {"title": "One form", "due_on": "2026-09-30"}
INDICATOR: dict[str, Any] = {
    "title": "Waiting time",
    "unit": "days",
    "baseline": "60",
    "target": 30.5,
    "direction": "decrease",
}
READING: dict[str, Any] = {"value": 45.25, "as_of": "2026-05-31"}
STATUS: dict[str, Any] = {"status": "at_risk", "text": "The data came late."}
DISSENT: dict[str, Any] = {"status": 1, "text": "It came as agreed."}
READS = [
    "milestones",
    "milestones/{m}/versions",
    "indicators",
    "indicators/{i}/versions",
    "indicators/{i}/readings",
    "statuses",
    "dissents",
]
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "milestones", MILESTONE),
    ("PUT", "milestones/{m}", MILESTONE | {"state": "met"}),
    ("POST", "indicators", INDICATOR),
    ("PUT", "indicators/{i}", INDICATOR),
    ("POST", "indicators/{i}/readings", READING),
    ("POST", "statuses", STATUS),
    ("POST", "dissents", DISSENT),
]


@dataclass(frozen=True)
class Portal:
    """An agreed objective, and everyone's way to it."""

    client: httpx.AsyncClient
    joint: Joint
    fact: ObjectiveFact
    issuers: dict[str, AnIssuer]
    machines: dict[str, dict[str, str]]

    async def person(self, person: UUID, code: str) -> dict[str, str]:
        """The headers of a person, signed in by a department's issuer."""
        (external_id,) = await (
            PersonIdentifier.select(PersonIdentifier.external_id)
            .where(PersonIdentifier.person == person)
            .output(as_list=True)
        )
        return signed_in(self.issuers[code], external_id)

    async def ask(
        self, method: str, path: str, headers: dict[str, str], body: object = None
    ) -> httpx.Response:
        return await self.client.request(
            method,
            f"/v1/objectives/{self.fact.id}/{path}",
            headers=headers,
            json=body,
        )


async def everything(portal: Portal) -> dict[str, str]:
    """Have all there is of progress; return the ids that its paths need."""
    joint, lead = portal.joint, portal.machines["hmt"]
    owner = await portal.person(joint.subject, "hmt")
    partner = await portal.person(joint.partner, "dft")
    milestone = await portal.ask("POST", "milestones", lead, MILESTONE)
    indicator = await portal.ask("POST", "indicators", lead, INDICATOR)
    ids = {"m": milestone.json()["id"], "i": indicator.json()["id"]}
    met = MILESTONE | {"state": "met"}
    for method, path, who, body in (
        ("POST", f"indicators/{ids['i']}/readings", partner, READING),
        ("PUT", f"milestones/{ids['m']}", partner | {"If-Match": "*"}, met),
        ("POST", "statuses", owner, STATUS),
        ("POST", "dissents", partner, DISSENT),
    ):
        answer = await portal.ask(method, path, who, body)
        assert answer.status_code in {200, 201}, answer.text
    return ids
