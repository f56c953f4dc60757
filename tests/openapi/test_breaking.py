"""Within `/v1` nothing that callers depend on goes: it is held to a pinned document.

`openapi/v1.json` is the document of the last release. A release that adds something
pins it by copying openapi.json over it; what breaks callers waits for `/v2`.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.openapi.breaking import breaks
from tests.sources import ROOT

PINNED = json.loads((ROOT / "openapi" / "v1.json").read_text(encoding="utf-8"))
NOW = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))
SCORE = "CollaborationScore"
Change = Callable[[dict[str, Any]], object]


def test_nothing_that_callers_depend_on_has_gone() -> None:
    assert breaks(PINNED, NOW) == []


def test_a_document_breaks_nothing_of_its_own() -> None:
    assert breaks(NOW, NOW) == []


def changed(change: Change) -> list[str]:
    """What would break if the document of now became another."""
    after = copy.deepcopy(NOW)
    change(after)
    return breaks(NOW, after)


def schema(of: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = of["components"]["schemas"][name]
    return found


def listing(of: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = of["paths"]["/v1/scores"]["get"]
    return found


def drafting(of: dict[str, Any]) -> dict[str, Any]:
    """The schema of what is sent to draft an objective."""
    operation = of["paths"]["/v1/records/{record}/objectives"]["post"]
    told = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema(of, told["$ref"].rpartition("/")[2])


def enum_of(of: dict[str, Any]) -> list[str]:
    """The states of a score, wherever the document lists them."""
    told: dict[str, Any] = schema(of, SCORE)["properties"]["state"]
    while "enum" not in told:
        name = told.get("$ref") or told["allOf"][0]["$ref"]
        told = schema(of, name.rpartition("/")[2])
    listed: list[str] = told["enum"]
    return listed


BREAKING: dict[str, tuple[Change, str]] = {
    "a path": (lambda of: of["paths"].pop("/v1/scores"), "GET /v1/scores is gone"),
    "a verb": (
        lambda of: of["paths"]["/v1/records/{record}/objectives"].pop("post"),
        "POST /v1/records/{record}/objectives is gone",
    ),
    "a field of an answer": (
        lambda of: schema(of, SCORE)["properties"].pop("band"),
        ".band is gone",
    ),
    "a field that was always there": (
        lambda of: schema(of, SCORE)["required"].remove("value"),
        ".value may be missing",
    ),
    "the type of a field": (
        lambda of: schema(of, SCORE)["properties"].update(version={"type": "string"}),
        ".version: it may be string now",
    ),
    "a field that may be null now": (
        lambda of: schema(of, SCORE)["properties"].update(
            version={"oneOf": [{"type": "integer"}, {"type": "null"}]}
        ),
        ".version: it may be null now",
    ),
    "one of a list of values": (
        lambda of: enum_of(of).remove("withheld"),
        "'withheld'",
    ),
    "a parameter": (
        lambda of: listing(of)["parameters"].pop(),
        "parameter cursor is gone",
    ),
    "a parameter that is required now": (
        lambda of: listing(of)["parameters"][0].update(required=True),
        "parameter organisation is required",
    ),
    "a new parameter that is required": (
        lambda of: listing(of)["parameters"].append(
            {"in": "query", "name": "why", "required": True, "schema": {}}
        ),
        "new query parameter why is required",
    ),
    "a lower limit": (
        lambda of: listing(of)["parameters"][3]["schema"].update(maximum=100),
        "parameter limit: maximum is lower",
    ),
    "a new field that must be sent": (
        lambda of: (
            drafting(of)["properties"].update(why={"type": "string"}),
            drafting(of)["required"].append("why"),
        ),
        ".why is required",
    ),
    "a field that could be sent": (
        lambda of: drafting(of)["properties"].pop("title"),
        ".title is gone",
    ),
    "an answer": (lambda of: listing(of)["responses"].pop("200"), "answer 200 is gone"),
    "a media type": (
        lambda of: listing(of)["responses"]["200"]["content"].pop("application/json"),
        "application/json is gone",
    ),
    "a scope more": (
        lambda of: listing(of)["security"][0]["oauth2"].append("cycles:read"),
        "needs more than oauth2",
    ),
    "a webhook": (lambda of: of["webhooks"].pop("change"), "webhook change is gone"),
    "a field of an event": (
        lambda of: schema(of, "ChangeTold")["properties"].pop("sequence"),
        ".sequence is gone",
    ),
    "a header of an event": (
        lambda of: of["webhooks"]["change"]["post"]["parameters"].pop(0),
        "is gone",
    ),
    "an answer to an event": (
        lambda of: of["webhooks"]["change"]["post"]["responses"].pop("410"),
        "410 may not be answered",
    ),
    "more that has to be answered": (
        lambda of: (
            schema(of, "WebhookProof")["properties"].update(why={"type": "string"}),
            schema(of, "WebhookProof")["required"].append("why"),
        ),
        ".why is required",
    ),
    "a name of clients' functions": (
        lambda of: listing(of).update(operationId="scores"),
        "operationId",
    ),
}
ADDITIVE: dict[str, Change] = {
    "a path": lambda of: of["paths"].update({"/v1/news": {}}),
    "a field of an answer": lambda of: schema(of, SCORE)["properties"].update(
        note={"type": "string"}
    ),
    "a field that may be sent": lambda of: drafting(of)["properties"].update(
        note={"type": "string"}
    ),
    "a parameter that may be sent": lambda of: listing(of)["parameters"].append(
        {"in": "query", "name": "why", "required": False, "schema": {}}
    ),
    "a value of a list": lambda of: enum_of(of).append("dreamt"),
    "a higher limit": lambda of: listing(of)["parameters"][3]["schema"].update(
        maximum=9999
    ),
    "a refusal": lambda of: listing(of)["responses"].update({"418": {}}),
    "other words": lambda of: listing(of).update(description="Otherwise."),
}


@pytest.mark.parametrize("what", BREAKING)
def test_what_callers_would_run_into_is_found(what: str) -> None:
    change, said = BREAKING[what]
    found = changed(change)

    assert found
    assert all(said in each for each in found), found


@pytest.mark.parametrize("what", ADDITIVE)
def test_what_is_only_added_breaks_nobody(what: str) -> None:
    assert changed(ADDITIVE[what]) == []
