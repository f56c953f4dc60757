"""JSON as callers must write it, so that every reader of it reads the same.

The law: whatever the bytes, the answer is None or a refusal, in time linear in them.
RFC 8259 within the limits of I-JSON (RFC 7493), and 32 levels deep at most.
"""

import json
import math
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from service.errors import Fault, Malformed, Unprocessable

DEEPEST: Final = 32
CONTAINERS: Final = (dict, list)
LARGEST: Final = 2**53 - 1
"""Largest whole number that every reader of JSON keeps exactly."""

Place = tuple["Place", str | int] | None
"""Where a value stands: its container's place, and its name or index there."""


class NotJson(Malformed):
    """The body is not JSON."""

    slug = "not-json"


class TooDeep(Malformed):
    """The body nests objects and lists deeper than the service reads."""

    slug = "too-deep"


class RepeatedMember(Malformed):
    """An object in the body names the same member twice."""

    slug = "repeated-member"


class Unstorable(Unprocessable):
    """A text holds a character that cannot be stored."""

    slug = "unstorable-text"


class NumberTooLarge(Unprocessable):
    """A number is larger than every reader of JSON keeps exactly."""

    slug = "number-too-large"


def check_json(body: bytes) -> None:
    """Refuse a body that is not strict JSON, or holds what cannot be stored."""
    try:
        value = json.loads(
            body.decode(), object_pairs_hook=_members, parse_constant=_no_constant
        )
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # Neither UTF-8 nor JSON, or a number of 4,300 digits.
        raise NotJson("Send a JSON value, encoded in UTF-8.") from None
    _check_values(value)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise RepeatedMember("Name each member of an object once.")
    return members


def _no_constant(_: str) -> NoReturn:
    raise NotJson("NaN and Infinity are not JSON: send a number or null.")


def _too_deep() -> TooDeep:
    return TooDeep(f"Nest objects and lists at most {DEEPEST} deep.")


def _check_values(whole: object) -> None:
    """Walk without recursion: the input decides how deep it goes."""
    todo: list[tuple[Any, Place, int]] = [([whole], None, 0)]
    while todo:
        container, place, depth = todo.pop()
        if depth > DEEPEST:
            raise _too_deep()
        named = isinstance(container, dict)
        if named and not all(map(_is_storable, container)):
            raise _unstorable(place)
        for step, value in container.items() if named else enumerate(container):
            if isinstance(value, str):
                if not _is_storable(value):
                    raise _unstorable((place, step))
            elif isinstance(value, CONTAINERS):
                todo.append((value, (place, step), depth + 1))
            elif not _is_exact(value):
                raise _too_large((place, step))


def _is_storable(text: str) -> bool:
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()  # Half of a surrogate pair has no encoding.
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _unstorable(place: Place) -> Unstorable:
    fault = Fault(
        "It holds NUL or half of a surrogate pair: remove it.", pointer=_pointer(place)
    )
    return Unstorable("A text holds a character that cannot be stored.", faults=[fault])


def _is_exact(value: float | bool | None) -> bool:  # noqa: FBT001 - what JSON has
    if isinstance(value, float):
        return not math.isinf(value)
    return value is None or -LARGEST <= value <= LARGEST


def _too_large(place: Place) -> NumberTooLarge:
    fault = Fault(
        f"Beyond {LARGEST} either side of nought, whole numbers are written as text.",
        pointer=_pointer(place),
    )
    return NumberTooLarge("A number is too large to be kept exactly.", faults=[fault])


def _pointer(place: Place) -> str:
    steps: list[str | int] = []
    while place is not None:
        place, step = place
        steps.append(step)
    return pointer(steps[-2::-1])  # The last is the list that holds the whole.


def pointer(steps: Iterable[str | int]) -> str:
    """Write steps from the root as a JSON pointer (RFC 6901) in a URI fragment."""
    written = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "#" + "".join(f"/{step}" for step in written)
