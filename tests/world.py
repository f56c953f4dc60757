"""Every route of the app, something for each to name, and who may not see it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from litestar import Litestar

from service.auth.caller import Scope
from service.auth.guard import routes
from service.hr.queries import scores
from service.scores.actions import compute, publish
from tests.factories import (
    CLOSED,
    OPERATOR,
    RELEASED,
    a_cycle,
    a_department,
    a_person,
    a_token,
    record_of,
    sharing,
)

ISSUER = "https://joinedup.example"
WRITES = {"POST", "PUT", "PATCH"}


@dataclass(frozen=True, slots=True)
class World:
    """Things of one department, who may see them, and a department that may not."""

    client: httpx.AsyncClient
    guarded: Mapping[tuple[str, str], frozenset[Scope]]
    """The scopes of each route that serves machines."""
    personal: Collection[tuple[str, str]]
    """The routes that serve only people."""
    things: Mapping[str, str]
    """For each parameter of a path, something of the department's."""
    bodies: Mapping[str, object]
    insider: dict[str, str]
    outsider: dict[str, str]

    async def ask(
        self,
        route: tuple[str, str],
        headers: Mapping[str, str],
        things: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        method, path = route
        named = defaultdict(lambda: str(uuid4()), things or self.things)
        return await self.client.request(
            method,
            path.format_map(named),
            headers={"Idempotency-Key": "permissions", **headers},
            json=self.bodies.get(path, {}) if method in WRITES else None,
        )

    async def answers(self, headers: Mapping[str, str]) -> dict[str, int]:
        """The status that each guarded route gives to whoever sends these headers."""
        return {
            " ".join(route): (await self.ask(route, headers)).status_code
            for route in self.guarded
        }

    @property
    def naming(self) -> list[tuple[str, str]]:
        """The guarded routes whose path names a thing."""
        return [route for route in self.guarded if "{" in route[1]]


async def a_world(app: Litestar, client: httpx.AsyncClient) -> World:
    """Three departments; the first two share a cycle and an objective."""
    own, partner = await a_department("hmt"), await a_department("defra")
    await a_department("mod")
    await sharing("hmt", "defra")
    past = await a_cycle(organisations=["hmt", "defra"])
    await compute(past.id, method=None, key=b"k" * 32, caller=OPERATOR, now=CLOSED)
    await publish(past.id, caller=OPERATOR, now=RELEASED)
    lead = await a_person("hmt", manager=own.head, external_id="lead")
    await a_person("defra", manager=partner.head, external_id="partner")
    cycle = await a_cycle(2027, organisations=["hmt", "defra"])
    record = await record_of(lead, cycle.id)
    insider = await a_token(client, "hmt")
    drafted = await client.post(
        f"/v1/records/{record.id}/objectives", json=OBJECTIVE, headers=insider
    )
    assert drafted.status_code == 201, drafted.text
    score = (await scores(["hmt"], issuer=ISSUER))[0]
    return World(
        client=client,
        guarded={route: scopes for route, scopes in closed(app).items() if scopes},
        personal=[route for route, scopes in closed(app).items() if not scopes],
        things={
            "cycle": str(cycle.id),
            "record": f"{record.source}:{record.external_id}",
            "objective": drafted.json()["id"],
            "person": f"{score.person.source_system}:{score.person.external_id}",
            "score": str(score.id),
        },
        bodies={
            "/v1/records/{record}": {"cycle": str(cycle.id), "person": named("lead")},
            "/v1/records/{record}/objectives": OBJECTIVE,
        },
        insider=insider,
        outsider=await a_token(client, "mod"),
    )


def closed(app: Litestar) -> dict[tuple[str, str], frozenset[Scope]]:
    """Every route that is not public: the scopes a machine needs, if it serves any."""
    return {
        (method, path): frozenset(
            map(Scope, access.partition(" | ")[0].split())
            if not access.startswith("person")
            else ()
        )
        for method, path, access in routes(app)
        if access != "public"
    }


def named(external_id: str) -> dict[str, str]:
    return {"source_system": "workday", "external_id": external_id}


def contribution(organisation: str, person: str, role: str, share: int) -> object:
    return {
        "organisation": organisation,
        "person": named(person),
        "role": role,
        "share": share,
        "commitment": "Two analysts.",
    }


OBJECTIVE: dict[str, Any] = {
    "title": "One form for flood repair grants",
    "outcome": "One form, in place by the year's end.",
    "measures": "Read every quarter.",
    "ownership_model": "shared_responsibility",
    "contributions": [
        contribution("hmt", "lead", "lead", 60),
        contribution("defra", "partner", "major", 40),
    ],
}
