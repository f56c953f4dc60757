"""Check files of rows against the service's public keys, with nothing but the two.

The law: a file is as it was served only if every row in it is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from service.hr.signing.signatures import Altered, check


class Unreadable(ValueError):
    """The file holds no rows that could be checked."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that is not as it was served."""

    row: str
    """Its id, if it has one."""
    place: int
    """Which row of the file it is, from 1."""
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in a file."""

    rows: int
    faults: Sequence[Fault]


def keys_from(text: str) -> dict[str, ECKey]:
    """Return the keys of a JWKS by their ids; those of another kind are left out."""
    try:
        found = _parsed(text)["keys"]
        mine = [each for each in found if each.get("kty") == "EC" and "kid" in each]
        return {each["kid"]: ECKey.import_key(each) for each in mine}
    except (JoseError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise Unreadable("It is no JWKS (RFC 7517).") from error


def verify(text: str, keys: Mapping[str, ECKey]) -> Report:
    """Check each row of JSON or NDJSON: a row, a list, a page, or changes of a feed.

    A change without a row, as of something deleted, has nothing to check.
    """
    count, faults = 0, []
    for row in _rows(text):
        count += 1
        try:
            check(row, keys)
        except Altered as why:
            faults.append(Fault(str(row.get("id", "?")), count, str(why)))
    if count == 0:
        raise Unreadable("It holds no rows.")
    return Report(count, faults)


def _rows(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        yield from _among(_parsed(text))
    except json.JSONDecodeError:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield from _among(_line(line, number))


def _parsed(text: str) -> Any:  # noqa: ANN401 - whatever JSON says
    return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that says a thing twice: who reads it may believe either."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("An object in it says the same thing twice.")
    return found


def _refuse(name: str) -> NoReturn:
    raise Unreadable(f"{name} is no number of JSON.")


def _line(line: str, number: int) -> Any:  # noqa: ANN401 - as above
    try:
        return _parsed(line)
    except json.JSONDecodeError as error:
        raise Unreadable(f"Line {number} is no JSON: {error.msg}.") from error


def _among(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - as above
    """Give the rows in a value, whatever they are wrapped in."""
    match value:
        case {"items": list(rows)}:
            yield from _among(rows)
        case {"data": dict(row), "sequence": _}:  # No number in a full pull.
            yield row
        case {"data": None, "sequence": _}:
            return
        case list():
            for each in value:
                yield from _among(each)
        case dict():
            yield value
        case _:
            raise Unreadable("A row is a JSON object.")
