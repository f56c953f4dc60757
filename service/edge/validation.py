"""What is wrong with a body or parameter, in plain sentences.

The law: a value that was sent is never repeated. Only sentences written here, limits
written in our schemas and the words of our own validators go out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from litestar.exceptions import ValidationException

from service.edge.strict_json import pointer
from service.errors import Fault, Unprocessable

MOST: Final = 50
"""Faults named in one answer; the rest show once these are mended."""
UNKNOWN: Final = "It is not valid: see what `/openapi.json` asks for."

EXACT: Final[Mapping[str, str]] = {
    "missing": "It is required.",
    "extra_forbidden": "It is not a known field: leave it out.",
    "string_too_short": "It should be {min_length} or more characters long.",
    "string_too_long": "It should be {max_length} or fewer characters long.",
    "string_pattern_mismatch": "It should match {pattern}.",
    "too_short": "It should have {min_length} or more entries.",
    "too_long": "It should have {max_length} or fewer entries.",
    "greater_than": "It should be more than {gt}.",
    "greater_than_equal": "It should be {ge} or more.",
    "less_than": "It should be less than {lt}.",
    "less_than_equal": "It should be {le} or less.",
    "multiple_of": "It should be a multiple of {multiple_of}.",
    "decimal_max_digits": "It should have at most {max_digits} digits.",
    "decimal_max_places": "It should have at most {decimal_places} decimal places.",
    "enum": "It should be {expected}.",
    "literal_error": "It should be {expected}.",
    "value_error": "{error}",
}
"""By pydantic's name of the error; what is in braces is from our own schema."""

NUMBER: Final = "It should be a number."
MOMENT: Final = "It should be a time with its offset, such as 2026-03-31T17:00:00Z."
FAMILIES: Final[Mapping[str, str]] = {
    "string": "It should be text.",
    "int": "It should be a whole number.",
    "float": NUMBER,
    "decimal": NUMBER,
    "finite": NUMBER,
    "bool": "It should be true or false.",
    "date": "It should be a date such as 2026-03-31.",
    "datetime": MOMENT,
    "timezone": MOMENT,
    "uuid": "It should be a UUID.",
    "list": "It should be a list.",
    "tuple": "It should be a list.",
    "set": "It should be a list.",
    "frozen": "It should be a list.",
    "dict": "It should be an object.",
    "model": "It should be an object.",
}
"""By the first word of pydantic's name of the error."""

TYPES: Final[Mapping[str, str]] = {
    "int": FAMILIES["int"],
    "float": NUMBER,
    "bool": FAMILIES["bool"],
    "str": FAMILIES["string"],
    "datetime": MOMENT,
    "date": FAMILIES["date"],
    "uuid": FAMILIES["uuid"],
}
"""By msgspec's name of the type a parameter should have."""
BOUNDS: Final[Mapping[str, str]] = {
    ">=": "It should be {} or more.",
    ">": "It should be more than {}.",
    "<=": "It should be {} or less.",
    "<": "It should be less than {}.",
}
LENGTHS: Final[Mapping[str, str]] = {
    ">=": "It should be {} or more characters long.",
    "<=": "It should be {} or fewer characters long.",
}
PARAMETERS: Final[Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]] = [
    (re.compile(r"'\w+'$"), lambda _: EXACT["missing"]),  # No body at all.
    (
        re.compile(r"Expected `(?:int|float)` (>=|>|<=|<) (-?[\d.]+)"),
        lambda found: BOUNDS[found[1]].format(found[2]),
    ),
    (
        re.compile(r"Expected `str` of length (>=|<=) (\d+)"),
        lambda found: LENGTHS[found[1]].format(found[2]),
    ),
    (
        re.compile(r"Expected `str` matching regex '(.+?)'(?: - at|$)"),
        lambda found: EXACT["string_pattern_mismatch"].format(pattern=found[1]),
    ),
    (
        re.compile(r"Expected `(\w+)(?: \| \w+)*`, got"),
        lambda found: TYPES.get(found[1].lower(), UNKNOWN),
    ),
    (
        re.compile(r"Invalid (?:RFC3339 encoded )?(datetime|date|UUID)"),
        lambda found: TYPES[found[1].lower()],
    ),
    (
        re.compile(r"Invalid enum value"),
        lambda _: "It is not one of the values that `/openapi.json` lists.",
    ),
]
"""How msgspec words what is wrong with a parameter, and how we do: its own words may
repeat the value."""
MISSING: Final = re.compile(r"Missing required \w+ parameter '([^']{1,100})'")


class Invalid(Unprocessable):
    """What was sent does not have the shape that is asked for."""

    slug = "invalid"


def refusal_of(error: ValidationException) -> Invalid:
    """Say for each field and parameter what is wrong with it."""
    faults = _faults_of(error)
    more = f", the first {MOST} of them" if len(faults) > MOST else ""
    return Invalid(
        f"Mend what `errors` lists{more}, and send it again.", faults=faults[:MOST]
    )


def _faults_of(error: ValidationException) -> list[Fault]:
    in_body = getattr(error.__cause__, "errors", None)
    if isinstance(in_body, list):
        return [
            Fault(_of_field(each), pointer=pointer(each["loc"])) for each in in_body
        ]
    if missing := MISSING.match(error.detail):
        return [Fault(EXACT["missing"], parameter=missing[1])]
    if isinstance(error.extra, list):
        return [_of_parameter(each) for each in error.extra]
    return [Fault(UNKNOWN)]


def _of_field(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    family = FAMILIES.get(kind.split("_", 1)[0], UNKNOWN)
    return EXACT.get(kind, family).format_map(error.get("ctx", {}))


def _of_parameter(error: Mapping[str, Any]) -> Fault:
    key, sentence = str(error.get("key", "")), _sentence(str(error["message"]))
    first, *rest = key.split(".")
    if first == "data":
        return Fault(sentence, pointer=pointer([*rest]))
    if error.get("source") == "body":
        return Fault(sentence, pointer=pointer([first, *rest]))
    return Fault(sentence, parameter=key or None)


def _sentence(message: str) -> str:
    for pattern, words in PARAMETERS:
        if found := pattern.match(message):
            return words(found)
    return UNKNOWN
