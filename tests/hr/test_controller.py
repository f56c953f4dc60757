"""A score as an HR system reads it: its shape, its questions, its refusals."""

from typing import Any

import httpx
import pytest

from service.auth.caller import Scope
from service.scores.composing.method import COMPOSITE
from service.scores.estimate import MEAN
from tests.factories import RELEASED, a_token
from tests.scoring import EXPECTED, Scene

SCORE = {
    "id",
    "person",
    "organisation",
    "record",
    "cycle",
    "period",
    "episodes",
    "state",
    "under_appeal",
    "reason",
    "value",
    "band",
    "scale",
    "interval",
    "reliability",
    "confidence",
    "raters",
    "components",
    "method",
    "inputs_digest",
    "decision",
    "version",
    "changed_at",
    "deleted_at",
    "signature",
}
"""All that an HR system is told; a new key is thought about before it is added here."""
PARTS = {
    "person": {"source_system", "external_id", "id"},
    "record": {"source_system", "external_id"},
    "period": {"start", "end"},
    "scale": {"min", "max", "bands"},
    "interval": {"low", "high", "level"},
    "raters": {"band", "organisations"},
    "method": {"name", "version", "url"},
}


async def test_an_hr_system_reads_an_empty_page_before_publication(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, "hmt")
    answer = await client.get("/v1/scores", headers=headers)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert (page["items"], page["next"]) == ([], None)
    assert "/v1/changes?stream=scores&cursor=" in page["delta"]


async def scores(
    client: httpx.AsyncClient, *codes: str, path: str = "/v1/scores"
) -> dict[str, Any]:
    """The page an HR system reads, by person."""
    answer = await client.get(path, headers=await a_token(client, *codes))
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert set(page) == {"items", "next", "delta"}
    return {item["person"]["id"]: item for item in page["items"]}


async def test_everybody_of_the_organisation_is_there_with_state_and_reason(
    client: httpx.AsyncClient, published: Scene
) -> None:
    found = await scores(client, "hmt")
    told = {
        name: (found[str(id_)]["state"], found[str(id_)]["reason"])
        for name, id_ in published.people.items()
        if str(id_) in found
    }
    ours = {name for name in EXPECTED if name.startswith(("hmt", "newcomer"))}
    assert told == {name: EXPECTED[name] for name in ours}


async def test_a_score_has_these_keys_and_no_others(
    client: httpx.AsyncClient, published: Scene
) -> None:
    for item in (await scores(client, *published.departments)).values():
        assert set(item) == SCORE
        for name, keys in PARTS.items():
            if item[name] is not None:
                assert set(item[name]) == keys
        for episode in item["episodes"]:
            assert set(episode) == {"posting", "start", "end", "exposure_days"}
        for component in item["components"]:
            assert set(component) == {
                "name", "value", "interval", "weight", "coverage", "reason",
                "points", "level"
            }  # fmt: skip


async def test_a_number_comes_with_all_that_qualifies_it(
    client: httpx.AsyncClient, published: Scene
) -> None:
    on = published.records["moj1"]
    item = (await scores(client, "moj"))[str(on.person)]
    assert item["person"]["external_id"] == on.person_external_id
    assert item["record"] == {
        "source_system": "workday",
        "external_id": on.external_id,
    }
    assert item["cycle"] == str(published.cycle)
    assert item["period"] == {"start": "2026-04-01", "end": "2027-03-31"}
    assert [(e["start"], e["exposure_days"]) for e in item["episodes"]] == [
        ("2026-04-01", 261)
    ]
    assert item["interval"]["level"] == 0.9
    assert 0 <= item["interval"]["low"] <= item["value"] <= item["interval"]["high"]
    assert item["value"] == round(item["value"], 1)
    feedback, objectives, composite = item["components"]
    assert feedback == {
        "name": "feedback",
        "value": item["value"],
        "interval": item["interval"],
        "weight": 0.5,
        "coverage": 1.0,
        "reason": None,
        "points": None,
        "level": None,
    }
    # Nothing was assessed: there is neither that part nor a composite of one part.
    for part in (objectives, composite):
        assert (part["value"], part["interval"]) == (None, None)
        assert part["reason"] is not None
    assert (item["reason"], item["confidence"]) == (None, "firm")
    assert (item["under_appeal"], item["decision"]) == (False, None)
    assert (item["version"], item["deleted_at"]) == (1, None)
    assert item["changed_at"] == RELEASED.isoformat().replace("+00:00", "Z")


async def test_without_a_number_nothing_stands_in_for_it(
    client: httpx.AsyncClient, published: Scene
) -> None:
    for item in (await scores(client, *published.departments)).values():
        parts = ("value", "band", "interval", "reliability", "confidence", "raters")
        figures = [item[name] for name in parts]
        if item["state"] == "published":
            assert None not in figures
        else:
            assert figures == [None] * 6
            for component in item["components"]:
                assert (component["value"], component["interval"]) == (None, None)
            assert item["components"][0]["coverage"] == 0


