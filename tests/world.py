"""Every route of the app, something for each to name, and who may not see it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from litestar import Litestar

from service.auth.caller import Scope
from service.auth.declared import routes
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
QUERIES = {
    "/v1/people": {"query": "hmt"},
    "/v1/changes": {"stream": "scores"},
    "/v1/changes/digest": {"stream": "scores"},
}
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
            headers={"Idempotency-Key": key_of(route), "If-Match": "*", **headers},
            params=QUERIES.get(path),
            json=self.bodies.get(path, {}) if method in WRITES else None,
        )

    async def answers(self, headers: Mapping[str, str]) -> dict[str, int]:
        """The status that each guarded route gives to whoever sends these headers."""
        return {
            " ".join(route): (await self.ask(route, headers)).status_code
            for route in self.guarded
        }

    @property
    def everyones(self) -> list[tuple[str, str]]:
        """The guarded routes of what is published, or nobody's yet."""
        return [route for route in self.guarded if route[1] in OF_EVERYONE]

    @property
    def naming(self) -> list[tuple[str, str]]:
        """The guarded routes whose path names a thing."""
        return [
            route
            for route in self.guarded
            if "{" in route[1] and route not in self.everyones
        ]


def key_of(route: tuple[str, str]) -> str:
    """An Idempotency-Key of this route alone."""
    return "".join(c for c in " ".join(route) if c.isalnum() or c == "/")


async def a_world(app: Litestar, client: httpx.AsyncClient) -> World:
    """Three departments; the first two share a cycle and an objective."""
    own, partner = await a_department("hmt"), await a_department("defra")
    await a_department("mod")
    await sharing("hmt", "defra")
    past = await a_cycle(organisations=["hmt", "defra"])
    await compute(past.id, method=None, key=b"k" * 32, caller=OPERATOR, now=CLOSED)
    await publish(past.id, key=b"k" * 32, caller=OPERATOR, now=RELEASED)
    lead = await a_person("hmt", manager=own.head, external_id="lead")
    await a_person("defra", manager=partner.head, external_id="partner")
    cycle = await a_cycle(2027, organisations=["hmt", "defra"])
    record = await record_of(lead, cycle.id)
    insider = await a_token(client, "hmt")
    drafted = await client.post(
        f"/v1/records/{record.id}/objectives", json=OBJECTIVE, headers=insider
    )
    assert drafted.status_code == 201, drafted.text
    objective = f"/v1/objectives/{drafted.json()['id']}"
    made = {
        name: await _made(client, path, body, insider)
        for name, path, body in (
            ("milestone", f"{objective}/milestones", MILESTONE),
            ("indicator", f"{objective}/indicators", INDICATOR),
            ("template", "/v1/objective-templates", TEMPLATE),
            ("user", "/scim/v2/Users", USER),
            ("webhook", "/v1/webhooks", WEBHOOK),
            ("export", "/v1/exports", {"format": "csv"}),
        )
    }
    score = (await scores(["hmt"], issuer=ISSUER))[0]
    return World(
        client=client,
        guarded={route: scopes for route, scopes in in_turn(app) if scopes},
        personal=[route for route, scopes in closed(app).items() if not scopes],
        things={
            "cycle": str(cycle.id),
            "record": f"{record.source}:{record.external_id}",
            "objective": drafted.json()["id"],
            "person": f"{score.person.source_system}:{score.person.external_id}",
            "score": str(score.id),
            "version": "1",
            "scheme": "un-sdg-2030",
            "resource_type": "User",
            "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
            **made,
        },
        bodies={
            "/v1/records/{record}": {"cycle": str(cycle.id), "person": named("lead")},
            "/v1/records/{record}/objectives": OBJECTIVE,
            **BODIES,
        },
        insider=insider,
        outsider=await a_token(client, "mod"),
    )


