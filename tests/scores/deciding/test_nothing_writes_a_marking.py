"""Nothing a client could send writes a marking or a score: over the OpenAPI document.

A new name that sounds like one is thought about before it is listed here.
"""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar

from service.app import DOCUMENTED_ISSUER, about
from service.edge.openapi import document

Json = dict[str, Any]
WRITES = ("post", "put", "patch", "delete")
A_MARKING = re.compile(
    r"(^|_)(marks?|markings?|scores?|ratings?|rated|values?|bands?|levels?|grades?|box"
    r"|points?|ranks?|percentiles?|intervals?|confidence|reliability|attainment"
    r"|performance|judge?ments?)(_|$)"
)
OF_SCORES = {
    "appealAgainstScore",
    "decideOnScore",
    "reviewScore",
    "settleAppeal",
    "withdrawAppeal",
}
"""All that anybody can do to a score: none of it to what it says."""
OF_OTHER_THINGS = {
    ("addReading", "value"): "a reading of a measure",
    ("assignObjective", "objective.value_map"): "what departments put in and gain",
    ("changeObjective", "value_map"): "what departments put in and gain",
    ("changeTemplate", "value_map"): "what departments put in and gain",
    ("createTemplate", "value_map"): "what departments put in and gain",
    ("proposeObjective", "value_map"): "what departments put in and gain",
    ("judge", "level"): "the manager's own judgement, beside the score",
    ("openPanel", "grade"): "whose records a panel looks at",
    ("openPanel", "level"): "local or overall",
    ("assessContribution", "attainment"): "what came of work, by a named human",
    ("assessObjective", "attainment"): "what came of work, by a named human",
    ("decideOnScore", "judgement"): "a named human's own, beside the score",
    ("decideOnScore", "judgement.band"): "in words, beside the score",
}


@pytest.fixture(scope="module")
def served(app: Litestar) -> Json:
    found: Json = json.loads(document(app, about(DOCUMENTED_ISSUER)))
    return found


def writes(served: Json) -> Iterator[tuple[str, Json]]:
    for path, item in served["paths"].items():
        for method in WRITES:
            if method in item:
                yield path, item[method]


