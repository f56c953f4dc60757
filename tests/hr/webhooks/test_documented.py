"""What the OpenAPI document says of events is what addresses are sent."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.changes.rules import Op, Stream
from service.hr.webhooks import proving, rules, sending
from service.hr.webhooks.rules import Event
from service.hr.webhooks.schemas import (
    MEDIA_TYPE,
    WebhookChallenge,
    WebhookEvent,
    WebhookProof,
)
from service.hr.webhooks.signing import headers, new_secret, proof
from tests.sources import ROOT

TOLD = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ISSUER = "https://joinedup.example"
EVENT = Event(
    id=UUID(int=1),
    organisation="hmt",
    stream=Stream.SCORES,
    sequence=7,
    type="score",
    entity=UUID(int=2),
    version=3,
    op=Op.UPSERT,
    at="2026-11-02T09:30:00.000000Z",
)


def operation(name: str) -> dict[str, Any]:
    found: dict[str, Any] = TOLD["webhooks"][name]["post"]
    return found


def schema(content: Mapping[str, Any], media_type: str) -> dict[str, Any]:
    name = content[media_type]["schema"]["$ref"].rpartition("/")[2]
    found: dict[str, Any] = TOLD["components"]["schemas"][name]
    return found


def names(told: Mapping[str, Any]) -> set[str]:
    """Return the fields of a schema, all of which are there always."""
    assert {*told["required"]} == {*told["properties"]}
    return {*told["required"]}


def inner(told: Mapping[str, Any]) -> set[str]:
    name = told["properties"]["data"]["$ref"].rpartition("/")[2]
    return names(TOLD["components"]["schemas"][name])


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("change", WebhookEvent.of(EVENT, ISSUER)),
        ("challenge", WebhookChallenge.of(uuid4(), uuid4(), "what", ISSUER, NOW)),
    ],
)
def test_an_event_has_the_fields_that_the_document_names(
    name: str, event: WebhookEvent | WebhookChallenge
) -> None:
    sent = json.loads(event.model_dump_json())
    told = schema(operation(name)["requestBody"]["content"], MEDIA_TYPE)
    assert (names(told), inner(told)) == ({*sent}, {*sent["data"]})


@pytest.mark.parametrize("name", ["change", "challenge"])
def test_it_comes_with_the_headers_that_the_document_names(name: str) -> None:
    told = {each["name"]: each for each in operation(name)["parameters"]}
    sent = headers(uuid4(), b"{}", [new_secret()], NOW)
    assert told.keys() == sent.keys()
    assert all(each["in"] == "header" and each["required"] for each in told.values())
    pattern = told["webhook-timestamp"]["schema"]["pattern"]
    assert re.search(pattern, sent["webhook-timestamp"])


def test_a_challenge_is_answered_as_the_document_says() -> None:
    answers = operation("challenge")["responses"]
    assert {*answers} == {str(proving.OK)}
    told = schema(answers["200"]["content"], "application/json")
    given = WebhookProof(proof=proof("what", new_secret()))
    assert names(told) == {*json.loads(given.model_dump_json())}


def test_the_document_says_which_answers_count_how() -> None:
    answers = {int(status) for status in operation("change")["responses"]}
    assert {status for status in answers if status in sending.SUCCESS} == {204}
    assert rules.GONE in answers
    assert f"{rules.ATTEMPTS} times" in str(operation("change")["responses"])
    assert f"{sending.SECONDS:.0f} seconds" in operation("change")["description"]
    assert f"{proving.SECONDS:.0f} seconds" in operation("challenge")["description"]


def test_receivers_are_no_routes_of_ours() -> None:
    assert {"/change", "/challenge"} & TOLD["paths"].keys() == set()