def in_turn(app: Litestar) -> list[tuple[tuple[str, str], frozenset[Scope]]]:
    """The routes that are not public; what ends something comes last."""
    ends = ("/withdrawal", "/closure")
    return sorted(
        closed(app).items(),
        key=lambda item: (item[0][1].endswith(ends), item[0][0] == "DELETE"),
    )


async def _made(
    client: httpx.AsyncClient, path: str, body: object, headers: Mapping[str, str]
) -> str:
    keyed = {**headers, "Idempotency-Key": f"made{path}"}
    answer = await client.post(path, json=body, headers=keyed)
    assert answer.status_code in {201, 202}, answer.text
    return str(answer.json()["id"])


def closed(app: Litestar) -> dict[tuple[str, str], frozenset[Scope]]:
    """Every route of the API that is not public: the scopes a machine needs, if any."""
    return {
        (method, path): frozenset(
            map(Scope, access.partition(" | ")[0].split())
            if not access.startswith("person")
            else ()
        )
        for method, path, access in routes(app)
        if access != "public" and not access.startswith("page")
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
MILESTONE = {"title": "Forms drawn", "due_on": "2027-12-01"}
INDICATOR = {
    "title": "Forms asked for twice",
    "unit": "forms",
    "baseline": 100,
    "target": 0,
    "direction": "decrease",
}
TEMPLATE: dict[str, Any] = {
    **{k: v for k, v in OBJECTIVE.items() if k != "contributions"},
    "lead": {"share": 60, "commitment": "Two analysts."},
    "partners": [
        {
            "organisation": "defra",
            "role": "major",
            "share": 40,
            "commitment": "The rivers' data.",
        }
    ],
}
USER = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "ada@hmt.example",
    "name": {"givenName": "Ada", "familyName": "Byrne"},
    "emails": [{"type": "work", "value": "ada@hmt.example"}],
}
WEBHOOK = {"url": "https://hr.example/joined-up", "streams": ["scores"]}
INACTIVE = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "path": "active", "value": False}],
}
ONE = "/v1/objectives/{objective}"
NOMINEE = {"organisation": "defra", "person": named("partner")}
BODIES: dict[str, object] = {
    ONE: OBJECTIVE,
    f"{ONE}/milestones": MILESTONE,
    f"{ONE}/milestones/{{milestone}}": MILESTONE | {"state": "planned"},
    f"{ONE}/indicators": INDICATOR,
    f"{ONE}/indicators/{{indicator}}": INDICATOR,
    f"{ONE}/indicators/{{indicator}}/readings": {"value": 90, "as_of": "2026-05-01"},
    f"{ONE}/withdrawal": {"reason": "No need any more."},
    "/v1/objective-templates": TEMPLATE,
    "/v1/objective-templates/{template}": TEMPLATE,
    "/v1/objectives/bulk": {
        "objective": TEMPLATE,
        "contributions": [NOMINEE],
        "records": [{"record": "workday:nobody"}],
    },
    "/v1/exports": {"format": "csv"},
    "/v1/webhooks": WEBHOOK,
    "/v1/webhooks/{webhook}/secrets": {},
    "/v1/webhooks/{webhook}/replay": {
        "organisation": "hmt",
        "stream": "scores",
        "from_sequence": 1,
    },
    "/scim/v2/Users": USER | {"userName": "bea@hmt.example"},
    "/scim/v2/Users/{user}": INACTIVE,
    "/v1/records/{record}/nominations": {"people": [NOMINEE], "origin": "manager"},
}
OF_EVERYONE = {
    "/v1/priority-schemes",
    "/v1/priority-schemes/{scheme}",
    "/scim/v2/Groups",
    "/scim/v2/ResourceTypes",
    "/scim/v2/ResourceTypes/{resource_type}",
    "/scim/v2/Schemas",
    "/scim/v2/Schemas/{schema}",
    "/scim/v2/ServiceProviderConfig",
}
"""What is published; and what starts with nobody's is in no path."""