async def test_raters_are_bands_and_never_counts(
    client: httpx.AsyncClient, published: Scene
) -> None:
    found = [
        item["raters"]
        for item in (await scores(client, *published.departments)).values()
        if item["raters"]
    ]
    assert {raters["band"] for raters in found} == {"5-7", "8-12"}
    assert {raters["organisations"] for raters in found} == {"2-3"}


async def test_a_score_by_itself_is_the_score_of_the_page(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "dwp")
    page = (await client.get("/v1/scores", headers=headers)).json()
    for item in page["items"]:
        alone = await client.get(f"/v1/scores/{item['id']}", headers=headers)
        assert alone.json() == item


@pytest.mark.parametrize("by", ["uuid", "external id"])
async def test_a_persons_scores_are_found_by_either_name(
    client: httpx.AsyncClient, published: Scene, by: str
) -> None:
    on = published.records["hmt1"]
    name = on.person if by == "uuid" else f"workday:{on.person_external_id}"
    found = await scores(client, "hmt", "dwp", path=f"/v1/people/{name}/scores")
    assert set(found) == {str(on.person)}


async def test_a_person_without_a_score_yet_is_there_with_none(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    on = scene.records["hmt1"]
    assert await scores(client, "hmt", path=f"/v1/people/{on.person}/scores") == {}


async def test_a_cycles_scores_are_all_of_them(
    client: httpx.AsyncClient, published: Scene
) -> None:
    path = f"/v1/cycles/{published.cycle}/scores"
    found = await scores(client, "hmt", "dwp", path=path)
    assert found == await scores(client, "hmt", "dwp")
    assert len(found) == 8 + 3


async def test_an_organisation_asked_for_is_the_only_one_told(
    client: httpx.AsyncClient, published: Scene
) -> None:
    found = await scores(client, "hmt", "dwp", path="/v1/scores?organisation=dwp")
    assert {item["organisation"] for item in found.values()} == {"dwp"}
    assert len(found) == 3


@pytest.mark.parametrize(
    ("since", "told"),
    [
        ("2027-04-01T09:00:00Z", 8),
        ("2027-04-01T10:00:00%2B01:00", 8),
        ("2027-04-01T08:59:59Z", 8),
        ("2027-04-01T09:00:01Z", 0),
    ],
)
async def test_only_what_changed_since_is_told(
    client: httpx.AsyncClient, published: Scene, since: str, told: int
) -> None:
    path = f"/v1/scores?changed_since={since}"
    assert len(await scores(client, "hmt", path=path)) == told


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=5001",
        "limit=many",
        "cycle=this",
        "changed_since=yesterday",
        "changed_since=2027-04-01T09:00:00",
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_and_named(
    client: httpx.AsyncClient, published: Scene, query: str
) -> None:
    headers = await a_token(client, "hmt")
    answer = await client.get(f"/v1/scores?{query}", headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["parameter"] == query.split("=", maxsplit=1)[0]


async def test_a_method_is_public_with_its_digest_and_parameters(
    client: httpx.AsyncClient, published: Scene
) -> None:
    (item, *_) = (await scores(client, "hmt")).values()
    url = httpx.URL(item["method"]["url"])
    assert url.path == "/v1/methods/mean/1"
    answer = await client.get(url.path)
    assert answer.status_code == 200
    assert answer.json()["digest"] == MEAN.digest
    assert answer.json()["parameters"]["number"] == {"raters": 5, "organisations": 2}
    assert answer.json()["comparisons"] == []
    composite = (await client.get("/v1/methods/composite/1")).json()
    assert composite["digest"] == COMPOSITE.digest


@pytest.mark.parametrize("name", ["mean/2", "median/1", "mean/0"])
async def test_a_method_that_is_not_there_is_404(
    client: httpx.AsyncClient, name: str
) -> None:
    answer = await client.get(f"/v1/methods/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


NOBODY = "00000000-0000-4000-8000-000000000000"
PATHS = [
    "/v1/scores",
    f"/v1/scores/{NOBODY}",
    f"/v1/cycles/{NOBODY}/scores",
    f"/v1/people/{NOBODY}/scores",
]


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_token_nothing_is_told(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("path", PATHS)
async def test_every_other_scope_together_does_not_do(
    client: httpx.AsyncClient, scene: Scene, path: str
) -> None:
    others = [scope for scope in Scope if scope is not Scope.SCORES_READ]
    headers = await a_token(client, "hmt", scopes=others)
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 403
    assert "scores:read" in answer.json()["detail"]