def sent(served: Json, operation: Json) -> Iterator[tuple[str, Json]]:
    """Every field that a write takes, by its path, and every query parameter."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            yield parameter["name"], parameter.get("schema", {})
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield from fields(served, content.get("schema", {}), "", ())


def fields(
    served: Json, schema: Json, at: str, within: tuple[str, ...]
) -> Iterator[tuple[str, Json]]:
    reference = schema.get("$ref")
    if reference is not None:
        if reference not in within:
            name = reference.rpartition("/")[2]
            inner = served["components"]["schemas"][name]
            yield from fields(served, inner, at, (*within, reference))
        return
    yield at, schema
    for name, inner in schema.get("properties", {}).items():
        yield from fields(served, inner, f"{at}.{name}".lstrip("."), within)
    parts = [*schema.get("allOf", ()), *schema.get("anyOf", ())]
    parts += [*schema.get("oneOf", ()), *schema.get("prefixItems", ())]
    for inner in (*parts, schema.get("items"), schema.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from fields(served, inner, at, within)


def markings(served: Json) -> set[tuple[str, str]]:
    """The fields that sound like a marking, by operation."""
    return {
        (operation["operationId"], at)
        for _, operation in writes(served)
        for at, _ in sent(served, operation)
        if A_MARKING.search(at.rpartition(".")[2])
    }


def numbers(served: Json) -> set[tuple[str, str]]:
    """Where a number, or anything at all, could be sent about a score."""
    return {
        (operation["operationId"], at)
        for path, operation in writes(served)
        if is_of_scores(path, operation)
        for at, schema in sent(served, operation)
        if is_open(schema)
    }


def is_of_scores(path: str, operation: Json) -> bool:
    return "scores" in path.split("/") or "Scores" in operation.get("tags", ())


def is_open(schema: Json) -> bool:
    kinds = schema.get("type", ())
    kinds = {kinds} if isinstance(kinds, str) else {*kinds}
    closed = {"properties", "enum", "const", "anyOf", "oneOf", "allOf"} & {*schema}
    return bool(kinds & {"number", "integer"}) or (
        not closed and (not kinds or "object" in kinds)
    )


def of_scores(served: Json) -> set[str]:
    return {
        operation["operationId"]
        for path, operation in writes(served)
        if is_of_scores(path, operation)
    }


def test_nothing_is_done_to_a_score_but_what_is_listed(served: Json) -> None:
    assert of_scores(served) == OF_SCORES


def test_no_machine_does_anything_to_a_score(served: Json) -> None:
    machines = {
        operation["operationId"]
        for path, operation in writes(served)
        if is_of_scores(path, operation)
        and any("oauth2" in needed for needed in operation["security"])
    }
    assert machines == set()


def test_no_field_that_anybody_sends_is_a_marking(served: Json) -> None:
    assert markings(served) == {*OF_OTHER_THINGS}


def test_no_number_can_be_sent_about_a_score(served: Json) -> None:
    assert numbers(served) == set()


def test_what_is_looked_at_is_there(served: Json) -> None:
    """Without this the document could be empty and the rest pass."""
    (decides,) = [
        op for _, op in writes(served) if op["operationId"] == "decideOnScore"
    ]
    found = {at for at, _ in sent(served, decides)}
    assert {"outcome", "reason", "judgement.band", "judgement.note"} <= found
    assert len([*writes(served)]) > 40


# The same over a service that is broken on purpose.


def with_a(served: Json, method: str, path: str, body: Json) -> Json:
    broken = copy.deepcopy(served)
    broken["paths"].setdefault(path, {})[method] = {
        "operationId": "broken",
        "tags": ["Records"],
        "security": [{"oauth2": ["records:write"]}],
        "requestBody": {"content": {"application/json": {"schema": body}}},
    }
    return broken


@pytest.mark.parametrize(
    "name", ["value", "rating", "overall_rating", "marking", "score", "band", "level"]
)
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_field_for_a_marking_would_be_seen_wherever_it_hides(
    served: Json, name: str, depth: int
) -> None:
    body: Json = {"type": "object", "properties": {name: {"type": "string"}}}
    for _ in range(depth):
        inner: Json = {"anyOf": [{"type": "null"}, {"type": "array", "items": body}]}
        body = {"type": "object", "properties": {"more": inner}}
    broken = with_a(served, "put", "/v1/records/{record}/outcome", body)
    at = ".".join([*["more"] * depth, name])
    assert markings(broken) - markings(served) == {("broken", at)}


def test_a_marking_behind_a_reference_would_be_seen(served: Json) -> None:
    body = {"$ref": "#/components/schemas/Hidden"}
    broken = with_a(served, "post", "/v1/records/{record}/outcome", body)
    broken["components"]["schemas"]["Hidden"] = {
        "type": "object",
        "properties": {"rating": {"type": "integer"}, "again": body},
    }
    assert markings(broken) - markings(served) == {("broken", "rating")}


def test_another_route_to_a_score_would_be_seen(served: Json) -> None:
    body = {"type": "object", "properties": {"text": {"type": "string"}}}
    broken = with_a(served, "patch", "/v1/scores/{score}", body)
    assert of_scores(broken) == OF_SCORES | {"broken"}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number"},
        {"type": ["integer", "null"]},
        {"type": "object", "additionalProperties": True},
        {},
    ],
)
def test_a_number_by_any_name_would_be_seen_about_a_score(
    served: Json, schema: Json
) -> None:
    body = {"type": "object", "properties": {"x": schema}}
    broken = with_a(served, "post", "/v1/scores/{score}/decision", body)
    assert ("broken", "x") in numbers(broken)
