"""No machine is given a value of another organisation, whatever it asks, and how.

Every route that serves machines, with each of its parameters naming what is another's,
with another's cursors, in every format: what comes back holds nobody else's people,
records or scores. A partner in an objective is given what both agreed, and no person.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from service.db import transaction
from tests.factories import a_token
from tests.sources import ROOT
from tests.world import World, a_world

PATHS = json.loads((ROOT / "openapi" / "openapi.json").read_bytes())["paths"]
FORMATS = ("application/json", "application/x-ndjson", "text/csv")
OWNED = """
SELECT kind, value FROM (
    SELECT 'person' AS kind, person::text AS value FROM person_identifier
        WHERE organisation = $1
    UNION SELECT 'external id', external_id FROM person_identifier
        WHERE organisation = $1
    UNION SELECT 'name', family_name FROM person_details WHERE organisation = $1
    UNION SELECT 'email', email FROM person_details WHERE organisation = $1
    UNION SELECT 'record', id::text FROM appraisal_record WHERE organisation = $1
    UNION SELECT 'external record', external_id FROM appraisal_record
        WHERE organisation = $1
    UNION SELECT 'score', id::text FROM score WHERE organisation = $1
) AS owned WHERE length(value) > 5
"""
"""What tells of an organisation's people; a cycle and an objective may be shared."""


@dataclass(frozen=True)
class Asked:
    """One request of the matrix."""

    method: str
    path: str
    params: Mapping[str, str]
    accept: str


@pytest.fixture
async def world(app: Litestar, client: httpx.AsyncClient) -> World:
    return await a_world(app, client)


async def owned_by(organisation: str) -> dict[str, str]:
    """What nobody else may be given: each value, and what it is."""
    async with transaction() as connection:
        rows = await connection.fetch(OWNED, organisation)
    return {row["value"]: row["kind"] for row in rows}


def parameters(method: str, path: str) -> list[str]:
    """The names of what an operation takes in its query."""
    told = PATHS.get(path, {}).get(method.lower(), {}).get("parameters", [])
    return [each["name"] for each in told if each["in"] == "query"]


def theirs(world: World, cursors: Mapping[str, str], path: str) -> dict[str, str]:
    """For each parameter that there is, a value of the first organisation's."""
    return {
        "organisation": "hmt",
        "cycle": world.things["cycle"],
        "person": world.things["person"],
        "record": world.things["record"],
        "objective": world.things["objective"],
        "changed_since": "2000-01-01T00:00:00Z",
        "limit": "5000",
        "query": "hmt",
        "stream": "scores",
    } | ({"cursor": cursors[path]} if path in cursors else {})


def matrix(world: World, cursors: Mapping[str, str]) -> Iterator[Asked]:
    """Every route, with each parameter alone, with all of them, in every format."""
    for method, path in world.guarded:
        values = theirs(world, cursors, path)
        known = {
            name: values[name] for name in parameters(method, path) if name in values
        }
        usual = {"query": "hmt"} if path == "/v1/people" else {}
        if path.startswith("/v1/changes"):
            usual = {"stream": "scores"}
        asked = [usual, *(usual | {name: known[name]} for name in known), known]
        for accept in FORMATS if method == "GET" else FORMATS[:1]:
            for params in asked if method == "GET" else asked[:1]:
                yield Asked(method, path, params, accept)


async def answered(
    world: World, asked: Asked, headers: Mapping[str, str]
) -> tuple[str, str]:
    """What was sent, and all that came back."""
    body = world.bodies.get(asked.path, {})
    request = world.client.build_request(
        asked.method,
        asked.path.format_map(_Named(world.things)),
        headers={
            "Idempotency-Key": uuid4().hex,
            "If-Match": "*",
            "Accept": asked.accept,
            **headers,
        },
        params=dict(asked.params),
        json=body if asked.method not in {"GET", "DELETE"} else None,
    )
    answer = await world.client.send(request)
    assert answer.status_code < 500, (asked, answer.text)
    said = [f"{name}: {value}" for name, value in answer.headers.items()]
    sent = f"{httpx.URL(request.url)} {json.dumps(body)}"
    return sent, "\n".join([*said, answer.text])


class _Named(dict[str, str]):
    """The things of a world; of what it has none, there is some id."""

    def __missing__(self, key: str) -> str:
        return str(uuid4())


async def cursors_of(world: World, headers: Mapping[str, str]) -> dict[str, str]:
    """The cursors that its own organisation was given, by route."""
    found = {}
    for method, path in world.guarded:
        if method == "GET" and "cursor" in parameters(method, path):
            params = {"limit": "1"} | ({"query": "hmt"} if path == "/v1/people" else {})
            if path.startswith("/v1/changes"):
                params["stream"] = "scores"
            answer = await world.client.get(
                path.format_map(_Named(world.things)), params=params, headers=headers
            )
            page: dict[str, Any] = answer.json()
            following = page.get("next") or page.get("delta")
            if following:
                found[path] = httpx.URL(following).params["cursor"]
    return found


async def leaks(
    world: World, headers: Mapping[str, str], owned: Mapping[str, str]
) -> list[tuple[Asked, str, str]]:
    """Each value that came back and was not sent: of what request, and what it is."""
    cursors = await cursors_of(world, world.insider)
    found = []
    for asked in matrix(world, cursors):
        sent, said = await answered(world, asked, headers)
        found += [
            (asked, kind, value)
            for value, kind in owned.items()
            if value in said and value not in sent
        ]
    return found


async def test_a_stranger_is_given_nothing_whatever_it_asks(world: World) -> None:
    owned = await owned_by("hmt") | await owned_by("defra")
    owned |= {
        world.things[name]: name for name in ("objective", "milestone", "indicator")
    }

    assert await leaks(world, world.outsider, owned) == []


async def test_a_partner_is_given_what_was_agreed_and_no_person(world: World) -> None:
    partner = await a_token(world.client, "defra")

    assert await leaks(world, partner, await owned_by("hmt")) == []


async def test_whose_they_are_is_given_all_of_it(world: World) -> None:
    """Without this, the matrix might ask what nobody answers."""
    found = await leaks(world, world.insider, await owned_by("hmt"))

    assert {kind for _, kind, _ in found} >= {"person", "name", "record", "score"}
    assert {asked.accept for asked, _, _ in found} == {*FORMATS}
    assert len({asked.path for asked, _, _ in found}) > 8


async def test_every_parameter_that_names_something_is_in_the_matrix(
    world: World,
) -> None:
    known = theirs(world, {}, "") | {"cursor": ""}
    asked = {
        name
        for method, path in world.guarded
        if method == "GET"
        for name in parameters(method, path)
    }

    assert asked - known.keys() <= HARMLESS


HARMLESS = {"language", "attributes", "excludedAttributes", "startIndex", "sortOrder",
            "sortBy", "count", "filter"}  # fmt: skip
"""What names nothing; SCIM's filters cross nothing, see directory/provisioning."""


async def test_another_s_cursor_opens_nothing(world: World) -> None:
    cursors = await cursors_of(world, world.insider)
    assert cursors

    for path, cursor in cursors.items():
        params = {"cursor": cursor, "query": "hmt", "stream": "scores"}
        answer = await world.client.get(
            path.format_map(_Named(world.things)),
            params={k: v for k, v in params.items() if k in parameters("GET", path)},
            headers=world.outsider,
        )
        assert answer.status_code in {400, 404}, (path, answer.text)
