from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import httpx
import pydantic
import pytest
from litestar.exceptions import ValidationException
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from service.edge import validation

ECHO = "zq7"
"""Stands for what a caller sent; no answer may hold it."""


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=2, max_length=4, pattern="^[a-z]+$")] = "abc"
    whole: Annotated[int, Field(ge=1, le=9)] = 1
    number: Annotated[Decimal, Field(gt=0, lt=1, decimal_places=2)] = Decimal("0.5")
    real: float = 0.5
    yes: bool = True
    day: date = date(2026, 3, 31)
    at: AwareDatetime | None = None
    id: UUID | None = None
    colour: Colour = Colour.RED
    word: Literal["a", "b"] = "a"
    many: Annotated[list[int], Field(min_length=1, max_length=2)] = [1]
    inner: dict[str, int] = {}
    own: str = ""

    @field_validator("own")
    @classmethod
    def _own(cls, value: str) -> str:
        if value:
            raise ValueError("Leave it empty.")
        return value


class Cause(Exception):
    """As Litestar carries pydantic's errors."""

    def __init__(self, errors: list[Any]) -> None:
        self.errors = errors


def told(body: dict[str, Any]) -> list[tuple[str, str | None]]:
    error = ValidationException("Validation failed")
    try:
        Everything.model_validate(body)
    except pydantic.ValidationError as found:
        error.__cause__ = Cause([*found.errors()])
    refusal = validation.refusal_of(error)
    return [(fault.detail, fault.pointer) for fault in refusal.faults]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("text", 1, "It should be text."),
        ("text", "a", "It should be 2 or more characters long."),
        ("text", f"{ECHO}{ECHO}", "It should be 4 or fewer characters long."),
        ("text", ECHO, "It should match ^[a-z]+$."),
        ("whole", ECHO, "It should be a whole number."),
        ("whole", 1.5, "It should be a whole number."),
        ("whole", 0, "It should be 1 or more."),
        ("whole", 10, "It should be 9 or less."),
        ("number", ECHO, "It should be a number."),
        ("number", 0, "It should be more than 0."),
        ("number", 1, "It should be less than 1."),
        ("number", "0.123", "It should have at most 2 decimal places."),
        ("real", ECHO, "It should be a number."),
        ("yes", ECHO, "It should be true or false."),
        ("day", ECHO, "It should be a date such as 2026-03-31."),
        ("at", ECHO, validation.MOMENT),
        ("at", "2026-03-31T12:00:00", validation.MOMENT),
        ("id", ECHO, "It should be a UUID."),
        ("colour", ECHO, "It should be 'red' or 'blue'."),
        ("word", ECHO, "It should be 'a' or 'b'."),
        ("many", ECHO, "It should be a list."),
        ("many", [], "It should have 1 or more entries."),
        ("many", [1, 2, 3], "It should have 2 or fewer entries."),
        ("inner", ECHO, "It should be an object."),
        ("own", ECHO, "Leave it empty."),
        ("other", ECHO, "It is not a known field: leave it out."),
    ],
)
def test_each_fault_is_a_sentence_that_repeats_nothing(
    field: str, value: object, sentence: str
) -> None:
    assert told({field: value}) == [(sentence, f"#/{field}")]


def test_pointers_follow_rfc_6901() -> None:
    assert told({"a/b~c": 1, "many": [1, ECHO]}) == [
        ("It should be a whole number.", "#/many/1"),
        ("It is not a known field: leave it out.", "#/a~1b~0c"),
    ]


def test_many_faults_are_told_in_part() -> None:
    faults = told({f"x{n}": 1 for n in range(200)})

    assert len(faults) == validation.MOST


def test_a_kind_of_error_that_is_new_to_us_repeats_nothing() -> None:
    error = ValidationException("Validation failed")
    kind = {"type": "union_tag_invalid", "loc": ("x",), "msg": f"Input tag '{ECHO}'"}
    error.__cause__ = Cause([kind])

    (fault,) = validation.refusal_of(error).faults

    assert (fault.detail, fault.pointer) == (validation.UNKNOWN, "#/x")


@pytest.mark.parametrize(
    ("query", "sentence", "parameter"),
    [
        ("limit=zq7", "It should be a whole number.", "limit"),
        ("limit=0", "It should be 1 or more.", "limit"),
        ("limit=5001", "It should be 5000 or less.", "limit"),
        ("since=zq7", validation.MOMENT, "since"),
        ("name=zq7zq7", "It should be 5 or fewer characters long.", "name"),
    ],
)
async def test_a_wrong_parameter_is_named(
    caller: httpx.AsyncClient, query: str, sentence: str, parameter: str
) -> None:
    response = await caller.get(f"/v1/things?{query}")

    assert response.status_code == 422
    assert response.json()["errors"] == [{"detail": sentence, "parameter": parameter}]
    assert ECHO not in response.text


async def test_a_missing_parameter_is_named(caller: httpx.AsyncClient) -> None:
    response = await caller.get(f"/v1/needs?other={ECHO}")

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"detail": "It is required.", "parameter": "cycle"}
    ]
    assert ECHO not in response.text


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (f"Invalid enum value '{ECHO}'", "It is not one of the values that"),
        ("Expected `str` matching regex '^[a-z]+$'", "It should match ^[a-z]+$."),
        ("Expected `int | null`, got `str`", "It should be a whole number."),
        ("Invalid UUID", "It should be a UUID."),
        (f"badly formed {ECHO}", validation.UNKNOWN),
    ],
)
def test_msgspecs_words_are_ours_before_they_go_out(
    message: str, sentence: str
) -> None:
    error = ValidationException("x", extra=[{"message": message, "key": "q"}])

    (fault,) = validation.refusal_of(error).faults

    assert fault.detail.startswith(sentence)
    assert ECHO not in fault.detail


async def test_a_body_is_checked_field_by_field(caller: httpx.AsyncClient) -> None:
    body = {"name": "", "shares": [{"organisation": "HMRC", "percent": 101}], "x": ECHO}

    response = await caller.post("/v1/things", json=body)

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"detail": "It should be 1 or more characters long.", "pointer": "#/name"},
        {"detail": "It should be 100 or less.", "pointer": "#/shares/0/percent"},
        {"detail": "It is not a known field: leave it out.", "pointer": "#/x"},
    ]
    assert ECHO not in response.text


async def test_no_body_at_all_is_required(caller: httpx.AsyncClient) -> None:
    response = await caller.post("/v1/things")

    assert response.status_code == 422
    assert response.json()["errors"] == [{"detail": "It is required.", "pointer": "#"}]
